//! Locks (section B.4.2).

use oncilla_vxi11::interface::*;

use crate::bench::{Bench, open, read};

const WAIT: i32 = 1;

fn lock(bench: &mut Bench, connection: usize, lid: i32, flags: i32, lock_timeout: u32) -> Option<i32> {
    let call = bench.begin(18, &DeviceLockParms { lid, flags, lock_timeout });
    bench.ask::<DeviceError>(connection, &call).map(|done| done.error)
}

#[test]
fn a_lock_excludes_other_links_until_it_is_freed() {
    let mut bench = Bench::new();
    let [owner, other] = [bench.open(0), bench.open(1)];
    assert_eq!(bench.simple(0, 19, owner), 12);
    assert_eq!(lock(&mut bench, 0, owner, 0, 0), Some(0));
    // Rule B.6.72: also the owner gets error 11.
    assert_eq!(lock(&mut bench, 0, owner, WAIT, 1000), Some(11));
    assert_eq!(lock(&mut bench, 1, other, 0, 1000), Some(11));
    assert_eq!(bench.write(1, other, b"no"), (11, 0));
    assert_eq!(bench.read(1, &read(other, 4)), Some((11, 0, vec![])));
    for procedure in 14..=17 {
        assert_eq!(bench.generic(1, procedure, other), 11, "{procedure}");
        assert_eq!(bench.generic(0, procedure, owner), 0, "{procedure}");
    }
    assert_eq!(bench.simple(1, 19, other), 12);
    assert_eq!(bench.write(0, owner, b"yes"), (0, 3));
    assert_eq!(bench.simple(0, 19, owner), 0);
    assert_eq!(bench.write(1, other, b"yes"), (0, 3));
}

#[test]
fn a_call_waits_for_the_lock_and_others_do_not_wait_for_the_call() {
    let mut bench = Bench::new();
    let [owner, other] = [bench.open(0), bench.open(1)];
    assert_eq!(lock(&mut bench, 0, owner, 0, 0), Some(0));
    let write = DeviceWriteParms { lid: other, io_timeout: 100, lock_timeout: 50, flags: 8 | WAIT, data: b"text" };
    let call = bench.begin(11, &write);
    assert!(bench.ask::<DeviceWriteResp>(1, &call).is_none());
    bench.pass(49);
    assert!(bench.ask::<DeviceWriteResp>(1, &call).is_none());
    assert_eq!(bench.write(0, owner, b"mine"), (0, 4));
    assert_eq!(bench.simple(0, 19, owner), 0);
    let done: DeviceWriteResp = bench.ask(1, &call).unwrap();
    assert_eq!((done.error, done.size), (0, 4));
    assert_eq!(bench.server.instrument().content, b"minetext");
}

#[test]
fn a_wait_for_the_lock_ends_at_its_time_out() {
    let mut bench = Bench::new();
    let [owner, other] = [bench.open(0), bench.open(1)];
    assert_eq!(lock(&mut bench, 0, owner, 0, 0), Some(0));
    let call = bench.begin(18, &DeviceLockParms { lid: other, flags: WAIT, lock_timeout: 50 });
    assert!(bench.ask::<DeviceError>(1, &call).is_none());
    bench.pass(50);
    assert_eq!(bench.ask::<DeviceError>(1, &call).unwrap().error, 11);
    // Zero does not wait (rule B.4.3).
    assert_eq!(lock(&mut bench, 1, other, WAIT, 0), Some(11));
}

#[test]
fn the_time_for_the_instrument_begins_when_the_lock_is_free() {
    let mut bench = Bench::new();
    let [owner, other] = [bench.open(0), bench.open(1)];
    assert_eq!(lock(&mut bench, 0, owner, 0, 0), Some(0));
    let read = DeviceReadParms { flags: WAIT, lock_timeout: 1000, io_timeout: 100, ..read(other, 4) };
    let call = bench.begin(12, &read);
    assert_eq!(bench.ask_read(1, &call), None);
    bench.pass(900);
    assert_eq!(bench.simple(0, 19, owner), 0);
    assert_eq!(bench.ask_read(1, &call), None);
    // A lock that is taken now does not end the read, which is in progress.
    assert_eq!(lock(&mut bench, 0, owner, 0, 0), Some(0));
    bench.pass(99);
    assert_eq!(bench.ask_read(1, &call), None);
    bench.pass(1);
    assert_eq!(bench.ask_read(1, &call), Some((15, 0, vec![])));
}

#[test]
fn a_link_may_be_created_with_the_lock() {
    let mut bench = Bench::new();
    let created: CreateLinkResp = bench.call(0, 10, &open(true));
    assert_eq!(created.error, 0);
    // Without the wish to lock it, locks are ignored (rule B.6.6).
    let other = bench.open(1);
    assert_eq!(bench.write(1, other, b"no"), (11, 0));
    let call = bench.begin(10, &open(true));
    assert!(bench.ask::<CreateLinkResp>(2, &call).is_none());
    bench.pass(50);
    assert_eq!(bench.ask::<CreateLinkResp>(2, &call).unwrap().error, 11);
    assert_eq!(bench.server.open_links(), 2);
    let call = bench.begin(10, &open(true));
    assert!(bench.ask::<CreateLinkResp>(2, &call).is_none());
    assert_eq!(bench.simple(0, 23, created.lid), 0);
    assert_eq!(bench.ask::<CreateLinkResp>(2, &call).unwrap().error, 0);
}

#[test]
fn an_abort_ends_a_wait_for_the_lock() {
    let mut bench = Bench::new();
    let [owner, other] = [bench.open(0), bench.open(1)];
    assert_eq!(lock(&mut bench, 0, owner, 0, 0), Some(0));
    let call = bench.begin(18, &DeviceLockParms { lid: other, flags: WAIT, lock_timeout: 5000 });
    assert!(bench.ask::<DeviceError>(1, &call).is_none());
    assert_eq!(bench.abort(1, other), 0);
    assert_eq!(bench.ask::<DeviceError>(1, &call).unwrap().error, 23);
}
