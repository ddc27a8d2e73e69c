//! Calls are nested one deep, however many are served while a call waits.

use oncilla::framing::{Cobs, Datagram, Record};

use crate::faults::line::End;
use crate::hand::{Hand, call, reply};
use crate::*;

const CALLS: u32 = 300;

#[test]
fn served_calls_do_not_grow_the_stack() {
    fn on<F: Sized + Carried>() {
        let [a, b] = Line::QUICK.ends::<F>();
        let calls = |end: End<F>| {
            let mut peer = peer(end);
            assert_eq!(double(&mut peer, 21), Ok(42));
            std::mem::take(&mut peer.state().frames)
        };
        let floods = |end| {
            let mut hand = Hand::<F>::new(end);
            hand.next();
            // All have arrived before the first is answered.
            for xid in 0..CALLS {
                hand.send(&call(xid, DOUBLE, &[xid]));
            }
            for xid in 0..CALLS {
                assert_eq!(hand.next(), reply(xid, &[2 * xid]));
            }
            hand.send(&reply(XID, &[42]));
        };
        let (frames, ()) = both(a, b, calls, floods);
        assert_eq!(frames.len(), CALLS as usize);
        assert!(frames.iter().all(|frame| *frame == frames[0]), "procedures ran at different depths");
    }
    on::<Cobs>();
    on::<Datagram>();
    on::<Record>();
}

#[test]
fn served_calls_do_not_grow_the_stack_when_both_endpoints_wait() {
    fn on<F: Sized + Carried>() {
        let [a, b] = Line::QUICK.ends::<F>();
        // Each procedure takes as long as a call, so that there is always a call to serve.
        let run = |end: End<F>| {
            let slow = Some((end.clock(), 2_000));
            let mut peer = peer_at(end);
            peer.state().slow = slow;
            for value in 0..CALLS {
                assert_eq!(double(&mut peer, value), Ok(2 * value));
            }
            let waiting = std::mem::take(&mut peer.state().frames);
            peer.serve().unwrap();
            (waiting, peer.state().served)
        };
        for (waiting, served) in <[_; 2]>::from(both(a, b, run, run)) {
            assert_eq!(served, CALLS);
            // All but a few were served while a call waited.
            assert!(waiting.len() > CALLS as usize - 10, "{} were served while waiting", waiting.len());
            assert!(waiting.iter().all(|frame| *frame == waiting[0]), "procedures ran at different depths");
        }
    }
    on::<Cobs>();
    on::<Datagram>();
    on::<Record>();
}
