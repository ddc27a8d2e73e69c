//! Access rules: what is allowed works, everything else is refused, on every transport.
#![cfg(unix)]

#[path = "../../../tests/support/sockets.rs"]
mod sockets;

use std::io::Write;
use std::net::{IpAddr, SocketAddr, TcpStream, UdpSocket};
use std::os::unix::net::UnixStream;

use oncilla::message::{AuthStatus, Reply};
use oncilla::{ProcedureId, Refusal};
use oncilla_host::{Access, Error, Server};
use socket2::{Domain, SockAddr, Socket, Type};
use sockets::*;

const TOO_WEAK: Result<(), Refusal> = Err(Refusal::Authentication(AuthStatus::TOO_WEAK));
const REJECTED: Result<(), Refusal> = Err(Refusal::Authentication(AuthStatus::REJECTED_CREDENTIAL));

/// Connects from one of this machine's many loopback addresses.
fn connect(server: SocketAddr, from: &str) -> TcpStream {
    let from: IpAddr = from.parse().unwrap();
    let socket = Socket::new(Domain::for_address(server), Type::STREAM, None).unwrap();
    socket.bind(&SockAddr::from(SocketAddr::from((from, 0)))).unwrap();
    socket.connect(&server.into()).unwrap();
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Calls a procedure over a connection.
fn ask(stream: &mut (impl std::io::Read + Write), id: ProcedureId, arguments: &[u8]) -> Result<(), Refusal> {
    stream.write_all(&record(&call(5, id, arguments))).unwrap();
    let message = read_record(stream).unwrap();
    Reply::parse(&message).unwrap().outcome.map(|_| ())
}

fn serve(rules: &[Access]) -> Served {
    Served::new(|server| rules.iter().cloned().fold(server, Server::allow))
}

#[test]
fn a_network_without_rights_is_closed_at_accept() {
    let served = serve(&[Access::network("127.0.0.2/31").unwrap()]);
    assert!(is_closed(&mut connect(served.address, "127.0.0.1")));
    assert!(is_closed(&mut connect(served.address, "127.0.0.4")));
    check_alive(&mut connect(served.address, "127.0.0.2"));
    check_alive(&mut connect(served.address, "127.0.0.3"));
}

#[test]
fn procedures_are_allowed_by_network_and_null_with_them() {
    let few = Access::network("127.0.0.1").unwrap().procedures(probe::PROGRAM, probe::VERSION, &[2]);
    let served = serve(&[few, Access::network("127.0.0.2").unwrap()]);
    let mut one = connect(served.address, "127.0.0.1");
    let add = [0, 0, 0, 2, 0, 0, 0, 3];
    assert_eq!(ask(&mut one, procedure(0), &[]), Ok(()));
    assert_eq!(ask(&mut one, procedure(2), &add), Ok(()));
    assert_eq!(ask(&mut one, procedure(4), &[]), TOO_WEAK);
    // What the server does not have is refused in the same way: the client learns nothing about it.
    assert_eq!(ask(&mut one, procedure(9), &[]), TOO_WEAK);
    assert_eq!(ask(&mut one, ProcedureId { program: 5, version: 1, procedure: 0 }, &[]), TOO_WEAK);
    let mut two = connect(served.address, "127.0.0.2");
    assert_eq!(ask(&mut two, procedure(4), &[]), Ok(()));
    assert_eq!(ask(&mut two, procedure(9), &[]), Err(Refusal::ProcedureUnavailable));
    // A refused call was not executed: `add` and `count` are all that count.
    assert_eq!(served.stop().calls, 2);
}

#[test]
fn programs_and_versions_are_allowed() {
    let other = ProcedureId { version: 2, ..procedure(0) };
    for (rule, expected) in [
        (Access::anyone().program(probe::PROGRAM), [Ok(()), Err(Refusal::ProgramMismatch { low: 3, high: 3 })]),
        (Access::anyone().version(probe::PROGRAM, probe::VERSION), [Ok(()), TOO_WEAK]),
        (Access::local().version(probe::PROGRAM, 2), [TOO_WEAK, Err(Refusal::ProgramMismatch { low: 3, high: 3 })]),
        (Access::anyone().program(5), [TOO_WEAK, TOO_WEAK]),
        (
            Access::anyone().program(5).program(probe::PROGRAM).version(5, 5),
            [Ok(()), Err(Refusal::ProgramMismatch { low: 3, high: 3 })],
        ),
    ] {
        let served = serve(&[rule]);
        let mut client = served.raw();
        assert_eq!([ask(&mut client, procedure(4), &[]), ask(&mut client, other, &[])], expected);
    }
}

#[test]
fn a_datagram_from_a_network_without_rights_gets_no_reply() {
    let rule = Access::network("127.0.0.2").unwrap().procedures(probe::PROGRAM, probe::VERSION, &[4]);
    let server = Server::new().unwrap().allow(rule).udp("127.0.0.1:0").unwrap();
    let address = server.udp_addresses()[0];
    let served = Served::on(server);
    let ask = |from: &str, number| {
        let socket = UdpSocket::bind((from, 0)).unwrap();
        socket.set_read_timeout(Some(MOMENT)).unwrap();
        socket.send_to(&call(1, procedure(number), &[]), address).unwrap();
        let mut reply = [0; 64];
        let length = socket.recv(&mut reply).ok()?;
        Some(Reply::parse(&reply[..length]).unwrap().outcome.map(|_| ()))
    };
    assert_eq!(ask("127.0.0.2", 4), Some(Ok(())));
    assert_eq!(ask("127.0.0.2", 1), Some(TOO_WEAK));
    assert_eq!(ask("127.0.0.1", 4), None);
    assert_eq!(served.stop().calls, 1);
}

#[test]
fn users_of_a_unix_socket_are_allowed_by_their_number() {
    let folder = std::env::temp_dir().join(format!("oncilla-access-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("socket");
    let (me, other) = (nix::unistd::getuid().as_raw(), 4_000_000);
    for (rules, expected) in [
        (vec![Access::user(me)], Some(Ok(()))),
        (vec![Access::local()], Some(Ok(()))),
        (vec![Access::user(other)], None),
        (vec![Access::network("0.0.0.0/0").unwrap()], None),
        (vec![Access::user(other), Access::user(me).procedures(probe::PROGRAM, probe::VERSION, &[2])], Some(REJECTED)),
    ] {
        let server = rules.into_iter().fold(Server::new().unwrap(), Server::allow);
        let _served = Served::on(server.unix(&path).unwrap());
        let mut client = UnixStream::connect(&path).unwrap();
        client.set_read_timeout(Some(PATIENCE)).unwrap();
        match expected {
            Some(expected) => assert_eq!(ask(&mut client, procedure(4), &[]), expected),
            None => {
                let _ = client.write_all(&record(&call(5, procedure(4), &[])));
                assert!(read_record(&mut client).is_err());
            }
        }
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn an_ipv4_client_of_an_ipv6_socket_has_its_ipv4_network() {
    let rule = Access::network("127.0.0.1/32").unwrap();
    let server = Server::new().unwrap().allow(rule).tcp("[::]:0").unwrap();
    let port = server.tcp_addresses()[0].port();
    let _served = Served::on(server);
    check_alive(&mut connect(([127, 0, 0, 1], port).into(), "127.0.0.1"));
    assert!(is_closed(&mut connect(([127, 0, 0, 1], port).into(), "127.0.0.2")));
    assert!(is_closed(&mut connect((std::net::Ipv6Addr::LOCALHOST, port).into(), "::1")));
}

#[test]
fn a_network_that_is_none_is_an_error_that_says_so() {
    for text in ["", "localhost", "10.0.0.0/33", "10.0.0/8", "::1/129", "10.0.0.0/8 "] {
        let error = Access::network(text).unwrap_err();
        assert!(matches!(&error, Error::Network(network) if network == text));
        let expected = format!("{text:?} is neither a network nor an address; write it as 192.168.1.0/24 or fd00::/8");
        assert_eq!(error.to_string(), expected);
    }
    for text in ["10.0.0.1", "::1", "10.0.0.0/8", "10.1.2.3/8", "fd00::/8", "0.0.0.0/0"] {
        assert!(Access::network(text).is_ok(), "{text}");
    }
}

#[test]
fn a_network_of_mapped_addresses_is_the_network_of_ipv4() {
    for network in ["::ffff:127.0.0.2/127", "::ffff:127.0.0.2", "::ffff:7f00:2/128"] {
        let served = serve(&[Access::network(network).unwrap()]);
        check_alive(&mut connect(served.address, "127.0.0.2"));
        assert!(is_closed(&mut connect(served.address, "127.0.0.4")));
    }
    assert_eq!(Access::network("::ffff:10.0.0.0/104").unwrap(), Access::network("10.0.0.0/8").unwrap());
    assert_eq!(Access::network("::ffff:0:0/96").unwrap(), Access::network("0.0.0.0/0").unwrap());
    // These have other addresses, too: they are networks of IPv6.
    for network in ["::ffff:0:0/95", "::/0"] {
        assert!(is_closed(&mut connect(serve(&[Access::network(network).unwrap()]).address, "127.0.0.1")));
    }
}
