//! The addresses of a server: both families from one call, with one port.

#[path = "support/sockets.rs"]
mod sockets;

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::thread;

use oncilla_host::{Error, Server, Stopper};
use sockets::*;

/// Serves while `test` runs.
fn serving(mut server: Server, test: impl FnOnce()) {
    struct Stop(Stopper);

    impl Drop for Stop {
        fn drop(&mut self) {
            self.0.stop();
        }
    }

    let stop = Stop(server.stopper());
    thread::scope(|scope| {
        let serving = scope.spawn(move || server.serve(&TABLE, &mut Service::default()));
        test();
        drop(stop);
        serving.join().unwrap().unwrap();
    });
}

fn one(addresses: &[SocketAddr]) -> SocketAddr {
    assert_eq!(addresses.len(), 1);
    addresses[0]
}

fn answers_on_tcp(address: impl Into<SocketAddr>) {
    assert_eq!(probe::Client::new(&mut oncilla_host::tcp(address.into()).unwrap()).add(2, 3).unwrap(), 5);
}

fn answers_on_udp(address: impl Into<SocketAddr>) {
    assert_eq!(probe::Client::new(&mut oncilla_host::udp(address.into()).unwrap()).add(2, 3).unwrap(), 5);
}

#[test]
fn the_unspecified_address_of_ipv6_serves_both_families() {
    let server = Server::new().unwrap().tcp("[::]:0").unwrap().udp("[::]:0").unwrap();
    let (tcp, udp) = (one(&server.tcp_addresses()), one(&server.udp_addresses()));
    serving(server, || {
        answers_on_tcp((Ipv4Addr::LOCALHOST, tcp.port()));
        answers_on_tcp((Ipv6Addr::LOCALHOST, tcp.port()));
        answers_on_udp((Ipv4Addr::LOCALHOST, udp.port()));
        answers_on_udp((Ipv6Addr::LOCALHOST, udp.port()));
    });
}

/// As a name gives them that has an address in each family.
#[test]
fn all_addresses_of_a_name_are_served_on_one_port() {
    for [v4, v6] in [["127.0.0.1:0", "[::1]:0"], ["0.0.0.0:0", "[::]:0"]] {
        let addresses: [SocketAddr; 3] = [v6, v4, v4].map(|address| address.parse().unwrap());
        let server = Server::new().unwrap().tcp(&addresses[..]).unwrap().udp(&addresses[..]).unwrap();
        let (tcp, udp) = (server.tcp_addresses(), server.udp_addresses());
        for addresses in [&tcp, &udp] {
            assert!(addresses.len() == 2 && addresses[0].is_ipv6() && addresses[1].is_ipv4(), "{addresses:?}");
            assert_eq!(addresses[0].port(), addresses[1].port());
        }
        serving(server, || {
            answers_on_tcp((Ipv4Addr::LOCALHOST, tcp[0].port()));
            answers_on_tcp((Ipv6Addr::LOCALHOST, tcp[0].port()));
            answers_on_udp((Ipv4Addr::LOCALHOST, udp[0].port()));
            answers_on_udp((Ipv6Addr::LOCALHOST, udp[0].port()));
        });
    }
}

#[test]
fn addresses_that_this_machine_does_not_have_are_left_out() {
    // 192.0.2.0/24 is for documentation.
    let addresses: [SocketAddr; 2] = ["192.0.2.1:0", "127.0.0.1:0"].map(|address| address.parse().unwrap());
    let server = Server::new().unwrap().tcp(&addresses[..]).unwrap().udp(&addresses[..]).unwrap();
    let (tcp, udp) = (one(&server.tcp_addresses()), one(&server.udp_addresses()));
    serving(server, || {
        answers_on_tcp(tcp);
        answers_on_udp(udp);
    });
    let error = Server::new().unwrap().tcp(&addresses[..1]).unwrap_err();
    assert!(matches!(error, Error::Listen { .. }) && error.to_string().contains("192.0.2.1:0"), "{error}");
}

#[test]
fn a_port_in_use_on_one_address_is_an_error() {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = other.local_addr().unwrap().port();
    let addresses: [SocketAddr; 2] = [(Ipv6Addr::LOCALHOST, port).into(), (Ipv4Addr::LOCALHOST, port).into()];
    let error = Server::new().unwrap().tcp(&addresses[..]).unwrap_err();
    let Error::Listen { on, source } = &error else { panic!("{error:?}") };
    assert_eq!((on.clone(), source.kind()), (format!("127.0.0.1:{port}"), std::io::ErrorKind::AddrInUse));
}

#[test]
fn no_address_at_all_is_an_error() {
    assert!(matches!(Server::new().unwrap().tcp(&[][..] as &[SocketAddr]), Err(Error::Resolve { .. })));
}
