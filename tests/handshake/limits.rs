//! A message that is too large for the peer is not sent.

use oncilla::message::{CALL_HEADER, SysCredential};

use crate::*;

/// Serves with a receive buffer for messages of at most `largest` bytes.
fn small(end: End<Serial>, largest: usize) -> u32 {
    let (rx, tx) = (vec![0; Serial::buffer(largest)], vec![0; Serial::buffer(TABLE.reply_max())]);
    let (mut link, mut state) = (Link::with_boot_number(end, rx, tx, SERVER), Ledger::default());
    serve(&mut link, &mut state);
    state.runs
}

#[test]
fn the_largest_call_of_a_peer_is_answered_and_a_larger_one_is_not_sent() {
    // The arguments are a length and data that are a multiple of four bytes. The header of such a call has four bytes.
    for largest in [48, 51, 52, 100] {
        let [a, b] = Line::QUICK.ends();
        let calls = |end: End<Serial>| {
            let mut client = client(introduced(Tap::new(end), CALLER), XID);
            // The first call opens the session.
            assert_eq!(add(&mut client, 0), Ok(0));
            let mut answered = 0;
            for length in (0..=100).step_by(4) {
                let sent = client.link().transport().sent.len();
                let size = 4 + 4 + length;
                match ledger::Client::new(&mut client).echo(&vec![0xff; length]) {
                    Ok(data) => {
                        assert!(data == vec![0xff; length] && size <= largest);
                        answered += 1;
                    }
                    Err(error) => {
                        assert_eq!(error, CallError::CallTooLarge { size, limit: largest });
                        assert!(size > largest, "{size}");
                        assert_eq!(client.link().transport().sent.len(), sent, "nothing is sent");
                    }
                }
            }
            answered
        };
        let (answered, runs) = both(a, b, calls, |end| small(end, largest));
        assert_eq!(runs, 1 + answered);
    }
}

#[test]
fn the_header_of_the_full_form_counts() {
    let [a, b] = Line::QUICK.ends();
    let calls = |end: End<Serial>| {
        let user = SysCredential::new(1, "host", 1000, 100, &[]).unwrap();
        let mut client = client(introduced(Tap::new(end), CALLER), XID).with_credential(user);
        let too_large = Err(CallError::CallTooLarge { size: CALL_HEADER + 24 + 4, limit: 50 });
        // The first call waits for the hello. Neither is sent.
        for _ in 0..2 {
            assert_eq!(ledger::Client::new(&mut client).add(0), too_large);
        }
        client.link().transport().kinds()
    };
    let (sent, runs) = both(a, b, calls, |end| small(end, 50));
    assert!(sent.iter().all(|kind| *kind == Kind::Hello), "{sent:?}");
    assert_eq!(runs, 0);
}

#[test]
fn a_too_large_one_way_call_is_not_sent() {
    let [a, b] = Line::QUICK.ends();
    let calls = |end: End<Serial>| {
        let mut client = client(introduced(end, CALLER), XID);
        assert_eq!(add(&mut client, 0), Ok(0));
        assert_eq!(client.link().peer().map(|peer| peer.largest), Some(44));
        assert_eq!(ledger::Client::new(&mut client).note(3), Ok(()));
        let mut client = client.with_credential(SysCredential::new(1, "", 0, 0, &[]).unwrap());
        let error = ledger::Client::new(&mut client).note(3);
        assert_eq!(error, Err(CallError::CallTooLarge { size: CALL_HEADER + 20 + 4, limit: 44 }));
    };
    assert_eq!(both(a, b, calls, |end| small(end, 44)).1, 2);
}

/// A server does not execute a call whose reply may not fit into the receive buffer of the client.
#[test]
fn a_procedure_whose_reply_the_client_cannot_receive_is_not_executed() {
    let [a, b] = Line::QUICK.ends();
    let calls = |end: End<Serial>| {
        let link = Link::with_boot_number(Tap::new(end), vec![0; Serial::buffer(60)], vec![0; 300], CALLER);
        let mut client = client(link, XID);
        assert_eq!(add(&mut client, 0), Ok(0));
        let refused = ledger::Client::new(&mut client).echo(&[1; 100]).map(<[u8]>::to_vec);
        assert_eq!(refused, Err(CallError::Refused(oncilla::Refusal::SystemError)));
        assert_eq!(add(&mut client, 0), Ok(0));
    };
    let (_, runs) = both(a, b, calls, |end| small(end, 200));
    assert_eq!(runs, 2);
}
