//! Which stored reply a new one replaces.

use crate::*;

fn add<const SLOTS: usize>(server: &mut Server<SLOTS, BYTES>, xid: u32) -> bool {
    let runs = server.ledger.runs;
    server.ask(&call(xid, ADD, &[1])).unwrap();
    server.ledger.runs > runs
}

fn oldest_first<const SLOTS: usize>() {
    let mut server = Server::<SLOTS, BYTES>::new();
    let slots = SLOTS as u32;
    for xid in 0..10 * slots {
        assert!(add(&mut server, xid), "{xid} is new");
        // The last ones are known, and repeating them changes nothing.
        for known in xid.saturating_sub(slots - 1)..=xid {
            assert!(!add(&mut server, known), "{known} is known after {xid}");
        }
    }
    // The one before them is not known.
    assert!(add(&mut server, 9 * slots - 1));
}

#[test]
fn a_new_reply_replaces_the_oldest() {
    oldest_first::<1>();
    oldest_first::<2>();
    oldest_first::<3>();
    oldest_first::<8>();
}

#[test]
fn repeating_a_reply_does_not_make_it_newer() {
    let mut server = Server::<2, BYTES>::new();
    assert!(add(&mut server, 1));
    assert!(add(&mut server, 2));
    assert!(!add(&mut server, 1));
    assert!(add(&mut server, 3));
    // 1 was replaced: the client that was answered last will probably not repeat it.
    assert!(!add(&mut server, 2));
    assert!(add(&mut server, 1));
}

#[test]
fn calls_without_execution_take_no_slot() {
    let mut server = Server::<1, BYTES>::new();
    assert!(add(&mut server, 1));
    let id = ProcedureId { program: ledger::PROGRAM, version: ledger::VERSION, procedure: 77 };
    for other in [call(2, TOTAL, &[]), call(3, 0, &[]), call_of(4, id, &[]), vec![0; 100]] {
        server.ask(&other);
    }
    assert!(!add(&mut server, 1));
}

#[test]
fn a_one_way_call_takes_a_slot() {
    let mut server = Server::<1, BYTES>::new();
    assert!(add(&mut server, 1));
    server.ask(&call(2, NOTE, &[1]));
    assert!(add(&mut server, 1));
}

#[test]
fn cache_sizes_are_as_documented() {
    // 8 on a 32-bit machine, and 20.
    let number = size_of::<usize>();
    assert_eq!(size_of::<ReplayCache<8, 88>>(), 8 * (88 + 12) + number.max(4) + number);
    assert_eq!(size_of::<SharedReplayCache<8, 88>>(), 8 * (88 + 48) + 20);
    assert_eq!(oncilla::ReplayMemory::HEAD, 12);
    assert_eq!(oncilla::SharedReplayMemory::HEAD, 48);
}
