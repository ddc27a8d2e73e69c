//! Records and COBS frames, sealed and received.

use oncilla::framing::{Cobs, Record, RecordAhead};

use crate::frames::{self, receive, seal};
use crate::vectors::Vectors;

const FIVE: [u8; 5] = [1, 2, 3, 4, 5];

fn null_call() -> &'static [u8] {
    Vectors::parse(include_str!("calls.txt")).take("null")
}

/// Checks that both readers of records find these messages in `bytes`.
fn found(bytes: &[u8], messages: &[&[u8]]) {
    assert_eq!(receive::<Record>(64, [bytes]), frames::messages(messages));
    assert_eq!(receive::<RecordAhead>(64, [bytes]), frames::messages(messages));
}

#[test]
fn records() {
    let mut v = Vectors::parse(include_str!("record.txt"));
    for (name, message) in [("one fragment", &FIVE[..]), ("empty", &[]), ("null call", null_call())] {
        let bytes = v.take(name);
        found(bytes, &[message]);
        assert_eq!(seal::<Record>(message), bytes, "{name}");
    }
    for name in ["two fragments", "fragments of one byte", "zero-length first", "zero-length amid", "zero-length last"]
    {
        found(v.take(name), &[&FIVE]);
    }
    found(v.take("two records"), &[&[1, 2], &[3, 4, 5]]);
    v.finish();
}

#[test]
fn cobs() {
    let mut v = Vectors::parse(include_str!("cobs.txt"));
    let different: Vec<u8> = (1..255).collect();
    for (name, message) in [
        ("empty", &[][..]),
        ("check string", b"123456789"),
        ("zeros", &[0; 4]),
        ("zero amid", &[0x11, 0x22, 0, 0x33]),
        ("250 ones", &[1; 250]),
        ("253 ones", &[1; 253]),
        ("254 different bytes", &different),
        ("null call", null_call()),
    ] {
        let bytes = v.take(name);
        let size = Cobs::buffer(message.len());
        assert_eq!(receive::<Cobs>(size, [bytes]), frames::messages([message]), "{name}");
        assert_eq!(seal::<Cobs>(message), bytes, "{name}");
    }
    let shorter = v.take("250 ones, shorter");
    assert_eq!(receive::<Cobs>(Cobs::buffer(250), [shorter]), frames::messages([[1; 250]]));
    v.finish();
}
