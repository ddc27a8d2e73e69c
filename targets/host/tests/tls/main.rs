//! RPC-with-TLS (RFC 9289), against a peer that shares no code: Python's `ssl`, which is OpenSSL.
#![cfg(all(unix, feature = "tls"))]

#[path = "../../../../tests/support/sockets.rs"]
mod sockets;

mod access;
mod both;
mod certificates;
mod client;
mod limits;
mod missteps;
mod new_keys;
mod peer;
mod server;

use std::sync::mpsc::{self, Receiver};

use certificates::CERTIFICATES;
use oncilla_host::{TlsClient, TlsServer};
use sockets::Served;

/// A server that demands no certificate.
fn settings() -> TlsServer {
    TlsServer::new(&CERTIFICATES.server.certificate, &CERTIFICATES.server.key).unwrap()
}

/// A server that demands a certificate of the authority.
fn mutual() -> TlsServer {
    settings().require_client_certificates(&CERTIFICATES.authority).unwrap()
}

/// A client without a certificate.
fn trusting() -> TlsClient {
    TlsClient::new(&CERTIFICATES.authority).unwrap()
}

/// A client with a certificate.
fn known() -> TlsClient {
    trusting().certificate(&CERTIFICATES.client.certificate, &CERTIFICATES.client.key).unwrap()
}

fn serve(tls: TlsServer) -> Served {
    Served::new(|server| server.tls(tls).call_max(sockets::probe::CALL_MAX))
}

/// A server, and the lines of its log.
fn serve_with_log(tls: TlsServer) -> (Served, Receiver<String>) {
    let (sender, lines) = mpsc::channel();
    let observe = move |event: &oncilla_host::Event<'_>| sender.send(event.to_string()).unwrap_or_default();
    (Served::new(|server| server.tls(tls).observe(observe)), lines)
}

/// Waits for a line of the log with this text.
fn wait_for(lines: &Receiver<String>, text: &str) -> String {
    let mut seen = Vec::new();
    loop {
        let Ok(line) = lines.recv_timeout(sockets::PATIENCE) else { panic!("no {text:?} in {seen:#?}") };
        if line.contains(text) {
            return line;
        }
        seen.push(line);
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
