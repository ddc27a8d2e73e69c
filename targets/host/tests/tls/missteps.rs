//! What a client must not do (RFC 9289 §4), and what our server answers.

use std::io::Write;

use oncilla::message::{AUTH_SYS, AuthStatus, CallHeader, OpaqueAuth, Reply};
use oncilla::{ProcedureId, Refusal};
use oncilla_host::Server;

use super::*;
use crate::peer::{Peer, Settings};
use crate::sockets::*;

const TLS: OpaqueAuth<'static> = OpaqueAuth { flavor: 7, body: &[] };

fn message(id: ProcedureId, credential: OpaqueAuth<'_>, verifier: OpaqueAuth<'_>) -> Vec<u8> {
    let mut message = vec![0; 200];
    let length = CallHeader { xid: 5, id, credential, verifier }.write(&mut message).unwrap();
    message.truncate(length);
    message
}

fn ask(stream: &mut (impl std::io::Read + Write), message: &[u8]) -> Result<(), Refusal> {
    stream.write_all(&record(message)).unwrap();
    Reply::parse(&read_record(stream).unwrap()).unwrap().outcome.map(|_| ())
}

fn refused(status: AuthStatus) -> Result<(), Refusal> {
    Err(Refusal::Authentication(status))
}

#[test]
fn plain_calls_are_too_weak_where_tls_is_required() {
    let (served, log) = serve_with_log(settings());
    let mut stream = served.raw();
    for number in 0..10 {
        assert_eq!(ask(&mut stream, &call(5, procedure(number), &[])), refused(AuthStatus::TOO_WEAK), "{number}");
    }
    let sys = OpaqueAuth { flavor: AUTH_SYS, body: &[0; 20] };
    assert_eq!(ask(&mut stream, &message(procedure(4), sys, OpaqueAuth::NONE)), refused(AuthStatus::TOO_WEAK));
    wait_for(&log, "refused with AUTH_ERROR");
    assert_eq!(served.stop().calls, 0);
}

#[test]
fn datagrams_are_too_weak_and_unix_sockets_are_not() {
    let folder = certificates::Files::new(&[]);
    let path = folder.path().join("socket");
    let server = Server::new().unwrap().udp("127.0.0.1:0").unwrap().unix(&path).unwrap().tls(settings());
    let address = server.udp_addresses()[0];
    let _served = Served::on(server);
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket.send_to(&call(5, procedure(4), &[]), address).unwrap();
    let mut reply = [0; 64];
    let length = socket.recv(&mut reply).unwrap();
    assert_eq!(Reply::parse(&reply[..length]).unwrap().outcome, Err(Refusal::Authentication(AuthStatus::TOO_WEAK)));
    let mut unix = std::os::unix::net::UnixStream::connect(&path).unwrap();
    unix.set_read_timeout(Some(PATIENCE)).unwrap();
    check_alive(&mut unix);
    // TLS is not offered there.
    let probed = message(procedure(0), TLS, OpaqueAuth::NONE);
    assert_eq!(ask(&mut unix, &probed), refused(AuthStatus::REJECTED_CREDENTIAL));
    check_alive(&mut unix);
}

#[test]
fn a_server_without_a_certificate_does_not_start_tls() {
    let served = Served::new(|server| server);
    let mut stream = served.raw();
    let probed = message(procedure(0), TLS, OpaqueAuth::NONE);
    assert_eq!(ask(&mut stream, &probed), refused(AuthStatus::REJECTED_CREDENTIAL));
    check_alive(&mut stream);
    let Err(error) = oncilla_host::Connector::new().tls(served.address, "plant.example", &trusting()) else {
        panic!("connected")
    };
    let error = error.to_string();
    assert!(
        error.contains("does not offer TLS: it answered the question for TLS with AUTH_ERROR, as servers"),
        "{error}"
    );
    assert!(error.ends_with("configure it for TLS, or call it without TLS"), "{error}");
}

#[test]
fn auth_tls_is_for_null_only_and_empty() {
    let served = serve(settings());
    let mut stream = served.raw();
    let bad = refused(AuthStatus::BAD_CREDENTIAL);
    for number in 1..6 {
        assert_eq!(ask(&mut stream, &message(procedure(number), TLS, OpaqueAuth::NONE)), bad, "{number}");
    }
    let body = OpaqueAuth { flavor: 7, body: b"body" };
    assert_eq!(ask(&mut stream, &message(procedure(0), body, OpaqueAuth::NONE)), bad);
    for verifier in [OpaqueAuth { flavor: 7, body: &[] }, OpaqueAuth { flavor: 0, body: b"STARTTLS" }] {
        assert_eq!(ask(&mut stream, &message(procedure(0), TLS, verifier)), refused(AuthStatus::BAD_VERIFIER));
    }
    let longer = [message(procedure(0), TLS, OpaqueAuth::NONE), vec![0; 4]].concat();
    assert_eq!(ask(&mut stream, &longer), Err(Refusal::GarbageArguments));
    // None of these has begun TLS: a call in the clear is still read as such.
    assert_eq!(ask(&mut stream, &call(5, procedure(0), &[])), refused(AuthStatus::TOO_WEAK));
    assert_eq!(served.stop().calls, 0);
}

#[test]
fn the_probe_may_name_any_program() {
    let served = serve(settings());
    for program in [100_000, 5] {
        let id = ProcedureId { program, version: 77, procedure: 0 };
        assert_eq!(ask(&mut served.raw(), &message(id, TLS, OpaqueAuth::NONE)), Ok(()));
        let mut client = oncilla_host::Connector::new()
            .tls(served.address, "plant.example", &trusting().probe_by(program, 77))
            .unwrap();
        assert_eq!(probe::Client::new(&mut client).add(2, 3).unwrap(), 5);
    }
}

#[test]
fn auth_tls_inside_tls_is_refused_and_the_session_goes_on() {
    let served = serve(settings());
    let inside = hex(&message(procedure(0), TLS, OpaqueAuth::NONE));
    let add = hex(&call(6, procedure(2), &[0, 0, 0, 2, 0, 0, 0, 3]));
    let lines =
        Peer::call(served.address, Settings::client(), &format!("probe tls call={inside} read call={add} read"))
            .lines();
    // Denied, AUTH_ERROR, AUTH_BADCRED.
    assert_eq!(lines[2], "00000005000000010000000100000001".to_owned() + "00000001");
    assert_eq!(lines[3], hex(&reply(6, &[0, 0, 0, 5])));
}

#[test]
fn bytes_after_the_probe_are_never_taken_as_inside_tls() {
    let probed = record(&message(procedure(0), TLS, OpaqueAuth::NONE));
    let injected = record(&call(6, procedure(4), &[]));
    let (served, log) = serve_with_log(settings().opportunistic());
    // In one segment: the server sees them before it has replied.
    let mut stream = served.raw();
    stream.write_all(&[&probed[..], &injected].concat()).unwrap();
    assert!(is_closed(&mut stream));
    wait_for(&log, "bytes came after the probe and before its reply");
    // A part of a mark is enough.
    let mut stream = served.raw();
    stream.write_all(&[&probed[..], &[0x80]].concat()).unwrap();
    assert!(is_closed(&mut stream));
    // After the reply they are no TLS.
    let mut stream = served.raw();
    stream.write_all(&probed).unwrap();
    assert_eq!(read_record(&mut stream).unwrap().len(), 32);
    stream.write_all(&injected).unwrap();
    assert!(is_closed(&mut stream));
    wait_for(&log, "the peer does not speak TLS here");
    assert_eq!(served.stop().calls, 0);
}

#[test]
fn two_probes_begin_tls_once() {
    let served = serve(settings());
    let probed = record(&message(procedure(0), TLS, OpaqueAuth::NONE));
    let mut stream = served.raw();
    stream.write_all(&probed.repeat(2)).unwrap();
    assert!(is_closed(&mut stream));
}

#[test]
fn a_probe_in_crumbs_begins_tls() {
    let served = serve(settings());
    let steps = format!("raw={} read tls", hex(&crumbs(&message(procedure(0), TLS, OpaqueAuth::NONE))));
    let lines = Peer::call(served.address, Settings::client(), &steps).lines();
    assert_eq!(lines[1], "TLSv1.3 sunrpc");
}

#[test]
fn a_stream_that_is_cut_executes_whole_calls_only() {
    let (served, log) = serve_with_log(settings());
    let whole = hex(&record(&call(5, procedure(4), &[])));
    let part = &whole[..whole.len() - 8];
    let lines =
        Peer::call(served.address, Settings::client(), &format!("probe tls raw={whole} read raw={part} cut")).lines();
    assert_eq!(lines[2], hex(&reply(5, &[0, 0, 0, 1])));
    wait_for(&log, "closed: the connection failed");
    assert_eq!(served.stop().calls, 1);
}
