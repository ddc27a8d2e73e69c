//! One-way calls (RFC 5531 §8).

use oncilla::{Table, answer};

oncilla::program! {
    mod journal = 0x2000_0099, version 1 {
        fn log(line: &str [..16]) = 1, oneway;
        fn lines() -> u32 = 2;
    }
}

#[derive(Default)]
struct Journal(u32);

impl journal::Service for Journal {
    fn log(&mut self, _: &str) {
        self.0 += 1;
    }
    fn lines(&mut self) -> u32 {
        self.0
    }
}

static TABLE: Table<Journal> = oncilla::table![journal::program()];

fn call(procedure: u8, arguments: &[u8]) -> Vec<u8> {
    let mut call = vec![0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 2, 0x20, 0, 0, 0x99, 0, 0, 0, 1, 0, 0, 0, procedure];
    call.extend([0; 16]);
    call.extend(arguments);
    call
}

#[test]
fn a_one_way_procedure_runs_and_is_not_answered() {
    let (mut journal, mut reply) = (Journal::default(), [0; 64]);
    assert_eq!(answer(&TABLE, &mut journal, &call(1, b"\0\0\0\x02hi\0\0"), &mut reply), None);
    assert_eq!(journal.0, 1);
    assert_eq!(answer(&TABLE, &mut journal, &call(2, &[]), &mut reply), Some(28));
    assert_eq!(reply[24..28], [0, 0, 0, 1]);
}

#[test]
fn garbage_to_a_one_way_procedure_is_not_answered_either() {
    let (mut journal, mut reply) = (Journal::default(), [0; 64]);
    assert_eq!(answer(&TABLE, &mut journal, &call(1, b"\0\0\0\x03hi"), &mut reply), None);
    assert_eq!(answer(&TABLE, &mut journal, &call(1, b"\0\0\0\x11aaaaaaaaaaaaaaaaa\0\0\0"), &mut reply), None);
    assert_eq!(journal.0, 0);
}
