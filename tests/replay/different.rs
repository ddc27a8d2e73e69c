//! Calls that resemble each other but are different calls.

use oncilla::message::SysCredential;

use crate::*;

/// Returns whether `second` is executed after `first`, with both kinds of caches.
fn both_run(first: (Option<SocketAddr>, &[u8]), second: (Option<SocketAddr>, &[u8])) -> bool {
    let both = shared_run(first, second);
    if first.0.is_none() && second.0.is_none() {
        assert_eq!(runs(Server::<4, BYTES>::new(), first, second), if both { 2 } else { 1 });
    }
    both
}

/// Returns whether `second` is executed after `first`, with a cache for many peers.
fn shared_run(first: (Option<SocketAddr>, &[u8]), second: (Option<SocketAddr>, &[u8])) -> bool {
    runs(SharedServer::<4, BYTES>::shared(), first, second) == 2
}

fn runs<R: Replay>(
    mut server: Serving<R>,
    first: (Option<SocketAddr>, &[u8]),
    second: (Option<SocketAddr>, &[u8]),
) -> u32 {
    for (peer, message) in [first, second, first, second] {
        server.reply(peer, message, BYTES).expect("all of them are answered");
    }
    server.ledger.runs
}

#[test]
fn equal_calls_are_one_call() {
    let message = call(7, ADD, &[5]);
    assert!(!both_run((None, &message), (None, &message)));
    let peer = peer("10.0.0.1:700");
    assert!(!both_run((peer, &message), (peer, &message)));
}

#[test]
fn another_xid_is_another_call() {
    assert!(both_run((None, &call(7, ADD, &[5])), (None, &call(8, ADD, &[5]))));
}

#[test]
fn other_arguments_are_another_call() {
    // A client that has restarted and uses the same xids.
    assert!(both_run((None, &call(7, ADD, &[5])), (None, &call(7, ADD, &[6]))));
}

#[test]
fn another_procedure_is_another_call() {
    assert!(both_run((None, &call(7, ADD, &[5])), (None, &call(7, SUBTRACT, &[5]))));
}

#[test]
fn another_credential_is_another_call() {
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
fn another_peer_is_another_call() {
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
        peer("[fe80::1%2]:701"),
        peer("[fe80::1%3]:701"),
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
fn an_ipv4_address_mapped_to_ipv6_is_the_same_peer() {
    let message = call(7, ADD, &[5]);
    assert!(!both_run((peer("10.0.0.1:700"), &message), (peer("[::ffff:10.0.0.1]:700"), &message)));
}

#[test]
fn addresses_with_equal_checksums_are_different_peers() {
    // The CRC-32 of the address, with the port exclusive-ored, is equal.
    let message = call(7, ADD, &[5]);
    assert!(shared_run((peer("127.0.0.1:700"), &message), (peer("127.1.150.49:30139"), &message)));
}

#[test]
fn calls_with_the_same_crc_are_different_for_many_peers() {
    // The second argument of `pay` is a free reference of the caller, by which the CRC can be set to any value.
    let id = ProcedureId { program: ledger::PROGRAM, version: ledger::VERSION, procedure: PAY };
    let pay = |amount, reference| call_of(7, id, &[amount, reference]);
    let small = pay(5, 0);
    let forged = forge(&small, |reference| pay(1_000_000, reference));
    let large = pay(1_000_000, forged);
    assert_eq!(crc32(&small), crc32(&large));
    let stranger = peer("10.0.0.1:700");
    assert!(shared_run((stranger, &small), (stranger, &large)));
}

/// CRC-32 as in Ethernet, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |register: u32, _| if register & 1 == 1 { register >> 1 ^ 0xedb8_8320 } else { register >> 1 };
    !bytes.iter().fold(!0, |register, byte| (0..8).fold(register ^ u32::from(*byte), step))
}

/// Returns the last word of a message that gives it the CRC of `like`.
fn forge(like: &[u8], message: impl Fn(u32) -> Vec<u8>) -> u32 {
    // A CRC is linear: each bit of the word changes it by its own number. Gaussian elimination finds the bits.
    let none = crc32(&message(0));
    let mut rows: Vec<(u32, u32)> = (0..32).map(|bit| (crc32(&message(1 << bit)) ^ none, 1 << bit)).collect();
    let (mut wanted, mut word) = (crc32(like) ^ none, 0);
    for bit in 0..32 {
        let pivot = rows.iter().position(|(change, _)| change >> bit & 1 == 1).expect("every CRC can be had");
        let (change, bits) = rows.swap_remove(pivot);
        for row in rows.iter_mut().filter(|(row, _)| row >> bit & 1 == 1) {
            *row = (row.0 ^ change, row.1 ^ bits);
        }
        if wanted >> bit & 1 == 1 {
            (wanted, word) = (wanted ^ change, word ^ bits);
        }
    }
    word
}

#[test]
fn a_cache_for_one_peer_refuses_peers_with_addresses() {
    let mut server = Server::<4, BYTES>::new();
    for address in ["10.0.0.1:700", "[fe80::1]:700"] {
        assert_eq!(server.reply(peer(address), &call(7, ADD, &[5]), BYTES), system_err(7));
        assert_eq!(server.ledger.runs, 0);
        assert_eq!(server.reply(peer(address), &call(7, TOTAL, &[]), BYTES), success(7, &[0]));
        server.ledger.runs = 0;
    }
    assert_eq!(server.ask(&call(7, ADD, &[5])), success(7, &[5]));
}

#[test]
fn refusals_do_not_depend_on_a_remembered_xid() {
    // The table does not have the procedure, so nothing runs. But each call has its own refusal.
    let mut server = Server::<4, BYTES>::new();
    assert_eq!(server.ask(&call(7, ADD, &[5])), success(7, &[5]));
    let other = |version| ProcedureId { program: ledger::PROGRAM, version, procedure: ADD };
    assert_eq!(server.ask(&call_of(7, other(2), &[5])), accepted(7, 2, &[1, 1]));
    let id = ProcedureId { program: ledger::PROGRAM + 1, version: 1, procedure: ADD };
    assert_eq!(server.ask(&call_of(7, id, &[5])), accepted(7, 1, &[]));
    assert_eq!(server.ask(&call(7, ADD, &[5])), success(7, &[5]));
    assert_eq!(server.ledger.runs, 1);
}
