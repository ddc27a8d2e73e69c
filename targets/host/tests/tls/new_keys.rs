//! A peer that renews the keys of a session and asks for the same (RFC 8446 §4.6.3). Python cannot, so it is rustls.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use oncilla_host::Connector;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::version::TLS13;
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection, Stream};

use super::*;
use crate::certificates::SERVER;
use crate::limits::probed;
use crate::sockets::*;

fn certificate(pem: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()
}

#[test]
fn a_server_renews_its_keys_when_it_is_asked() {
    let served = serve(settings());
    let mut roots = RootCertStore::empty();
    roots.add(certificate(&CERTIFICATES.authority)).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut socket = probed(served.address);
    let mut tls = ClientConnection::new(Arc::new(config), SERVER.try_into().unwrap()).unwrap();
    let mut stream = Stream::new(&mut tls, &mut socket);
    for _ in 0..4 {
        check_alive(&mut stream);
        stream.conn.refresh_traffic_keys().unwrap();
    }
    check_alive(&mut stream);
    assert_eq!(served.stop().calls, 5);
}

/// Answers each call with its arguments, and renews the keys before each reply, until the client goes away.
fn renewing(mut socket: TcpStream) {
    let probe = read_record(&mut socket).unwrap();
    let words = [xid(&probe), 1, 0, 0, 8].map(u32::to_be_bytes).concat();
    socket.write_all(&record(&[&words[..], b"STARTTLS", &[0; 4]].concat())).unwrap();
    let key = PrivateKeyDer::from_pem_slice(CERTIFICATES.server.key.as_bytes()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate(&CERTIFICATES.server.certificate)], key)
        .unwrap();
    let mut tls = ServerConnection::new(Arc::new(config)).unwrap();
    let mut stream = Stream::new(&mut tls, &mut socket);
    while let Ok(call) = read_record(&mut stream) {
        stream.conn.refresh_traffic_keys().unwrap();
        stream.write_all(&record(&reply(xid(&call), &call[40..]))).unwrap();
    }
}

#[test]
fn a_client_renews_its_keys_when_it_is_asked() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let serving = thread::spawn(move || (0..2).for_each(|_| renewing(listener.accept().unwrap().0)));
    let mut client = Connector::new().tls(address, SERVER, &trusting()).unwrap();
    for _ in 0..4 {
        assert_eq!(probe::Client::new(&mut client).echo(b"again").unwrap(), b"again");
    }
    drop(client);
    let mut shared = Connector::new().shared_tls(address, SERVER, &trusting()).unwrap();
    for _ in 0..4 {
        assert_eq!(probe::Client::new(&mut shared).echo(b"again").unwrap(), b"again");
    }
    drop(shared);
    serving.join().unwrap();
}
