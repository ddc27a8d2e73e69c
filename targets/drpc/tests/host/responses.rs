//! What a client does with responses that are late, wrong, malformed or missing.

use crate::*;
use oncilla_drpc::Status;

/// A client, and a server that is the test.
fn pair() -> (Client, Raw, Folder) {
    let folder = Folder::new();
    let listener = Socket::new(Domain::UNIX, Type::SEQPACKET, None).unwrap();
    listener.bind(&SockAddr::unix(folder.socket()).unwrap()).unwrap();
    listener.listen(1).unwrap();
    let client = Client::connect(folder.socket(), MODULES).unwrap().timeout(PATIENCE);
    (client, Raw::of(listener.accept().unwrap().0), folder)
}

fn respond(peer: &mut Raw, sequence: i64, status: Status, body: &[u8]) {
    let response = Response { sequence, status, body };
    let mut message = vec![0; response.size()];
    response.write(&mut message).unwrap();
    peer.send(&message);
}

#[test]
fn calls_are_numbered_from_1() {
    let (mut client, mut peer, _folder) = pair();
    for sequence in 1..4 {
        respond(&mut peer, sequence, Status::SUCCESS, b"yes");
        assert_eq!(client.call_method(2, 202, b"body").unwrap().body, b"yes");
        let packet = peer.receive();
        assert_eq!(Call::parse(&packet), Ok(Call { module: 2, method: 202, sequence, body: b"body" }));
    }
}

#[test]
fn a_late_response_is_dropped() {
    let (client, mut peer, _folder) = pair();
    let mut client = client.timeout(Duration::from_millis(20));
    for _ in 0..2 {
        let error = client.call_method(2, 202, &[]).unwrap_err();
        assert!(matches!(error, Error::TimedOut { after } if after == Duration::from_millis(20)), "{error}");
    }
    let mut client = client.timeout(PATIENCE);
    respond(&mut peer, 1, Status::SUCCESS, b"late");
    respond(&mut peer, 2, Status::FAILURE, b"");
    respond(&mut peer, 3, Status::SUCCESS, b"in time");
    assert_eq!(client.call_method(2, 202, &[]).unwrap().body, b"in time");
    // Each call has one response: a second one is an error.
    respond(&mut peer, 2, Status::SUCCESS, b"again");
    let error = client.call_method(2, 202, &[]).unwrap_err();
    assert!(matches!(error, Error::Sequence { expected: 4, received: 2 }), "{error}");
}

#[test]
fn a_wrong_sequence_number_ends_the_connection() {
    for wrong in [0, 2, -2, i64::MAX] {
        let (mut client, mut peer, _folder) = pair();
        respond(&mut peer, wrong, Status::SUCCESS, b"");
        let error = client.call_method(2, 202, &[]).unwrap_err();
        assert!(matches!(error, Error::Sequence { expected: 1, received } if received == wrong), "{error}");
        respond(&mut peer, 2, Status::SUCCESS, b"");
        assert!(matches!(client.call_method(2, 202, &[]), Err(Error::Broken)));
    }
}

#[test]
fn minus_one_is_the_response_to_a_call_that_was_not_understood() {
    let (mut client, mut peer, _folder) = pair();
    respond(&mut peer, -1, Status::CALL_NOT_UNDERSTOOD, b"");
    let response = client.call_method(2, 202, &[]).unwrap();
    assert_eq!((response.sequence, response.status), (-1, Status::CALL_NOT_UNDERSTOOD));
    respond(&mut peer, 2, Status::SUCCESS, b"");
    assert_eq!(client.call_method(2, 202, &[]).unwrap().status, Status::SUCCESS);
}

#[test]
fn malformed_responses_and_the_end_are_errors() {
    type Expected = fn(&Error) -> bool;
    let cases: [(&[u8], Expected); 4] = [
        (b"\x1a\x05cut", |error| matches!(error, Error::Malformed)),
        (&[0; PACKET_MAX + 1], |error| matches!(error, Error::ResponseTooLarge { limit: PACKET_MAX, .. })),
        (&[0xff; 9], |error| matches!(error, Error::Malformed)),
        (&[], |error| matches!(error, Error::Closed)),
    ];
    for (packet, expected) in cases {
        let (mut client, mut peer, _folder) = pair();
        if packet.is_empty() {
            drop(peer);
        } else {
            peer.send(packet);
        }
        let error = client.call_method(2, 202, &[]).unwrap_err();
        assert!(expected(&error), "{error:?}");
        assert!(matches!(client.call_method(2, 202, &[]), Err(Error::Broken)));
    }
}

#[test]
fn a_submitted_call_has_results_without_bytes() {
    let (mut client, mut peer, _folder) = pair();
    respond(&mut peer, 1, Status::SUBMITTED, b"");
    counter::Client::new(&mut client).touch().unwrap();
    respond(&mut peer, 2, Status::SUBMITTED, b"");
    assert!(matches!(counter::Client::new(&mut client).add(1, 2), Err(oncilla::CallError::Results(_))));
}
