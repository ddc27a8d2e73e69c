//! An endpoint as a caller: what it has in common with a client.

use oncilla::framing::{Cobs, Record};
use oncilla::{LinkError, Refusal, Served, Time};

use crate::faults::line::End;
use crate::*;

/// Returns the result of `call` at one end, while the peer serves.
fn with_server<R: Send>(call: impl FnOnce(&mut Peer<End<Cobs>>) -> R + Send) -> R {
    let [a, b] = Line::QUICK.ends::<Cobs>();
    let calls = |end| call(&mut peer(end));
    both(a, b, calls, |end| peer(end).serve().unwrap()).0
}

#[test]
fn results_may_borrow_from_the_endpoint() {
    with_server(|peer| {
        let mut client = peer::Client::new(&mut *peer);
        let name: &str = client.name(2).unwrap();
        assert_eq!(name, "two");
        let echo: &[u8] = client.echo(&[5; 600]).unwrap();
        assert_eq!(echo, [5; 600]);
        assert_eq!(peer.state().served, 0);
    });
}

#[test]
fn programs_that_the_peer_does_not_have_are_refused() {
    oncilla::program! { mod other = 0x2000_0078, version 1 { fn f() = 1; } }
    with_server(|peer| {
        assert_eq!(other::Client::new(&mut *peer).f(), Err(CallError::Refused(Refusal::ProgramUnavailable)));
        assert_eq!(peer::Client::new(peer).null(), Ok(()));
    });
}

#[test]
fn arguments_over_their_bound_are_not_sent() {
    with_server(|peer| {
        assert!(matches!(peer::Client::new(&mut *peer).echo(&[5; 601]), Err(CallError::Arguments(_))));
        assert_eq!(double(peer, 3), Ok(6));
    });
}

#[test]
fn a_silent_peer_is_a_time_out() {
    let [a, b] = Line::QUICK.ends::<Record>();
    let _b = b.by_hand();
    let clock = a.clock();
    let mut peer = peer(a);
    assert_eq!(double(&mut peer, 3), Err(CallError::TimedOut { after: TIMEOUT, unframed: 0 }));
    assert_eq!(clock.now(), TIMEOUT.as_micros() as u64);
}

#[test]
fn a_peer_that_closed_the_link_is_an_error() {
    let [a, b] = Line::QUICK.ends::<Record>();
    drop(b);
    let mut peer = peer(a);
    assert_eq!(double(&mut peer, 3), Err(CallError::Closed));
    assert_eq!(peer.serve_next(Time::NEVER), Ok(Served::End));
}

#[test]
fn a_buffer_too_small_for_the_largest_reply_is_an_error_before_sending() {
    let [a, b] = Line::QUICK.ends::<Record>();
    let mut hand = hand::Hand::new(b.by_hand());
    let link = Link::new(a.by_hand(), vec![0; 1024], vec![0; 100]);
    let mut peer = Endpoint::new(link, &TABLE, State::default(), XID);
    let error = LinkError::BufferTooSmall { needed: TABLE.reply_max(), available: 96 };
    assert_eq!(peer::Client::new(&mut peer).double(3), Err(CallError::Link(error)));
    assert_eq!(peer.serve_next(Time::NEVER), Err(error));
    assert_eq!(hand.within(10_000), None);
}
