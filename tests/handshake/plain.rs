//! Ends that know nothing of short headers, on either side.

use oncilla::framing::Cobs;
use oncilla::{CallsInFlight, Received, Transport};

use crate::*;

/// A line whose frames are cut by plain COBS.
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

/// Calls ten times; gives what was sent.
fn ten_calls(end: End<Serial>) -> Vec<Kind> {
    let mut client = client(introduced(Tap::new(end), CALLER), XID);
    for sum in 1..=10 {
        assert_eq!(add(&mut client, 1), Ok(sum));
    }
    assert_eq!(client.link().peer(), None);
    client.link().transport().kinds()
}

/// Four hellos, each before a call, and then no more.
fn greeted_four_times() -> Vec<Kind> {
    [[Kind::Hello, Kind::FullCall].repeat(4), vec![Kind::FullCall; 6]].concat()
}

#[test]
fn a_plain_server() {
    let [a, b] = Line::QUICK.ends();
    let serves = |end| {
        let mut state = Ledger::default();
        let mut link = Link::new(Plain(end), buffer(), buffer());
        serve(&mut link, &mut state);
        // It could not read the hellos.
        (state.runs, link.framing().dropped())
    };
    let (sent, served) = both(a, b, ten_calls, serves);
    assert_eq!(sent, greeted_four_times());
    assert_eq!(served, (10, 4));
}

#[test]
fn a_plain_server_in_the_place_of_one_that_took_short_calls() {
    let [a, b] = Line::QUICK.ends();
    let calls = |end: End<Serial>| {
        let mut client = client(introduced(Tap::new(end), CALLER), XID);
        client.set_timeout(Duration::from_millis(100));
        assert_eq!(add(&mut client, 1), Ok(1));
        assert_eq!(add(&mut client, 1), Ok(2));
        let timed_out = Err(CallError::TimedOut { after: Duration::from_millis(100), unframed: 0 });
        assert_eq!(add(&mut client, 1), timed_out);
        client.link().transport().sent.clear();
        for sum in 1..=10 {
            assert_eq!(add(&mut client, 1), Ok(sum));
        }
        client.link().transport().kinds()
    };
    let serves = |mut end: End<Serial>| {
        let (mut link, mut state) = (introduced(&mut end, SERVER), Ledger::default());
        for _ in 0..2 {
            assert_eq!(link.serve_next(&TABLE, &mut state, Time::NEVER), Ok(Served::Message));
        }
        serve(&mut Link::new(Plain(end), buffer(), buffer()), &mut Ledger::default());
    };
    assert_eq!(both(a, b, calls, serves).0, greeted_four_times());
}

#[test]
fn a_plain_server_in_the_place_of_one_that_took_short_calls_in_flight() {
    let [a, b] = Line::QUICK.ends();
    let calls = |end: End<Serial>| {
        let mut client = client(introduced(Tap::new(end), CALLER), XID);
        client.set_timeout(Duration::from_millis(100));
        let mut calls = CallsInFlight::<_, 2, { ledger::SLOT_MAX }>::new(client);
        let mut add = || {
            let ticket = ledger::start::add(&mut calls, 1)?;
            ledger::finish::add(&mut calls, ticket)
        };
        assert_eq!([add(), add()], [Ok(1), Ok(2)]);
        assert_eq!(add(), Err(CallError::TimedOut { after: Duration::from_millis(100), unframed: 0 }));
        assert_eq!([add(), add()], [Ok(1), Ok(2)]);
    };
    let serves = |mut end: End<Serial>| {
        let (mut link, mut state) = (introduced(&mut end, SERVER), Ledger::default());
        for _ in 0..2 {
            assert_eq!(link.serve_next(&TABLE, &mut state, Time::NEVER), Ok(Served::Message));
        }
        serve(&mut Link::new(Plain(end), buffer(), buffer()), &mut Ledger::default());
    };
    both(a, b, calls, serves);
}

#[test]
fn a_server_that_was_only_slow_is_called_in_the_short_form_again() {
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
    assert_eq!(sent, [Kind::FullCall, Kind::ShortCall, Kind::ShortCall]);
}

#[test]
fn a_server_that_says_nothing() {
    let [a, b] = Line::QUICK.ends();
    let serves = |end| {
        let mut state = Ledger::default();
        let mut link = Link::new(Tap::new(end), buffer(), buffer());
        serve(&mut link, &mut state);
        assert_eq!(link.peer(), None);
        link.transport().kinds()
    };
    let (sent, replied) = both(a, b, ten_calls, serves);
    assert_eq!(sent, greeted_four_times());
    assert_eq!(replied, [Kind::FullReply; 10]);
}

#[test]
fn plain_clients() {
    fn calls<T: Transport>(link: Link<T, Vec<u8>>)
    where
        T::Error: core::fmt::Debug + PartialEq,
    {
        let mut client = client(link, XID);
        for sum in 1..=10 {
            assert_eq!(add(&mut client, 1), Ok(sum));
        }
    }
    let replies = [vec![Kind::Hello], vec![Kind::FullReply; 10]].concat();
    let [a, b] = Line::QUICK.ends();
    let ((), (_, replied)) = both(a, b, |end| calls(Link::new(Plain(end), buffer(), buffer())), server);
    assert_eq!(replied, replies);
    let [a, b] = Line::QUICK.ends();
    let ((), (_, replied)) = both(a, b, |end| calls::<End<Serial>>(Link::new(end, buffer(), buffer())), server);
    assert_eq!(replied, replies);
}

#[test]
fn an_end_that_did_not_introduce_itself_is_not_served_in_the_short_form() {
    let [a, b] = Line::QUICK.ends::<Serial>();
    let (mut hand, mut link) = (b.by_hand(), introduced(Tap::new(a.by_hand()), SERVER));
    let mut state = Ledger::default();
    let call = [0x01, 0, 7, 0x77, 0, 0, 0, 5];
    let frame = frames::seal_in::<Serial>(oncilla::message::Form::Short, &call);
    for times in 1..=3 {
        hand.send(&frame, Time::NEVER).unwrap();
        let now = link.transport().now();
        assert_eq!(link.serve_next(&TABLE, &mut state, now.after(Duration::from_millis(5))), Ok(Served::TimeUp));
        // Its own hello at the beginning, and one for each.
        assert_eq!(link.transport().kinds(), vec![Kind::Hello; 1 + times]);
    }
    assert_eq!(state.runs, 0);
}
