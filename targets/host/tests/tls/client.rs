//! Our client, on a server of the other peer.

use std::time::Duration;

use oncilla::{CallError, LinkError};
use oncilla_host::{Connector, Error, Reconnect, TlsError};

use super::*;
use crate::certificates::SERVER;
use crate::peer::{Peer, Settings};
use crate::sockets::{PATIENCE, probe};

fn text(result: Result<oncilla_host::Client, Error>) -> String {
    match result {
        Ok(_) => panic!("connected"),
        Err(error) => error.to_string(),
    }
}

fn problem<T: std::fmt::Debug>(result: Result<T, CallError<std::io::Error>>) -> String {
    match result {
        Err(CallError::Link(LinkError::Transport(error))) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_client_calls_inside_tls_and_says_good_bye() {
    let (peer, address) = Peer::listen(Settings::server(), "accept tls echo");
    let mut client = Connector::new().tls(address, SERVER, &trusting()).unwrap();
    client.set_timeout(PATIENCE);
    for _ in 0..3 {
        assert_eq!(probe::Client::new(&mut client).echo(b"hello, server").unwrap(), b"hello, server");
    }
    drop(client);
    // "closed" and not an error: close_notify came.
    assert_eq!(peer.lines(), ["TLSv1.3 sunrpc", "closed"]);
}

#[test]
fn an_ip_address_can_be_the_name() {
    let (_peer, address) = Peer::listen(Settings::server(), "accept tls echo");
    let mut client = Connector::new().tls(address, "127.0.0.1", &trusting()).unwrap();
    probe::Client::new(&mut client).null().unwrap();
}

#[test]
fn a_server_without_alpn_is_called() {
    let (peer, address) = Peer::listen(Settings { alpn: None, ..Settings::server() }, "accept tls echo");
    let mut client = Connector::new().tls(address, SERVER, &trusting()).unwrap();
    assert_eq!(probe::Client::new(&mut client).echo(b"1").unwrap(), b"1");
    drop(client);
    assert_eq!(peer.lines(), ["TLSv1.3 None", "closed"]);
}

#[test]
fn records_of_a_mebibyte_pass() {
    let (_peer, address) = Peer::listen(Settings::server(), "accept tls echo");
    let mut client = Connector::new().buffer(2 << 20).tls(address, SERVER, &trusting()).unwrap();
    client.set_timeout(PATIENCE);
    let data: Vec<u8> = (0..1 << 20_u32).map(|place| (place % 251) as u8).collect();
    for _ in 0..2 {
        assert_eq!(probe::Client::new(&mut client).echo(&data).unwrap(), data);
    }
}

#[test]
fn the_certificate_of_the_server_is_checked() {
    let (mut peer, address) = Peer::listen(Settings::server(), "accept tls / accept tls");
    let other = TlsClient::new(&CERTIFICATES.other_authority).unwrap();
    let error = text(Connector::new().tls(address, SERVER, &other));
    assert!(error.starts_with(&format!("TLS with {address} failed: ")) && error.contains("UnknownIssuer"), "{error}");
    assert!(error.ends_with("pass the certificate of the authority that did"), "{error}");
    assert_eq!(peer.line(), "tls: TLSV1_ALERT_UNKNOWN_CA");
    let error = text(Connector::new().tls(address, "other.example", &trusting()));
    assert!(error.contains("\"other.example\"") && error.contains("plant.example"), "{error}");
    let old = Settings { own: Some(&CERTIFICATES.old), ..Settings::server() };
    let (_peer, address) = Peer::listen(old, "accept tls");
    let error = text(Connector::new().tls(address, SERVER, &trusting()));
    assert!(
        error.contains("expired")
            && error.ends_with("renew the server's certificate, or set the clock of this machine"),
        "{error}"
    );
}

#[test]
fn a_client_shows_its_certificate_and_learns_if_it_must() {
    let demanding = Settings { trusts: Some(&CERTIFICATES.authority), ..Settings::server() };
    let (mut peer, address) = Peer::listen(demanding, "accept tls echo / accept tls / accept tls / accept tls");
    let mut client = Connector::new().tls(address, SERVER, &known()).unwrap();
    assert_eq!(probe::Client::new(&mut client).echo(b"1").unwrap(), b"1");
    drop(client);
    assert_eq!([peer.line(), peer.line()], ["TLSv1.3 sunrpc", "closed"]);
    let mut client = Connector::new().tls(address, SERVER, &trusting()).unwrap();
    let error = problem(probe::Client::new(&mut client).null());
    assert!(error.contains("the server requires a client certificate: pass one with its key"), "{error}");
    let stranger = &CERTIFICATES.stranger;
    let stranger = trusting().certificate(&stranger.certificate, &stranger.key).unwrap();
    let mut client = Connector::new().tls(address, SERVER, &stranger).unwrap();
    let error = problem(probe::Client::new(&mut client).null());
    assert!(error.contains("pass one that its authorities signed"), "{error}");
    let old = trusting().certificate(&CERTIFICATES.old.certificate, &CERTIFICATES.old.key).unwrap();
    let mut client = Connector::new().tls(address, SERVER, &old).unwrap();
    let error = problem(probe::Client::new(&mut client).null());
    assert!(error.contains("has expired or is not valid yet: renew it"), "{error}");
}

#[test]
fn a_server_with_tls_1_2_only_is_refused() {
    let (_peer, address) = Peer::listen(Settings { max: "1.2", ..Settings::server() }, "accept tls");
    let error = text(Connector::new().tls(address, SERVER, &trusting()));
    assert!(error.contains("must support TLS 1.3"), "{error}");
}

#[test]
fn without_the_eight_bytes_no_call_is_sent() {
    // No verifier, a part of it, other letters, and one that is too long.
    for verifier in ["", "53544152", "737461727474746c", "5354415254544c5320202020"] {
        let (peer, address) = Peer::listen(Settings::server(), &format!("accept={verifier} wait"));
        let result = Connector::new().tls(address, SERVER, &trusting());
        let Err(Error::Tls(TlsError::NotOffered { to, .. })) = result else { panic!("{verifier}") };
        assert_eq!(to, address.to_string());
        assert_eq!(peer.lines(), ["closed"]);
    }
}

#[test]
fn a_server_that_speaks_in_clear_after_the_probe_is_not_believed() {
    // A reply in the clear, in the same segment as STARTTLS: the man in the middle would answer the first call.
    let injected = hex(&crate::sockets::record(&crate::sockets::reply(1, &[])));
    let (_peer, address) = Peer::listen(Settings::server(), &format!("accept raw={injected} tls echo"));
    let error = text(Connector::new().tls(address, SERVER, &trusting()));
    assert!(error.contains("does not speak TLS here"), "{error}");
}

#[test]
fn a_cut_stream_is_an_error_and_not_an_end() {
    let (_peer, address) = Peer::listen(Settings::server(), "accept tls read cut");
    let mut client = Connector::new().tls(address, SERVER, &trusting()).unwrap();
    client.set_timeout(PATIENCE);
    let error = problem(probe::Client::new(&mut client).null());
    assert!(error.contains("ended without TLS's close_notify"), "{error}");
    assert!(error.contains("the call may have been executed"), "{error}");
}

#[test]
fn a_server_that_never_answers_costs_the_connect_time_out() {
    for steps in ["wait", "accept wait"] {
        let (_peer, address) = Peer::listen(Settings::server(), steps);
        let connector = Connector::new().connect_timeout(Duration::from_millis(300));
        let error = text(connector.tls(address, SERVER, &trusting()));
        assert!(error.contains("took longer than the connect time-out"), "{error}");
    }
}

#[test]
fn a_reconnecting_client_begins_tls_anew() {
    let (peer, address) = Peer::listen(Settings::server(), "accept tls read cut / accept tls echo");
    let policy = Reconnect::within(PATIENCE);
    let mut client = Connector::new().reconnect(policy).tls(address, SERVER, &trusting()).unwrap();
    client.set_timeout(PATIENCE);
    // The connection is lost in the call, which is sent again: NULL may run twice.
    probe::Client::new(&mut client).null().unwrap();
    assert_eq!(probe::Client::new(&mut client).echo(b"again").unwrap(), b"again");
    drop(client);
    let lines = peer.lines();
    assert_eq!(lines[lines.len() - 2..], ["TLSv1.3 sunrpc", "closed"]);
}

#[test]
fn wrong_texts_are_refused_with_what_to_do() {
    let error = TlsClient::new("nothing").unwrap_err().to_string();
    assert!(
        error.contains("no section BEGIN CERTIFICATE") && error.ends_with("pass the text of a PEM file"),
        "{error}"
    );
    let half = &CERTIFICATES.authority[..CERTIFICATES.authority.len() - 20];
    let error = TlsClient::new(half).unwrap_err().to_string();
    assert!(error.contains("\"-----END CERTIFICATE-----\" is missing"), "{error}");
    let (server, client) = (&CERTIFICATES.server, &CERTIFICATES.client);
    let error = TlsServer::new(&server.certificate, &client.key).unwrap_err().to_string();
    assert!(error.contains("pass the private key of the first certificate"), "{error}");
    let error = trusting().certificate(&client.certificate, &client.certificate).unwrap_err().to_string();
    assert!(error.contains("no section BEGIN PRIVATE KEY"), "{error}");
    let error = text(Connector::new().tls("127.0.0.1:1", "plant.example:1", &trusting()));
    assert!(error.contains("pass a DNS name or an IP address, without a port"), "{error}");
}
