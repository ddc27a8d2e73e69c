//! Each host has a share of the slots, and no port of a host can replace the replies to the others.

use std::collections::HashMap;
use std::net::Ipv4Addr;

use oncilla::SharedReplayMemory;
use oncilla::message::{Form, Origin, shorten};
use proptest::prelude::*;

use crate::*;

/// Makes a call of `add`. Returns whether it was executed.
fn add<R: Replay>(server: &mut Serving<R>, peer: Option<SocketAddr>, xid: u32) -> bool {
    let runs = server.ledger.runs;
    server.reply(peer, &call(xid, ADD, &[1]), BYTES).unwrap();
    server.ledger.runs > runs
}

#[test]
fn a_host_with_many_calls_does_not_replace_the_replies_of_another() {
    let (known, stranger) = (peer("127.0.0.1:700"), peer("127.0.0.2:700"));
    let mut server = SharedServer::<4, BYTES>::shared();
    assert!(add(&mut server, known, 1));
    assert!(add(&mut server, known, 2));
    for xid in 0..100 {
        assert!(add(&mut server, stranger, xid));
        assert!(!add(&mut server, stranger, xid), "its last call is known");
    }
    assert!(!add(&mut server, known, 1));
    assert!(!add(&mut server, known, 2));
}

#[test]
fn a_host_with_many_ports_does_not_replace_the_replies_of_another() {
    let known = peer("127.0.0.1:700");
    let mut server = SharedServer::<4, BYTES>::shared();
    assert!(add(&mut server, known, 1));
    assert!(add(&mut server, known, 2));
    for port in 1..100 {
        assert!(add(&mut server, Some((Ipv4Addr::new(127, 0, 0, 2), port).into()), 1));
    }
    assert!(!add(&mut server, known, 1));
    assert!(!add(&mut server, known, 2));
}

#[test]
fn a_port_with_many_calls_does_not_replace_the_replies_of_another_port() {
    let (known, other) = (peer("127.0.0.1:700"), peer("127.0.0.1:701"));
    let mut server = SharedServer::<4, BYTES>::shared();
    assert!(add(&mut server, known, 1));
    assert!(add(&mut server, known, 2));
    for xid in 0..100 {
        assert!(add(&mut server, other, xid));
    }
    assert!(!add(&mut server, known, 1));
    assert!(!add(&mut server, known, 2));
}

#[test]
fn replies_to_closed_ports_leave_room_for_a_new_port() {
    let mut server = SharedServer::<8, BYTES>::shared();
    for port in 1..=20 {
        assert!(add(&mut server, peer(&format!("127.0.0.1:{port}")), 1));
    }
    let new = peer("127.0.0.1:700");
    for xid in 0..4 {
        assert!(add(&mut server, new, xid));
    }
    for xid in 0..4 {
        assert!(!add(&mut server, new, xid), "{xid} is known");
    }
}

#[test]
fn a_single_host_uses_all_slots() {
    let mut server = SharedServer::<4, BYTES>::shared();
    for xid in 0..40 {
        assert!(add(&mut server, peer("10.0.0.1:700"), xid));
        for known in xid.saturating_sub(3)..=xid {
            assert!(!add(&mut server, peer("10.0.0.1:700"), known), "{known} after {xid}");
        }
    }
}

#[test]
fn a_short_reply_is_removed_before_its_xid_repeats() {
    let mut server = SharedServer::<3, BYTES>::shared();
    let mut ask = |xid: u32, procedure, arguments: &[u32]| {
        let (mut message, mut reply) = ([0; 64], [0xee; BYTES]);
        let length = shorten(&call(xid % 65_536, procedure, arguments), &mut message).expect("it has a short form");
        let runs = server.ledger.runs;
        let form = Some(Form::Short);
        server
            .cache
            .answer(form, Origin::default(), &TABLE, &mut server.ledger, &message[..length], &mut reply)
            .unwrap();
        server.ledger.runs > runs
    };
    for round in 0..2 {
        assert!(ask(7, ADD, &[1]), "round {round}");
        for number in 0..65_535 {
            assert!(ask(8 + number, TOTAL, &[]));
            assert!(number > 32_000 || number % 4_000 != 0 || !ask(7, ADD, &[1]), "after {number} in round {round}");
        }
    }
}

/// A slow model of the documented rule: the stored replies, oldest first.
#[derive(Default)]
struct Model(Vec<(SocketAddr, u32)>);

impl Model {
    /// Makes a call. Returns whether it is executed.
    fn call(&mut self, slots: usize, peer: SocketAddr, xid: u32) -> bool {
        if self.0.contains(&(peer, xid)) {
            return false;
        }
        self.0.push((peer, xid));
        if self.0.len() > slots {
            let (mut hosts, mut ports) = (HashMap::new(), HashMap::new());
            for (peer, _) in &self.0 {
                *hosts.entry(peer.ip()).or_insert(0) += 1;
                *ports.entry(*peer).or_insert(0) += 1;
            }
            let most = |(peer, _): &(SocketAddr, u32)| (hosts[&peer.ip()], 2 * ports[peer] > hosts[&peer.ip()]);
            // The new reply, at the end, is never replaced by itself.
            let old = &self.0[..slots];
            let crowd = old.iter().map(most).max().unwrap();
            let gone = old.iter().position(|reply| most(reply) == crowd).unwrap();
            self.0.remove(gone);
        }
        true
    }
}

#[derive(Clone, Debug)]
enum Step {
    Call { host: u8, port: u16, xid: u32 },
    Forget,
}

fn step() -> impl Strategy<Value = Step> {
    let call = (prop_oneof![3 => 0..2u8, 1 => 0..7u8], 1..4u16, 0..5u32);
    let call = call.prop_map(|(host, port, xid)| Step::Call { host, port, xid });
    prop_oneof![100 => call, 1 => Just(Step::Forget)]
}

fn in_lockstep<const SLOTS: usize>(steps: &[Step]) {
    let mut bytes = vec![0xee; SLOTS * (BYTES + SharedReplayMemory::HEAD)];
    let cache = SharedReplayMemory::new(&mut bytes, BYTES, KEY).expect("there is room");
    assert_eq!(cache.slots(), SLOTS);
    let (mut lent, mut owned) = (Serving { ledger: Ledger::default(), cache }, SharedServer::<SLOTS, BYTES>::shared());
    let mut model = Model::default();
    for step in steps {
        let Step::Call { host, port, xid } = *step else {
            lent.cache.forget();
            owned.cache.forget();
            model.0.clear();
            continue;
        };
        let peer = SocketAddr::from((Ipv4Addr::new(10, 0, 0, host), port));
        let executed = model.call(SLOTS, peer, xid);
        assert_eq!(add(&mut owned, Some(peer), xid), executed, "{step:?}");
        assert_eq!(add(&mut lent, Some(peer), xid), executed, "{step:?}, in lent memory");
        // The caches know all calls that the model knows, with the same replies.
        for (peer, xid) in &model.0 {
            assert!(!add(&mut owned, Some(*peer), *xid), "{peer} {xid} after {step:?}");
        }
    }
}

proptest! {
    #[test]
    fn caches_remember_what_the_model_remembers(steps in prop::collection::vec(step(), 1..100)) {
        in_lockstep::<1>(&steps[..steps.len().min(20)]);
        in_lockstep::<3>(&steps);
        in_lockstep::<8>(&steps);
    }

    /// A host keeps its newest replies, as many as its share, whatever the others do.
    #[test]
    fn a_host_keeps_its_share(others in prop::collection::vec((1..4u8, 1..9u16, 0..50u32), 0..200), share in 1..=3u32) {
        // Twelve slots for four hosts.
        let mut server = SharedServer::<12, BYTES>::shared();
        let known = peer("10.0.0.0:700");
        for xid in 0..share {
            assert!(add(&mut server, known, xid));
        }
        for (host, port, xid) in others {
            add(&mut server, Some((Ipv4Addr::new(10, 0, 0, host), port).into()), xid);
        }
        for xid in 0..share {
            assert!(!add(&mut server, known, xid));
        }
    }
}

#[test]
fn too_little_memory_is_rejected() {
    let mut bytes = [0; 80];
    assert!(SharedReplayMemory::new(&mut bytes[..79], 32, KEY).is_none());
    assert!(SharedReplayMemory::new(&mut bytes, 31, KEY).is_none());
    assert!(SharedReplayMemory::new(&mut bytes, usize::MAX, KEY).is_none());
    assert_eq!(SharedReplayMemory::new(&mut bytes, 32, KEY).map(|memory| memory.slots()), Some(1));
}
