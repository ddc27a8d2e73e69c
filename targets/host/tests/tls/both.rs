//! Our client on our server: clients that connect again, and that threads share.

use std::net::SocketAddr;
use std::thread;

use oncilla_host::{Connector, Reconnect, Server};

use super::*;
use crate::certificates::SERVER;
use crate::sockets::*;

#[test]
fn threads_share_a_connection() {
    let served = serve(mutual());
    let connector = Connector::new().buffer(2 << 20);
    let shared = connector.shared_tls(served.address, SERVER, &known()).unwrap();
    thread::scope(|scope| {
        for number in 0..8 {
            let mut clone = shared.clone();
            clone.set_timeout(PATIENCE);
            scope.spawn(move || {
                let mut probe = probe::Client::new(clone);
                let data = vec![number as u8; 200_000];
                for other in 0..20 {
                    assert_eq!(probe.add(number, other).unwrap(), number + other);
                    assert_eq!(probe.echo(&data).unwrap(), data);
                }
            });
        }
    });
    assert_eq!(served.stop().calls, 320);
}

/// A server at this address, or at any.
fn at(address: Option<SocketAddr>) -> Served {
    let address = address.unwrap_or(([127, 0, 0, 1], 0).into());
    Served::on(Server::new().unwrap().tcp(address).unwrap().tls(settings()))
}

#[test]
fn a_client_connects_again_after_the_server_restarted() {
    let served = at(None);
    let address = served.address;
    let reconnector = || Connector::new().reconnect(Reconnect::within(PATIENCE));
    let mut client = reconnector().tls(address, SERVER, &trusting()).unwrap();
    let mut shared = reconnector().shared_tls(address, SERVER, &trusting()).unwrap();
    client.set_timeout(PATIENCE);
    shared.set_timeout(PATIENCE);
    for _ in 0..3 {
        assert_eq!(probe::Client::new(&mut client).add(2, 3).unwrap(), 5);
        assert_eq!(probe::Client::new(&mut shared).add(2, 3).unwrap(), 5);
    }
    served.stop();
    let served = at(Some(address));
    assert_eq!(probe::Client::new(&mut client).add(2, 3).unwrap(), 5);
    assert_eq!(probe::Client::new(&mut shared).add(2, 3).unwrap(), 5);
    assert_eq!(served.stop().calls, 2);
}

#[test]
fn a_client_never_falls_back_to_clear() {
    let served = at(None);
    let address = served.address;
    let policy = Reconnect::within(PATIENCE);
    let mut client = Connector::new().reconnect(policy).tls(address, SERVER, &trusting()).unwrap();
    assert_eq!(probe::Client::new(&mut client).add(2, 3).unwrap(), 5);
    served.stop();
    let plain = Served::on(Server::new().unwrap().tcp(address).unwrap());
    client.set_timeout(std::time::Duration::from_millis(300));
    let error = probe::Client::new(&mut client).add(2, 3).unwrap_err().to_string();
    assert!(error.contains("does not offer TLS"), "{error}");
    assert_eq!(plain.stop().calls, 0);
}

#[test]
fn a_call_is_sealed_in_parts_by_a_small_server_too() {
    // The smallest buffers of a connection have room for the reply to a probe.
    let served = Served::new(|server| server.tls(settings()).reply_max(0));
    let mut client = Connector::new().tls(served.address, SERVER, &trusting()).unwrap();
    probe::Client::new(&mut client).null().unwrap();
}

#[test]
fn threads_that_share_learn_that_a_certificate_is_required() {
    let served = serve(mutual());
    let mut shared = Connector::new().shared_tls(served.address, SERVER, &trusting()).unwrap();
    shared.set_timeout(PATIENCE);
    let error = probe::Client::new(&mut shared).null().unwrap_err().to_string();
    assert!(error.contains("the server requires a client certificate: pass one with its key"), "{error}");
    let error = probe::Client::new(&mut shared).null().unwrap_err().to_string();
    assert!(error.contains("the server requires a client certificate"), "{error}");
}
