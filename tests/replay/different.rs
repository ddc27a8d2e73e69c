//! Calls that look alike and are not the same.

use oncilla::message::SysCredential;

use crate::*;

/// Whether `second` is executed after `first`.
fn both_run(first: (Option<SocketAddr>, &[u8]), second: (Option<SocketAddr>, &[u8])) -> bool {
    let mut server = Server::<4, BYTES>::new();
    for (peer, message) in [first, second, first, second] {
        server.reply(peer, message, BYTES).expect("all of them are answered");
    }
    server.ledger.runs == 2
}

fn peer(address: &str) -> Option<SocketAddr> {
    Some(address.parse().unwrap())
}

#[test]
fn the_same_is_the_same() {
    let message = call(7, ADD, &[5]);
    assert!(!both_run((None, &message), (None, &message)));
    let peer = peer("10.0.0.1:700");
    assert!(!both_run((peer, &message), (peer, &message)));
}

#[test]
fn another_xid() {
    assert!(both_run((None, &call(7, ADD, &[5])), (None, &call(8, ADD, &[5]))));
}

#[test]
fn other_arguments() {
    // A client that started again, and uses its old numbers.
    assert!(both_run((None, &call(7, ADD, &[5])), (None, &call(7, ADD, &[6]))));
}

#[test]
fn another_procedure() {
    assert!(both_run((None, &call(7, ADD, &[5])), (None, &call(7, SUBTRACT, &[5]))));
}

#[test]
fn another_credential() {
    let id = ProcedureId { program: ledger::PROGRAM, version: ledger::VERSION, procedure: ADD };
    let user = |uid| {
        let credential = SysCredential::new(1, "host", uid, 0, &[]).unwrap();
        let header = CallHeader { xid: 7, id, credential: credential.as_auth(), verifier: OpaqueAuth::NONE };
        let mut message = vec![0; header.size()];
        header.write(&mut message).unwrap();
        [message, 5u32.to_be_bytes().to_vec()].concat()
    };
    assert!(both_run((None, &user(0)), (None, &user(1000))));
}

#[test]
fn another_peer() {
    let message = call(7, ADD, &[5]);
    let peers = [
        None,
        peer("10.0.0.1:700"),
        peer("10.0.0.2:700"),
        peer("10.0.0.1:701"),
        peer("0.0.0.0:0"),
        peer("[fe80::1]:700"),
        peer("[fe80::2]:700"),
        peer("[fe80::1]:701"),
        peer("[::]:0"),
    ];
    for first in 0..peers.len() {
        for second in 0..first {
            assert!(
                both_run((peers[first], &message), (peers[second], &message)),
                "{:?} is taken for {:?}",
                peers[second],
                peers[first]
            );
        }
    }
}

#[test]
fn two_tables_may_share_a_procedure_number() {
    // Not in the table, so nothing runs; but the refusal is the call's own.
    let mut server = Server::<4, BYTES>::new();
    assert_eq!(server.ask(&call(7, ADD, &[5])), success(7, &[5]));
    let other = |version| ProcedureId { program: ledger::PROGRAM, version, procedure: ADD };
    assert_eq!(server.ask(&call_of(7, other(2), &[5])), accepted(7, 2, &[1, 1]));
    let id = ProcedureId { program: ledger::PROGRAM + 1, version: 1, procedure: ADD };
    assert_eq!(server.ask(&call_of(7, id, &[5])), accepted(7, 1, &[]));
    assert_eq!(server.ask(&call(7, ADD, &[5])), success(7, &[5]));
    assert_eq!(server.ledger.runs, 1);
}
