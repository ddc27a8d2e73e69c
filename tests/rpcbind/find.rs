//! The search by broadcast, in network namespaces of the test.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::thread;
use std::time::Duration;

use oncilla::rpcbind::{Binding, PORT, RpcBind, Transport};
use oncilla_host::{Error, Server, search, search_at};

use crate::clients::Stop;
use crate::daemon::{Daemon, SOCKET, alone, network};
use crate::machine::{Machine, TABLE};
use crate::served::Served;
use crate::{PROGRAM, service, universal_of, words};

/// Long enough for replies within this machine, however busy it is; no test waits longer.
const LONG: Duration = Duration::from_secs(60);

/// Long enough to see that no further reply arrives.
const SHORT: Duration = Duration::from_millis(300);

/// Adds an address in another network to this machine.
fn join_network(number: u8) {
    let (name, peer) = (format!("test{number}"), format!("peer{number}"));
    network(&["link", "add", &name, "type", "veth", "peer", "name", &peer]);
    network(&["address", "add", &format!("192.0.{number}.7/24"), "dev", &name]);
    network(&["link", "set", &name, "up"]);
    network(&["link", "set", &peer, "up"]);
}

/// Returns the first `count` servers that are found.
fn found(version: u32, count: usize) -> Vec<String> {
    let servers = search(PROGRAM, version, LONG).unwrap().take(count);
    let mut servers: Vec<_> = servers.map(|server| server.unwrap().to_string()).collect();
    servers.sort();
    servers
}

/// Serves this library's table on port 111 while `test` runs.
fn mapped(machine: Machine, test: impl FnOnce()) {
    let mut server = Server::new().unwrap().udp(("0.0.0.0", PORT)).unwrap();
    let stop = Stop(server.stopper());
    let mut machine = machine;
    thread::scope(|scope| {
        scope.spawn(move || server.serve(&TABLE, &mut machine).unwrap());
        let _stop = stop;
        test();
    });
}

fn machine() -> Machine {
    Machine::new([service(PROGRAM, 3, Transport::Udp, 20_049), service(PROGRAM, 4, Transport::Tcp, 20_050)])
}

#[test]
fn this_librarys_table_is_found_on_every_network() {
    alone("find::this_librarys_table_is_found_on_every_network", || {
        mapped(machine(), || assert_eq!(found(3, 1), ["127.0.0.1:20049"]));
        join_network(2);
        mapped(machine(), || assert_eq!(found(3, 2), ["127.0.0.1:20049", "192.0.2.7:20049"]));
        join_network(3);
        let all = ["127.0.0.1:20049", "192.0.2.7:20049", "192.0.3.7:20049"];
        mapped(machine(), || assert_eq!(found(3, 3), all));
    });
}

#[test]
fn each_server_with_the_version_on_udp_is_found_once() {
    alone("find::each_server_with_the_version_on_udp_is_found_once", || {
        mapped(machine(), || {
            let servers = |version, within| search(PROGRAM, version, within).unwrap().collect::<Result<Vec<_>, _>>();
            assert_eq!(found(3, 1), ["127.0.0.1:20049"]);
            // By then the search has asked again.
            assert!(servers(3, 4 * SHORT).unwrap().len() <= 1);
            for version in [0, 2, 4, 5] {
                assert_eq!(servers(version, SHORT).unwrap(), [], "version {version}");
            }
            assert_eq!(search(PROGRAM + 1, 3, SHORT).unwrap().count(), 0);
            assert_eq!(search(PROGRAM, 3, Duration::ZERO).unwrap().count(), 0);
        });
    });
}

#[test]
fn the_systems_rpcbind_is_found_and_its_server_answers_calls() {
    alone("find::the_systems_rpcbind_is_found_and_its_server_answers_calls", || {
        join_network(2);
        let _daemon = Daemon::start(&["-r"]);
        let served = Served::on(Server::new().unwrap().tcp("0.0.0.0:0").unwrap().udp("0.0.0.0:0").unwrap());
        let address = universal_of(served.udp);
        let mut client = oncilla_host::unix(SOCKET).unwrap();
        let binding = Binding { program: PROGRAM, version: 3, netid: "udp", address: &address, owner: "" };
        assert!(RpcBind::version_4(&mut client).set(&binding).unwrap());
        let port = served.udp.port();
        assert_eq!(found(3, 2), [format!("127.0.0.1:{port}"), format!("192.0.2.7:{port}")]);
        for address in search(PROGRAM, 3, LONG).unwrap().take(2) {
            let mut client = oncilla_host::udp(address.unwrap()).unwrap();
            assert_eq!(crate::served::adder::Client::new(&mut client).add(2, 3).unwrap(), 5);
        }
    });
}

#[test]
fn without_a_network_the_search_is_an_error() {
    alone("find::without_a_network_the_search_is_an_error", || {
        network(&["link", "set", "lo", "down"]);
        let error = search(PROGRAM, 3, LONG).unwrap_err();
        assert!(matches!(error, Error::Connect { .. }), "{error:?}");
        assert!(error.to_string().contains("any network"), "{error}");
    });
}

#[test]
fn a_network_that_cannot_be_sent_to_is_skipped() {
    alone("find::a_network_that_cannot_be_sent_to_is_skipped", || {
        mapped(machine(), || {
            let addresses =
                [Ipv4Addr::new(203, 0, 113, 255), Ipv4Addr::LOCALHOST].map(|ip| SocketAddrV4::new(ip, PORT));
            let server = search_at(addresses, PROGRAM, 3, LONG).unwrap().next().unwrap().unwrap();
            assert_eq!(server.to_string(), "127.0.0.1:20049");
            search_at(addresses.into_iter().take(1), PROGRAM, 3, LONG).unwrap_err();
            search_at([], PROGRAM, 3, LONG).unwrap_err();
        });
    });
}

/// A port mapper that the test plays by hand; it answers each call with the replies that `replies` returns.
fn played(replies: impl FnOnce(&[u8]) -> Vec<Vec<u8>> + Send, test: impl FnOnce(SocketAddrV4)) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let SocketAddr::V4(address) = socket.local_addr().unwrap() else { panic!("it was bound to IPv4") };
    thread::scope(|scope| {
        scope.spawn(move || {
            let mut buffer = [0; 1000];
            let (length, from) = socket.recv_from(&mut buffer).unwrap();
            for reply in replies(&buffer[..length]) {
                socket.send_to(&reply, from).unwrap();
            }
        });
        test(address);
    });
}

fn reply(xid: u32, rest: &[u32]) -> Vec<u8> {
    [words(&[xid]), words(rest)].concat()
}

#[test]
fn the_call_is_encoded_as_the_standard_requires() {
    let replies = |call: &[u8]| {
        assert_eq!(call[4..], words(&[0, 2, 100_000, 2, 5, 0, 0, 0, 0, PROGRAM, 3, 0, 0]));
        let xid = u32::from_be_bytes(call[..4].try_into().unwrap());
        vec![reply(xid, &[1, 0, 0, 0, 0, 20_049, 0])]
    };
    played(replies, |address| {
        let server = search_at([address], PROGRAM, 3, LONG).unwrap().next().unwrap().unwrap();
        assert_eq!(server.to_string(), "127.0.0.1:20049");
    });
}

#[test]
fn messages_that_are_not_the_reply_are_ignored() {
    let replies = |call: &[u8]| {
        let xid = u32::from_be_bytes(call[..4].try_into().unwrap());
        vec![
            vec![],
            vec![0xff; 3],
            call.to_vec(),
            vec![0; 2000],
            // With another xid, a refusal, cut short, too long, and with invalid ports.
            reply(xid ^ 1, &[1, 0, 0, 0, 0, 1, 0]),
            reply(xid, &[1, 1, 1, 5]),
            reply(xid, &[1, 0, 0, 0, 1]),
            reply(xid, &[1, 0, 0, 0, 0]),
            reply(xid, &[1, 0, 0, 0, 0, 2]),
            reply(xid, &[1, 0, 0, 0, 0, 3, 1]),
            reply(xid, &[1, 0, 0, 0, 0, 4, 0, 0]),
            reply(xid, &[1, 0, 0, 0, 0, 0, 0]),
            reply(xid, &[1, 0, 0, 0, 0, 0x1_0000, 0]),
            // Results of NULL, which should have none, do no harm.
            reply(xid, &[1, 0, 0, 0, 0, 20_049, 4, 7]),
            reply(xid, &[1, 0, 0, 0, 0, 20_049, 0]),
            reply(xid, &[1, 0, 0, 0, 0, 20_050, 0]),
        ]
    };
    played(replies, |address| {
        let servers: Vec<_> = search_at([address], PROGRAM, 3, LONG).unwrap().take(2).map(Result::unwrap).collect();
        assert_eq!(servers.iter().map(SocketAddr::port).collect::<Vec<_>>(), [20_049, 20_050]);
    });
}

#[test]
fn endless_replies_take_no_memory() {
    let replies = |call: &[u8]| {
        let xid = u32::from_be_bytes(call[..4].try_into().unwrap());
        // Some are lost when they arrive faster than they are read.
        (0..10).flat_map(|_| 1..=2000).map(|port| reply(xid, &[1, 0, 0, 0, 0, port, 0])).collect()
    };
    played(replies, |address| {
        assert!(search_at([address], PROGRAM, 3, SHORT).unwrap().count() <= 1024);
    });
}
