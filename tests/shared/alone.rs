//! One thread alone has what a plain client has.

use std::io::Write;
use std::net::TcpStream;
use std::sync::mpsc;
use std::time::Duration;

use oncilla::xdr::EncodeError;
use oncilla::{CallError, Caller, ProcedureId, Refusal};
use oncilla_host::{Connector, Error};

use crate::sockets::*;
use crate::{patient, played};

#[test]
fn calls_of_every_size_return_their_results() {
    let served = Served::new(|server| server.call_max(probe::CALL_MAX));
    let mut probe =
        probe::Client::new(patient(Connector::new().buffer(DATA_MAX + 1024).shared_tcp(served.address).unwrap()));
    probe.null().unwrap();
    let data: Vec<u8> = (0..DATA_MAX).map(|i| (i ^ i >> 8) as u8).collect();
    for length in [0, 1, 2, 3, 4, 5, 460, 464, 468, 1000, 65_536, DATA_MAX - 1, DATA_MAX] {
        assert!(probe.echo(&data[..length]).unwrap() == &data[..length], "{length} bytes");
    }
    assert_eq!(probe.divide(7, 0).unwrap(), Err(33));
}

#[test]
fn every_refusal_reaches_the_client_and_does_no_harm() {
    let served = Served::new(|server| server);
    let mut client = patient(Connector::new().shared_tcp(served.address).unwrap());
    let known = procedure(2);
    let cases = [
        (ProcedureId { program: 1, ..known }, Refusal::ProgramUnavailable),
        (ProcedureId { version: 4, ..known }, Refusal::ProgramMismatch { low: 3, high: 3 }),
        (ProcedureId { procedure: 6, ..known }, Refusal::ProcedureUnavailable),
        // Without its arguments.
        (known, Refusal::GarbageArguments),
    ];
    for (id, refusal) in cases {
        let refused = client.call(id, |_| Ok(()), |_| Ok(()));
        assert!(matches!(refused, Err(CallError::Refused(given)) if given == refusal), "{refused:?}");
        assert_eq!(probe::Client::new(&mut client).add(2, 2).unwrap(), 4);
    }
}

#[test]
fn a_call_larger_than_the_buffer_is_not_sent() {
    let served = Served::new(|server| server);
    let shared = patient(Connector::new().buffer(1000).shared_tcp(served.address).unwrap());
    let mut probe = probe::Client::new(shared);
    // 4 bytes of framing, 40 of header, 4 of length.
    assert_eq!(probe.echo(&[1; 952]).unwrap(), [1; 952]);
    let large = probe.echo(&[1; 953]).map(<[u8]>::len);
    assert!(matches!(large, Err(CallError::Arguments(EncodeError::NoRoom { .. }))), "{large:?}");
    assert_eq!(probe.add(2, 2).unwrap(), 4);
    drop(probe);
    assert_eq!(served.stop().calls, 2);
}

#[test]
fn a_time_out_of_zero_sends_and_receives_once() {
    let (done, wait) = mpsc::channel::<()>();
    let script = move |mut server: TcpStream| {
        let first = read_record(&mut server).unwrap();
        server.write_all(&record(&reply(xid(&first), &[0, 0, 0, 1]))).unwrap();
        done.send(()).unwrap();
        let second = read_record(&mut server).unwrap();
        server.write_all(&record(&reply(xid(&second), &[0, 0, 0, 2]))).unwrap();
    };
    played(script, |mut client| {
        client.set_timeout(Duration::ZERO);
        let sent = probe::Client::new(&mut client).count();
        assert!(matches!(sent, Err(CallError::TimedOut { .. }) | Ok(1)), "{sent:?}");
        wait.recv().unwrap();
        client.wait_for_ever();
        assert_eq!(probe::Client::new(&mut client).count().unwrap(), 2);
    });
}

#[test]
fn an_absent_server_is_an_error_of_the_connection() {
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert!(matches!(Connector::new().shared_tcp(address), Err(Error::Connect { .. })));
}
