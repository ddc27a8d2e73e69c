//! `device_write`, `device_read`, and aborting them.

use oncilla_vxi11::interface::*;

use crate::bench::{Bench, RECEIVE_MAX, read};

#[test]
fn a_message_comes_in_parts_and_goes_in_parts() {
    let mut bench = Bench::new();
    let lid = bench.open(0);
    let part = DeviceWriteParms { lid, io_timeout: 100, lock_timeout: 0, flags: 0, data: b"one " };
    assert_eq!(bench.call::<_, DeviceWriteResp>(0, 11, &part).size, 4);
    assert_eq!(bench.write(0, lid, b"two"), (0, 3));
    assert_eq!(bench.read(0, &read(lid, 5)), Some((0, 1, b"one t".to_vec())));
    // Both reasons: as many bytes as requested, and the end.
    assert_eq!(bench.read(0, &read(lid, 2)), Some((0, 5, b"wo".to_vec())));
}

#[test]
fn a_read_ends_at_its_character_and_leaves_the_rest() {
    let mut bench = Bench::new();
    let lid = bench.open(0);
    assert_eq!(bench.write(0, lid, b"1,2\xFF3"), (0, 5));
    let until = |term_char| DeviceReadParms { flags: 0x80, term_char, ..read(lid, 100) };
    assert_eq!(bench.read(0, &until(i32::from(b','))), Some((0, 2, b"1,".to_vec())));
    // Some clients send a character from 128 on as a negative number.
    assert_eq!(bench.read(0, &until(-1)), Some((0, 2, b"2\xFF".to_vec())));
    assert_eq!(bench.read(0, &until(0xFF)), Some((0, 4, b"3".to_vec())));
}

#[test]
fn a_read_of_nothing_is_complete() {
    let mut bench = Bench::new();
    let lid = bench.open(0);
    assert_eq!(bench.read(0, &read(lid, 0)), Some((0, 1, vec![])));
}

#[test]
fn a_full_reply_has_no_reason() {
    let mut bench = Bench::new();
    let lid = bench.open(0);
    let data: Vec<u8> = (0..=255).collect();
    bench.server.instrument().content = data.clone();
    bench.server.instrument().end = true;
    // The reply has 256 bytes, of which 36 are before the data.
    assert_eq!(bench.read(0, &read(lid, 1 << 24)), Some((0, 0, data[..220].to_vec())));
    assert_eq!(bench.read(0, &read(lid, 1 << 24)), Some((0, 4, data[220..].to_vec())));
}

#[test]
fn too_much_data_is_error_5_and_nothing_is_written() {
    let mut bench = Bench::new();
    let lid = bench.open(0);
    assert_eq!(bench.write(0, lid, &[b'x'; RECEIVE_MAX as usize + 1]), (5, 0));
    assert_eq!(bench.write(0, lid + 1, &[b'x'; RECEIVE_MAX as usize + 1]), (4, 0));
    assert_eq!(bench.server.instrument().content, b"");
    assert_eq!(bench.write(0, lid, &[b'x'; RECEIVE_MAX as usize]), (0, RECEIVE_MAX));
}

#[test]
fn a_read_waits_and_keeps_what_it_has() {
    let mut bench = Bench::new();
    let lid = bench.open(0);
    bench.write(0, lid, b"abcdef");
    bench.server.instrument().readable = 2;
    let call = bench.begin(12, &read(lid, 100));
    assert_eq!(bench.ask_read(0, &call), None);
    bench.server.instrument().readable = 1;
    bench.pass(50);
    assert_eq!(bench.ask_read(0, &call), None);
    bench.server.instrument().readable = 3;
    assert_eq!(bench.ask_read(0, &call), Some((0, 4, b"abcdef".to_vec())));
}

#[test]
fn a_read_without_a_response_is_error_15_with_what_came() {
    let mut bench = Bench::new();
    let lid = bench.open(0);
    bench.write(0, lid, b"abcdef");
    bench.server.instrument().readable = 5;
    let call = bench.begin(12, &read(lid, 100));
    assert_eq!(bench.ask_read(0, &call), None);
    bench.pass(100);
    assert_eq!(bench.ask_read(0, &call), Some((15, 0, b"abcde".to_vec())));
    assert_eq!(bench.server.instrument().notes, ["opened 0", "0: 15"]);
}

#[test]
fn a_write_waits_for_room_and_says_how_much_was_taken() {
    let mut bench = Bench::new();
    let lid = bench.open(0);
    bench.server.instrument().writable = 3;
    let write = DeviceWriteParms { lid, io_timeout: 100, lock_timeout: 0, flags: 8, data: b"abcdef" };
    let call = bench.begin(11, &write);
    assert!(bench.ask::<DeviceWriteResp>(0, &call).is_none());
    bench.server.instrument().writable = 2;
    assert!(bench.ask::<DeviceWriteResp>(0, &call).is_none());
    assert!(!bench.server.instrument().end);
    bench.pass(100);
    let done: DeviceWriteResp = bench.ask(0, &call).unwrap();
    assert_eq!((done.error, done.size), (15, 5));
    assert_eq!(bench.server.instrument().content, b"abcde");
}

#[test]
fn an_abort_ends_a_read_and_only_that() {
    let mut bench = Bench::new();
    let [lid, other] = [bench.open(0), bench.open(1)];
    bench.server.instrument().content = b"ab".to_vec();
    let call = bench.begin(12, &read(lid, 100));
    assert_eq!(bench.ask_read(0, &call), None);
    // Another link, another machine, and a link that does not exist.
    assert_eq!((bench.abort(1, other), bench.abort(1, lid), bench.abort(0, 77)), (0, 4, 4));
    assert_eq!(bench.ask_read(0, &call), None);
    assert_eq!(bench.abort(0, lid), 0);
    assert_eq!(bench.ask_read(0, &call), Some((23, 0, b"ab".to_vec())));
    // The next call is not affected.
    assert_eq!(bench.write(0, lid, b"text"), (0, 4));
    assert_eq!(bench.read(0, &read(lid, 100)), Some((0, 4, b"text".to_vec())));
    assert_eq!(bench.abort(0, lid), 0);
    assert_eq!(bench.write(0, lid, b"text"), (0, 4));
}

#[test]
fn a_write_of_nothing_asks_nothing_and_an_error_of_the_instrument_is_the_result() {
    let mut bench = Bench::new();
    let lid = bench.open(0);
    bench.server.instrument().broken = true;
    assert_eq!(bench.write(0, lid, b""), (0, 0));
    assert_eq!(bench.write(0, lid, b"x"), (17, 0));
}

#[test]
fn a_call_that_the_carrier_dropped_does_not_change_the_next() {
    let mut bench = Bench::new();
    let lid = bench.open(0);
    bench.server.instrument().content = b"abc".to_vec();
    assert_eq!(bench.read(0, &read(lid, 100)), None);
    bench.pass(99);
    let call = bench.begin(12, &read(lid, 100));
    assert_eq!(bench.ask_read(0, &call), None);
    // Its own time-out has begun with it, and its data begin with its own.
    bench.pass(99);
    assert_eq!(bench.ask_read(0, &call), None);
    bench.pass(1);
    assert_eq!(bench.ask_read(0, &call), Some((15, 0, vec![])));
}
