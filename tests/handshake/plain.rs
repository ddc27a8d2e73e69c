//! A peer without a boot number, as client or as server.

use oncilla::framing::Cobs;
use oncilla::{CallsInFlight, Received, Transport};

use crate::*;

/// A line with plain COBS.
struct Plain(End<Serial>);

impl Transport for Plain {
    type Error = &'static str;
    type Framing = Cobs;

    fn now(&mut self) -> Time {
        self.0.now()
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> Result<Received, Self::Error> {
        self.0.receive(into, deadline)
    }

    fn send(&mut self, frame: &[u8], deadline: Time) -> Result<usize, Self::Error> {
        self.0.send(frame, deadline)
    }
}

/// Calls ten times. Returns the kinds of the sent frames.
fn ten_calls(end: End<Serial>) -> Vec<Kind> {
    ten_calls_of(end, CALLER)
}

fn ten_calls_of(end: End<Serial>, boot: u32) -> Vec<Kind> {
    let mut client = client(introduced(Tap::new(end), boot), XID);
    for sum in 1..=10 {
        assert_eq!(add(&mut client, 1), Ok(sum));
    }
    assert_eq!(client.link().peer(), None);
    client.link().transport().kinds()
}

/// Four hellos before the first call, and none after.
fn four_hellos_then_calls() -> Vec<Kind> {
    [vec![Kind::Hello; 4], vec![Kind::PlainCall; 10]].concat()
}

#[test]
fn a_server_with_cobs_is_called_after_four_hellos() {
    let [a, b] = Line::QUICK.ends();
    let serves = |end| {
        let mut state = Ledger::default();
        let mut link = Link::new(Plain(end), buffer(), buffer());
        serve(&mut link, &mut state);
        // It could not read the hellos.
        (state.runs, link.framing().dropped())
    };
    let (sent, served) = both(a, b, ten_calls, serves);
    assert_eq!(sent, four_hellos_then_calls());
    assert_eq!(served, (10, 4));
}

/// Serves two calls with a boot number, then restarts without one. Returns how many calls are executed after that.
fn replaced(mut end: End<Serial>) -> u32 {
    let (mut link, mut state) = (introduced(&mut end, SERVER), Ledger::default());
    while state.runs < 2 {
        link.serve_next(&TABLE, &mut state, Time::NEVER).unwrap();
    }
    let mut since = Ledger::default();
    serve(&mut Link::new(Plain(end), buffer(), buffer()), &mut since);
    since.runs
}

/// Plain calls have no mark, so a delayed one could be executed by the wrong server.
#[test]
fn a_replaced_server_without_a_boot_number_is_called_by_a_new_link_only() {
    let [a, b] = Line::QUICK.ends();
    let calls = |mut end: End<Serial>| {
        let mut client = client(introduced(Tap::new(&mut end), CALLER), XID);
        assert_eq!([add(&mut client, 1), add(&mut client, 1)], [Ok(1), Ok(2)]);
        client.link().transport().sent.clear();
        let after = Duration::from_millis(100);
        client.set_timeout(after);
        for _ in 0..3 {
            assert_eq!(add(&mut client, 1), Err(CallError::TimedOut { after, unframed: 0 }));
        }
        let sent = client.link().transport().kinds();
        assert!(sent.iter().all(|kind| [Kind::Hello, Kind::ShortCall].contains(kind)), "{sent:?}");
        drop(client);
        ten_calls_of(end, CALLER + 1);
    };
    assert_eq!(both(a, b, calls, replaced).1, 10);
}

#[test]
fn calls_in_flight_to_a_replaced_server_time_out() {
    let [a, b] = Line::QUICK.ends();
    let calls = |end: End<Serial>| {
        let mut client = client(introduced(end, CALLER), XID);
        let after = Duration::from_millis(100);
        client.set_timeout(after);
        let mut calls = CallsInFlight::<_, 2, { ledger::SLOT_MAX }>::new(client);
        let mut add = || {
            let ticket = ledger::start::add(&mut calls, 1)?;
            ledger::finish::add(&mut calls, ticket)
        };
        assert_eq!([add(), add()], [Ok(1), Ok(2)]);
        assert_eq!(
            [add(), add()],
            [Err(CallError::TimedOut { after, unframed: 0 }), Err(CallError::TimedOut { after, unframed: 0 })]
        );
    };
    assert_eq!(both(a, b, calls, replaced).1, 0);
}

/// In a session, only messages with the mark of the peer are executed.
#[test]
fn a_replaced_client_without_a_boot_number_is_not_served() {
    let [a, b] = Line::QUICK.ends();
    let calls = |mut end: End<Serial>| {
        assert_eq!(add(&mut client(introduced(&mut end, CALLER), XID), 1), Ok(1));
        let mut plain = client(Link::new(end, buffer(), buffer()), XID);
        let after = Duration::from_millis(100);
        plain.set_timeout(after);
        assert_eq!(add(&mut plain, 1), Err(CallError::TimedOut { after, unframed: 0 }));
    };
    let ((), (state, _)) = both(a, b, calls, server);
    assert_eq!(state.runs, 1);
}

#[test]
fn calls_in_flight_to_a_server_without_a_boot_number_succeed() {
    let [a, b] = Line::QUICK.ends();
    let calls = |end: End<Serial>| {
        let client = client(introduced(Tap::new(end), CALLER), XID);
        let mut calls = CallsInFlight::<_, 3, { ledger::SLOT_MAX }>::new(client);
        for round in 0..5 {
            let tickets = [1, 2, 3].map(|_| ledger::start::add(&mut calls, 1).unwrap());
            let sums = tickets.map(|ticket| ledger::finish::add(&mut calls, ticket).unwrap());
            assert_eq!(sums, [1, 2, 3].map(|sum| 3 * round + sum));
        }
        calls.caller().link().transport().kinds()
    };
    let serves = |end| {
        let mut state = Ledger::default();
        serve(&mut Link::new(Plain(end), buffer(), buffer()), &mut state);
        state.runs
    };
    let (sent, runs) = both(a, b, calls, serves);
    assert_eq!((sent, runs), ([vec![Kind::Hello; 4], vec![Kind::PlainCall; 15]].concat(), 15));
}

#[test]
fn a_slow_server_is_called_in_the_short_form_again() {
    let [a, b] = Line::QUICK.ends();
    let calls = |end: End<Serial>| {
        let mut client = client(introduced(Tap::new(end), CALLER), XID);
        assert_eq!(add(&mut client, 1), Ok(1));
        client.set_timeout(Duration::from_millis(100));
        client.set_retry(Retry::NEVER);
        assert_eq!(add(&mut client, 1), Err(CallError::TimedOut { after: Duration::from_millis(100), unframed: 0 }));
        client.set_timeout(TIMEOUT);
        client.link().transport().sent.clear();
        for sum in 3..=5 {
            assert_eq!(add(&mut client, 1), Ok(sum));
        }
        client.link().transport().kinds()
    };
    let serves = |end: End<Serial>| {
        let (clock, mut link, mut state) = (end.clock(), introduced(end, SERVER), Ledger::default());
        link.serve_next(&TABLE, &mut state, Time::NEVER).unwrap();
        clock.pass(500_000);
        assert_eq!(serve(&mut link, &mut state), 0, "nobody restarted");
    };
    let sent = both(a, b, calls, serves).0;
    let sent: Vec<_> = sent.into_iter().filter(|kind| *kind != Kind::Hello).collect();
    assert_eq!(sent, [Kind::ShortCall; 3]);
}

#[test]
fn a_server_without_a_boot_number_is_called_after_four_hellos() {
    let [a, b] = Line::QUICK.ends();
    let serves = |end| {
        let mut state = Ledger::default();
        let mut link = Link::new(Tap::new(end), buffer(), buffer());
        serve(&mut link, &mut state);
        assert_eq!(link.peer(), None);
        link.transport().kinds()
    };
    let (sent, replied) = both(a, b, ten_calls, serves);
    assert_eq!(sent, four_hellos_then_calls());
    assert_eq!(replied, [Kind::PlainReply; 10]);
}

#[test]
fn clients_without_a_boot_number_are_served() {
    fn calls<T: Transport>(link: Link<T, Vec<u8>>)
    where
        T::Error: core::fmt::Debug + PartialEq,
    {
        let mut client = client(link, XID);
        for sum in 1..=10 {
            assert_eq!(add(&mut client, 1), Ok(sum));
        }
    }
    // A hello at the start, and one after each of the first calls, because the client may not have received it.
    let replies = [[Kind::Hello, Kind::PlainReply].repeat(4), vec![Kind::PlainReply; 6]].concat();
    let [a, b] = Line::QUICK.ends();
    let ((), (_, replied)) = both(a, b, |end| calls(Link::new(Plain(end), buffer(), buffer())), server);
    assert_eq!(replied, replies);
    let [a, b] = Line::QUICK.ends();
    let ((), (_, replied)) = both(a, b, |end| calls::<End<Serial>>(Link::new(end, buffer(), buffer())), server);
    assert_eq!(replied, replies);
}

#[test]
fn short_calls_without_a_session_are_not_served() {
    let [a, b] = Line::QUICK.ends::<Serial>();
    let (mut hand, mut link) = (b.by_hand(), introduced(Tap::new(a.by_hand()), SERVER));
    let mut state = Ledger::default();
    let call = [0x01, 0, 7, 0x77, 0, 0, 0, 5];
    let frame = frames::seal_in::<Serial>(oncilla::message::Form::Short, &call);
    for times in 1..=3 {
        hand.send(&frame, Time::NEVER).unwrap();
        let now = link.transport().now();
        assert_eq!(link.serve_next(&TABLE, &mut state, now.after(Duration::from_millis(5))), Ok(Served::TimeUp));
        // One hello at the start, and one for each call.
        assert_eq!(link.transport().kinds(), vec![Kind::Hello; 1 + times]);
    }
    assert_eq!(state.runs, 0);
}
