//! Calls by clients, in both kinds of packets.

use crate::*;
use oncilla::{CallError, Caller, Refusal, Writer};
use oncilla_drpc::Status;

fn each(test: impl Fn(&Serving, &dyn Fn() -> Client)) {
    for packets in [Packets::Whole, Packets::Chunked] {
        let serving = Serving::start(|server| server.packets(packets).message_max(2 * LARGE_MAX));
        test(&serving, &|| serving.client().packets(packets, 2 * LARGE_MAX));
    }
}

#[test]
fn generated_clients_call() {
    each(|_, client| {
        let mut client = client();
        let mut counter = counter::Client::new(&mut client);
        for number in 0..100 {
            assert_eq!(counter.add(number, 1).unwrap(), number + 1);
        }
        counter.null().unwrap();
        counter.touch().unwrap();
        counter.note(7).unwrap();
    });
}

#[test]
fn refusals_are_reported_and_the_next_call_works() {
    each(|_, client| {
        let mut client = client();
        for (module, method, body, status) in [
            (9, 901, &[][..], Status::UNKNOWN_MODULE),
            (2, 299, &[], Status::UNKNOWN_METHOD),
            (2, 201, &[0, 0, 0, 1], Status::BODY_NOT_UNDERSTOOD),
            (7, 3, &[], Status::FAILURE),
            (2, 204, &[0, 0, 0, 1], Status::SUBMITTED),
        ] {
            let response = client.call_method(module, method, body).unwrap();
            assert_eq!((response.status, response.body), (status, &[][..]), "{module}.{method}");
            assert_eq!(client.call_method(7, 1, b"next").unwrap().body, b"next");
        }
    });
}

#[test]
fn a_caller_reports_refusals_as_over_onc_rpc() {
    each(|_, client| {
        let mut client = client();
        let mut call = |program, procedure, arguments: &[u8]| {
            let id = oncilla::ProcedureId { program, version: 1, procedure };
            let write = |writer: &mut Writer<'_>| writer.append(arguments);
            client.call(id, write, |_| Ok(()))
        };
        let refused = |refusal| Err(CallError::Refused(refusal));
        let same = |result: Result<(), CallError<std::io::Error>>, expected: Result<(), CallError<std::io::Error>>| {
            assert_eq!(format!("{result:?}"), format!("{expected:?}"));
        };
        same(call(counter::PROGRAM, 202, &[]), Ok(()));
        // Nothing is sent of a program that is no module.
        same(call(1, 1, &[]), refused(Refusal::ProgramUnavailable));
        same(call(counter::PROGRAM, 299, &[]), refused(Refusal::ProcedureUnavailable));
        same(call(counter::PROGRAM, 201, &[1]), refused(Refusal::GarbageArguments));
        same(call(0x2000_0007, 3, &[]), refused(Refusal::SystemError));
        same(call(counter::PROGRAM, 202, &[]), Ok(()));
    });
}

#[test]
fn bodies_of_64_kib_and_of_a_whole_packet() {
    each(|_, client| {
        let mut client = client();
        for length in [0, 1, 1 << 16, ECHO_MAX] {
            let body: Vec<u8> = (0..length).map(|index| index as u8).collect();
            let response = client.call_method(7, 1, &body).unwrap();
            assert_eq!(response.status, Status::SUCCESS);
            assert!(response.body == body, "{length} bytes");
        }
    });
}

#[test]
fn chunked_messages_take_several_packets() {
    let serving = Serving::start(|server| server.packets(Packets::Chunked).message_max(LARGE_MAX + 100));
    let mut client = serving.client().packets(Packets::Chunked, LARGE_MAX + 100);
    for length in [PACKET_MAX - 24, PACKET_MAX, 3 * PACKET_MAX + 5, LARGE_MAX] {
        let body: Vec<u8> = (0..length).map(|index| (index / 7) as u8).collect();
        let response = client.call_method(7, 2, &body).unwrap();
        assert_eq!(response.status, Status::SUCCESS);
        assert!(response.body == body, "{length} bytes");
    }
    // Over the limit nothing is sent, and the connection stays.
    let error = client.call_method(7, 2, &vec![0; LARGE_MAX + 100]).unwrap_err();
    assert!(matches!(error, Error::TooLarge { limit, .. } if limit == LARGE_MAX + 100), "{error}");
    assert_eq!(client.call_method(7, 2, b"next").unwrap().body, b"next");
}

#[test]
fn clients_call_side_by_side() {
    let serving = Serving::start(|server| server);
    thread::scope(|scope| {
        for start in 0..4 {
            let mut client = serving.client();
            scope.spawn(move || {
                let mut counter = counter::Client::new(&mut client);
                for number in 0..200 {
                    assert_eq!(counter.add(start, number).unwrap(), start + number);
                    counter.note(1).unwrap();
                }
            });
        }
    });
    assert_eq!(serving.stop().noted, 800);
}

#[test]
fn the_example_runs() {
    pools::main().unwrap();
}
