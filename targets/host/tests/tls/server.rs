//! Our server, called by the other peer.

use std::net::TcpStream;

use super::*;
use crate::peer::{Peer, Settings};
use crate::sockets::{call, check_alive, procedure, reply};

/// A call of `add` as a step, and the line that it is answered with.
fn add() -> (String, String) {
    let step = format!("call={} read", hex(&call(5, procedure(2), &[0, 0, 0, 2, 0, 0, 0, 3])));
    (step, hex(&reply(5, &[0, 0, 0, 5])))
}

#[test]
fn a_client_probes_and_calls_inside_tls() {
    let (served, log) = serve_with_log(settings());
    let (step, sum) = add();
    let peer = Peer::call(served.address, Settings::client(), &format!("probe tls {step} {step}"));
    assert_eq!(peer.lines(), ["probed", "TLSv1.3 sunrpc", &sum, &sum]);
    wait_for(&log, "TLS has begun");
    assert!(wait_for(&log, "executed in").starts_with("tls 127.0.0.1:"));
    assert_eq!(served.stop().calls, 2);
}

#[test]
fn a_client_without_alpn_is_served_and_a_wrong_one_is_not() {
    let (served, log) = serve_with_log(settings());
    let (step, sum) = add();
    let none = Settings { alpn: None, ..Settings::client() };
    let peer = Peer::call(served.address, none, &format!("probe tls {step}"));
    assert_eq!(peer.lines(), ["probed", "TLSv1.3 None", &sum]);
    let wrong = Settings { alpn: Some("h2,http/1.1"), ..Settings::client() };
    let lines = Peer::call(served.address, wrong, "probe tls").lines();
    assert!(lines[1].contains("no application protocol"), "{lines:?}");
    wait_for(&log, "the client asks for another protocol than sunrpc");
    wait_for(&log, "closed: TLS failed");
    // One of several is enough.
    let several = Settings { alpn: Some("h2,sunrpc"), ..Settings::client() };
    assert_eq!(Peer::call(served.address, several, "probe tls").lines()[1], "TLSv1.3 sunrpc");
}

#[test]
fn tls_1_2_is_refused() {
    let (served, log) = serve_with_log(settings());
    let old = Settings { max: "1.2", ..Settings::client() };
    let lines = Peer::call(served.address, old, "probe tls").lines();
    assert_eq!(lines, ["probed", "tls: TLSV1_ALERT_PROTOCOL_VERSION"]);
    wait_for(&log, "the peer must support TLS 1.3");
}

#[test]
fn a_client_certificate_is_required_and_checked() {
    let (served, log) = serve_with_log(mutual());
    let (step, sum) = add();
    let steps = format!("probe tls {step}");
    let with = |own| Settings { own, ..Settings::client() };
    let lines = Peer::call(served.address, with(Some(&CERTIFICATES.client)), &steps).lines();
    assert_eq!(lines[2], sum);
    wait_for(&log, "TLS has begun, with the certificate of meter-7.plant.example");
    // The client learns of it at its first read, since it finishes its handshake first (RFC 8446 §4.4.2.4).
    let lines = Peer::call(served.address, with(None), &steps).lines();
    assert!(lines.last().unwrap().contains("CERTIFICATE_REQUIRED"), "{lines:?}");
    wait_for(&log, "give this client a certificate");
    let lines = Peer::call(served.address, with(Some(&CERTIFICATES.stranger)), &steps).lines();
    assert!(lines.last().unwrap().contains("UNKNOWN_CA"), "{lines:?}");
    wait_for(&log, "no trusted authority signed the client's certificate");
    assert_eq!(served.stop().calls, 1);
}

#[test]
fn a_client_certificate_can_be_optional() {
    let served = serve(settings().accept_client_certificates(&CERTIFICATES.authority).unwrap());
    let (step, sum) = add();
    for own in [None, Some(&CERTIFICATES.client)] {
        let lines =
            Peer::call(served.address, Settings { own, ..Settings::client() }, &format!("probe tls {step}")).lines();
        assert_eq!(lines[2], sum);
    }
    let stranger = Settings { own: Some(&CERTIFICATES.stranger), ..Settings::client() };
    let lines = Peer::call(served.address, stranger, &format!("probe tls {step}")).lines();
    assert!(lines.last().unwrap().contains("UNKNOWN_CA"), "{lines:?}");
}

#[test]
fn a_large_record_passes_both_ways() {
    let served = serve(settings());
    let steps = format!("probe tls large={} same", crate::sockets::DATA_MAX);
    assert_eq!(Peer::call(served.address, Settings::client(), &steps).lines()[2], "same");
    assert_eq!(served.stop().calls, 1);
}

#[test]
fn a_session_ends_with_close_notify() {
    let served = serve(settings());
    let address = served.address;
    let mut peer = Peer::call(address, Settings::client(), "probe tls eof");
    assert_eq!([peer.line(), peer.line()], ["probed", "TLSv1.3 sunrpc"]);
    served.stop();
    assert_eq!(peer.lines(), ["eof"]);
}

#[test]
fn opportunistic_serves_both_kinds() {
    let served = serve(settings().opportunistic());
    check_alive(&mut served.raw());
    let (step, sum) = add();
    // Also on one connection: first in the clear, then inside TLS.
    let lines = Peer::call(served.address, Settings::client(), &format!("{step} probe tls {step}")).lines();
    assert_eq!(lines, [&sum, "probed", "TLSv1.3 sunrpc", &sum]);
    drop(TcpStream::connect(served.address));
    assert_eq!(served.stop().calls, 3);
}
