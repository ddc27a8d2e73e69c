//! Every kind of reply, and what the call returns.

use oncilla::framing::{Cobs, Datagram, Framing, Record, RecordAhead, Serial};
use oncilla::message::AuthStatus;
use oncilla::xdr::{DecodeError, Fault};
use oncilla::{CallError, Refusal};

use crate::script::{Event, Script, at, framed, now};
use crate::*;

/// What `add(1, 2)` returns for this reply.
fn added(reply: Vec<u8>) -> Result<i32, Error> {
    let result = add(&mut client(Script::<Record>::new([now::<Record>(std::slice::from_ref(&reply))])), 1, 2);
    // Every framing and reader must return the same.
    assert_eq!(
        add(&mut client(Script::<RecordAhead>::new([now::<RecordAhead>(std::slice::from_ref(&reply))])), 1, 2),
        result
    );
    assert_eq!(add(&mut client(Script::<Cobs>::new([now::<Cobs>(std::slice::from_ref(&reply))])), 1, 2), result);
    assert_eq!(add(&mut client(Script::<Datagram>::new([now::<Datagram>(&[reply])])), 1, 2), result);
    result
}

#[test]
fn results_are_returned() {
    assert_eq!(added(sum(XID, 3)), Ok(3));
    // A verifier is ignored.
    let verified = [words(&[XID, 1, 0, 6, 5]), vec![1, 2, 3, 4, 5, 0, 0, 0], words(&[0, 9])].concat();
    assert_eq!(added(verified), Ok(9));
}

#[test]
fn calls_are_encoded_as_the_standard_requires() {
    fn check<F: Framing>() {
        let mut client =
            client(Script::<F>::new([sum(XID, 3), sum(XID + 1, 4), success(0, &[])].map(|reply| now::<F>(&[reply]))));
        assert_eq!(add(&mut client, 1, -2), Ok(3));
        assert_eq!(add(&mut client, 5, 6), Ok(4));
        assert_eq!(counter::Client::new(&mut client).null(), Ok(()));
        let call = |xid, procedure, arguments: &[u32]| {
            framed::<F>(&[words(&[xid, 0, 2, counter::PROGRAM, 1, procedure, 0, 0, 0, 0]), words(arguments)].concat())
        };
        let minus_two = u32::MAX - 1;
        // The xid after the highest is 0.
        let calls = [call(XID, 1, &[1, minus_two]), call(XID + 1, 1, &[5, 6]), call(0, 0, &[])];
        assert_eq!(client.link().transport().sent, calls);
    }
    check::<Record>();
    check::<RecordAhead>();
    check::<Cobs>();
    check::<Datagram>();
}

#[test]
fn results_of_every_type_are_returned() {
    let replies = [
        success(XID, b"\0\0\0\x04hall"),
        success(XID + 1, b"\0\0\0\x03\x01\x02\x03\0"),
        success(0, &words(&[0, 1])),
        success(1, &words(&[1, 77])),
        success(2, &[]),
    ];
    let mut client = client(Script::<Record>::new([now::<Record>(&replies)]));
    let mut counter = counter::Client::new(&mut client);
    assert_eq!(counter.name(), Ok("hall"));
    assert_eq!(counter.echo(&[9]), Ok(&[1, 2, 3][..]));
    assert_eq!(counter.level(heapless::Vec::new()), Ok(Ok(true)));
    assert_eq!(counter.level(heapless::Vec::new()), Ok(Err(77)));
    assert_eq!(counter.reset(), Ok(()));
}

#[test]
fn every_refusal_is_returned_with_its_numbers() {
    let accepted = |status: &[u32]| added([words(&[XID, 1, 0, 0, 0]), words(status)].concat());
    let denied = |why: &[u32]| added([words(&[XID, 1, 1]), words(why)].concat());
    let refused = |refusal| Err(CallError::Refused(refusal));
    assert_eq!(accepted(&[1]), refused(Refusal::ProgramUnavailable));
    assert_eq!(accepted(&[2, 3, 9]), refused(Refusal::ProgramMismatch { low: 3, high: 9 }));
    assert_eq!(accepted(&[3]), refused(Refusal::ProcedureUnavailable));
    assert_eq!(accepted(&[4]), refused(Refusal::GarbageArguments));
    assert_eq!(accepted(&[5]), refused(Refusal::SystemError));
    assert_eq!(denied(&[0, 4, 5]), refused(Refusal::RpcMismatch { low: 4, high: 5 }));
    for status in [0, 1, 2, 3, 4, 5, 6, 7, 13, 14, u32::MAX] {
        assert_eq!(denied(&[1, status]), refused(Refusal::Authentication(AuthStatus(status))));
    }
}

#[test]
fn results_that_do_not_match_the_interface_are_errors() {
    let results = |bytes: &[u8], fault, offset| {
        let error = DecodeError { fault, offset, value: None };
        assert_eq!(added(success(XID, bytes)), Err(CallError::Results(error)), "{bytes:?}");
    };
    results(&[], Fault::End, 0);
    results(&[0, 0, 0], Fault::End, 0);
    results(&[0; 5], Fault::LeftOver, 4);
    results(&[0; 8], Fault::LeftOver, 4);

    let name = |bytes: &[u8]| {
        let mut client = client(Script::<Record>::new([now::<Record>(&[success(XID, bytes)])]));
        counter::Client::new(&mut client).name().map(str::to_owned)
    };
    let fault = |fault, offset, value| Err(CallError::Results(DecodeError { fault, offset, value }));
    assert_eq!(name(b"\0\0\0\x02a\xff\0\0"), fault(Fault::Text, 0, None));
    assert_eq!(name(&[&[0, 0, 0, 16][..], &[b'x'; 16]].concat()), Ok("x".repeat(16)));
    // The bound comes from the interface.
    assert_eq!(name(&[&[0, 0, 0, 20][..], &[b'x'; 20]].concat()), fault(Fault::Bound, 0, Some(20)));
}

#[test]
fn malformed_headers_are_errors() {
    let header = |rest: &[u32], fault, offset| {
        let reply = [words(&[XID, 1]), words(rest)].concat();
        let error = DecodeError { fault, offset, value: None };
        assert_eq!(added(reply), Err(CallError::Reply(error)), "{rest:?}");
    };
    header(&[2], Fault::Variant, 8);
    header(&[0, 0, 0, 6], Fault::Variant, 20);
    header(&[0, 0, 0, u32::MAX], Fault::Variant, 20);
    header(&[1, 2], Fault::Variant, 12);
    // A verifier that is too long, missing, or padded with other bytes than 0.
    header(&[&[0, 0, 404][..], &[0; 110]].concat(), Fault::Bound, 16);
    header(&[&[0, 0, 401][..], &[0x0101_0101; 102]].concat(), Fault::Bound, 16);
    header(&[0, 0, u32::MAX, 0, 0], Fault::Length, 16);
    header(&[0, 0, 2, 0x0101_0001, 0], Fault::Padding, 22);
}

#[test]
fn headers_cut_short_are_errors() {
    for whole in [
        words(&[XID, 1, 0, 0, 0, 0]),
        words(&[XID, 1, 0, 0, 0, 2, 1, 2]),
        words(&[XID, 1, 0, 9, 4, 7, 0]),
        words(&[XID, 1, 1, 0, 2, 2]),
        words(&[XID, 1, 1, 1, 3]),
    ] {
        for length in 8..whole.len() {
            let result = added(whole[..length].to_vec());
            let cut = matches!(
                result,
                Err(CallError::Reply(DecodeError { fault: Fault::End | Fault::Length, offset, .. })) if offset <= length
            );
            assert!(cut, "{length} bytes of {whole:?}: {result:?}");
        }
        // Without a whole xid and message type, it is the reply to no call.
        for length in 1..8 {
            assert_eq!(added(whole[..length].to_vec()), Err(CallError::TimedOut { after: TIMEOUT, unframed: 0 }));
        }
    }
}

#[test]
fn a_reply_larger_than_the_buffer_is_an_error() {
    let large = success(XID, &[0; 300]);
    for size in [100, 200, large.len() - 1] {
        let events = [now::<Record>(&[large.clone(), sum(XID + 1, 7)])];
        let mut client = client_with(Script::<Record>::new(events), size);
        assert_eq!(add(&mut client, 1, 2), Err(CallError::ReplyTooLarge { size: 324 }));
        // The link works afterwards.
        assert_eq!(add(&mut client, 3, 4), Ok(7));
    }
    let events = [now::<RecordAhead>(&[large, sum(XID + 1, 7)])];
    let mut client = client_with(Script::<RecordAhead>::new(events), 100);
    assert_eq!(add(&mut client, 1, 2), Err(CallError::ReplyTooLarge { size: 324 }));
    assert_eq!(add(&mut client, 3, 4), Ok(7));
}

/// On a serial line the buffer is filled in pieces. The large reply contains zeros or none; the call is not
/// retransmitted.
#[test]
fn a_reply_larger_than_the_buffer_is_an_error_on_a_serial_line() {
    fn check<F: Framing>() {
        for (byte, size) in [(0, 300), (7, 300), (7, 2000)] {
            let large = success(XID, &vec![byte; size]);
            for rx in [40, 100, 200, 300] {
                let events = [now::<F>(std::slice::from_ref(&large)), now::<F>(&[sum(XID + 1, 7)])];
                let mut client = client_with(Script::<F>::new(events), rx);
                client.set_retry(oncilla::Retry::DEFAULT);
                assert_eq!(
                    add(&mut client, 1, 2),
                    Err(CallError::ReplyTooLarge { size: 24 + size as u32 }),
                    "in {rx} bytes"
                );
                assert_eq!(client.link().transport().sent.len(), 1);
                assert_eq!(add(&mut client, 3, 4), Ok(7));
            }
        }
    }
    check::<Cobs>();
    check::<Serial>();
}

/// Only a reply to this call ends it: not noise, not other replies, not calls.
#[test]
fn other_messages_larger_than_the_buffer_do_not_end_a_call() {
    let others = [
        framed::<Cobs>(&success(XID - 1, &[0; 300])),
        framed::<Cobs>(&[words(&[XID, 0, 2]), vec![0; 300]].concat()),
        [&[0][..], &[7; 300], &[0]].concat(),
    ];
    for other in others {
        let events = [Event::Bytes(0, other), now::<Cobs>(&[sum(XID, 3)])];
        assert_eq!(add(&mut client_with(Script::<Cobs>::new(events), 100), 1, 2), Ok(3));
    }
}

#[test]
fn noise_on_a_serial_line_does_not_end_a_call() {
    fn check<F: Framing>() {
        let reply = framed::<F>(&sum(XID, 3));
        let (first, second) = reply.split_at(9);
        // The first error hits no byte of the reply, the second is within it.
        let events =
            [Event::Fails(10), Event::Bytes(20, first.to_vec()), Event::Fails(30), Event::Bytes(40, second.to_vec())];
        let mut client = client(Script::<F>::new(events));
        assert_eq!(add(&mut client, 1, 2), Ok(3));
        assert_eq!(client.link().noise(), 2);
        // A call whose reply is lost is retransmitted, and a call times out in time.
        let events = [Event::Fails(10), Event::Fails(500_000), at::<F>(510_000, &[sum(XID, 3)])];
        let mut client = client_with(Script::<F>::new(events), 600);
        client.set_retry(oncilla::Retry::every(TIMEOUT / 4));
        assert_eq!(add(&mut client, 1, 2), Ok(3));
        let mut late = client_with(Script::<F>::new([Event::Fails(10), Event::Fails(999_999)]), 600);
        assert_eq!(add(&mut late, 1, 2), Err(CallError::TimedOut { after: TIMEOUT, unframed: 0 }));
    }
    check::<Cobs>();
    check::<Serial>();
}

#[test]
fn a_driver_that_always_fails_ends_a_call() {
    let mut client = client(Script::<Cobs>::new((0..300).map(|_| Event::Fails(0))));
    client.wait_for_ever();
    assert_eq!(add(&mut client, 1, 2), Err(CallError::Link(oncilla::LinkError::Transport("parity"))));
    assert_eq!((client.link().noise(), client.link().transport().events.len()), (250, 49));
}

#[test]
fn errors_of_the_transport_end_a_call() {
    let mut failing = client(Script::<Record>::new([Event::Fails(10), now::<Record>(&[sum(XID + 1, 7)])]));
    assert_eq!(add(&mut failing, 1, 2), Err(CallError::Link(oncilla::LinkError::Transport("parity"))));
    assert_eq!(add(&mut failing, 3, 4), Ok(7));

    let mut closed = client(Script::<Record>::new([Event::End(10)]));
    assert_eq!(add(&mut closed, 1, 2), Err(CallError::Closed));
    assert_eq!(add(&mut closed, 1, 2), Err(CallError::Closed));
}
