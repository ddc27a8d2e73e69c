//! Messages that are too large, and too few sockets.

use std::time::Duration;

use oncilla::{CallError, LinkError, Received, Refusal, Time, Transport};
use oncilla_ethernet::{Network, Sockets, TcpMemory, TcpServer, UdpMemory, UdpServer};

use crate::cable::{Clock, cable, leak};
use crate::{connected, tcp_client, trial, udp, udp_client, world};

#[test]
fn a_reply_that_no_frame_can_carry_is_refused_and_its_procedure_is_not_run() {
    let world = world();
    let mut client = udp_client(udp(world.host));
    let came = trial::Client::new(&mut client).large().map(<[u8]>::len);
    assert!(matches!(came, Err(CallError::Refused(Refusal::SystemError))), "{came:?}");
}

#[test]
fn a_call_that_no_frame_can_carry_is_not_sent() {
    let world = world();
    let mut socket = udp(world.host);
    assert_eq!(socket.send(&[0; 1473], Time::NEVER), Ok(0));
    assert_eq!(socket.send(&[0; 1472], Time::NEVER), Ok(1472));
}

#[test]
fn a_call_that_is_too_large_is_refused_and_the_next_is_answered() {
    let world = world();
    let mut socket = connected(world.host);
    let words = [0x8000_0000 | 4000, 7, 0, 2, trial::PROGRAM, trial::VERSION, 1];
    let mut call: Vec<u8> = words.into_iter().flat_map(u32::to_be_bytes).collect();
    call.resize(4004, 0);
    let deadline = world.host.now().after(Duration::from_secs(1));
    assert_eq!(socket.send(&call, deadline), Ok(call.len()));
    let mut reply = [0; 64];
    let Ok(Received::Bytes(length)) = socket.receive(&mut reply, deadline) else { panic!("no reply") };
    // Accepted, no verifier, GARBAGE_ARGS.
    let words = [0x8000_0018, 7, 1, 0, 0, 0, 4].into_iter().flat_map(u32::to_be_bytes).collect::<Vec<u8>>();
    assert_eq!(reply[..length], words);
    let mut client = tcp_client(socket);
    assert_eq!(trial::Client::new(&mut client).echo(b"next").unwrap(), b"next");
}

#[test]
fn a_datagram_that_is_too_large_is_refused() {
    let world = world();
    let mut socket = udp(world.host);
    let words = [7, 0, 2, trial::PROGRAM, trial::VERSION, 1];
    let mut call: Vec<u8> = words.into_iter().flat_map(u32::to_be_bytes).collect();
    call.resize(1400, 0);
    assert_eq!(socket.send(&call, Time::NEVER), Ok(call.len()));
    let mut reply = [0; 64];
    let deadline = world.host.now().after(Duration::from_secs(1));
    let came = socket.receive(&mut reply, deadline);
    let words = [7, 1, 0, 0, 0, 4].into_iter().flat_map(u32::to_be_bytes).collect::<Vec<u8>>();
    assert_eq!(came, Ok(Received::Bytes(words.len())));
    assert_eq!(reply[..words.len()], words);
}

#[test]
fn a_reply_that_is_too_large_is_no_whole_one_and_the_next_is() {
    let world = world();
    let mut socket = udp(world.host);
    let call: Vec<u8> =
        [7, 0, 2, trial::PROGRAM, trial::VERSION, 0, 0, 0, 0, 0].into_iter().flat_map(u32::to_be_bytes).collect();
    for (room, expected) in [(23, Received::Oversize(24)), (24, Received::Bytes(24))] {
        assert_eq!(socket.send(&call, Time::NEVER), Ok(call.len()));
        let mut reply = vec![0; room];
        let deadline = world.host.now().after(Duration::from_secs(1));
        assert_eq!(socket.receive(&mut reply, deadline), Ok(expected));
        assert_eq!(reply[..8], [0, 0, 0, 7, 0, 0, 0, 1]);
    }
}

#[test]
fn there_are_no_more_sockets_than_places() {
    let (end, _) = cable(0, 1);
    let network = Network::new(end, Clock::default(), [2, 0, 0, 0, 0, 9], 1, leak(Sockets::<2>::new())).unwrap();
    let network = &*leak(network);
    let server = |port| TcpServer::new(network, port, leak(TcpMemory::<64, 64, 64>::new())).is_some();
    assert!(!server(0));
    assert!(server(1));
    assert!(UdpServer::new(network, 2, leak(UdpMemory::<64, 64, 2>::new())).is_some());
    assert!(!server(3));
    assert!(UdpServer::new(network, 4, leak(UdpMemory::<64, 64, 2>::new())).is_none());
}

#[test]
fn a_call_without_an_address_reports_it() {
    let (end, _) = cable(0, 1);
    let network = Network::new(end, Clock::default(), [2, 0, 0, 0, 0, 9], 1, leak(Sockets::<2>::new())).unwrap();
    let mut client = udp_client(udp(leak(network)));
    client.set_timeout(Duration::ZERO);
    let came = trial::Client::new(&mut client).add(1);
    assert!(matches!(came, Err(CallError::TimedOut { .. } | CallError::Link(LinkError::Transport(_)))), "{came:?}");
}
