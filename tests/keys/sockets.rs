//! Keys on sockets: TCP, Unix sockets, UDP with addresses that change.

use std::net::{TcpListener, UdpSocket};

use oncilla::framing::{Datagram, RecordAhead};
use oncilla_host::{Datagrams, Socket};

use crate::*;

#[test]
fn a_session_on_tcp() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::scope(|scope| {
        let serving = scope.spawn(move || {
            // Connections one after another share the ends, so that their start does not repeat.
            let mut ends = accepts(SERVER);
            let mut state = Ledger::default();
            for _ in 0..3 {
                let socket = Socket::<RecordAhead>::from(listener.accept().unwrap().0);
                serve(&mut keyed(socket, &mut ends), &mut state).unwrap();
            }
            state.runs
        });
        for boot in 0..3 {
            let socket = Socket::<RecordAhead>::from(std::net::TcpStream::connect(address).unwrap());
            let mut client = client(socket, opens(&KEYS[boot as usize % 2], boot));
            for sum in 1..=10 {
                assert_eq!(add(&mut client, 1).unwrap(), 10 * boot + sum);
            }
        }
        assert_eq!(serving.join().unwrap(), 30);
    });
}

/// A socket that changes its address now and then.
struct Roaming {
    inner: Socket<Datagram>,
    to: std::net::SocketAddr,
    sent: u32,
}

fn udp(to: std::net::SocketAddr) -> Socket<Datagram> {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(to).unwrap();
    Socket::from(socket)
}

impl Transport for Roaming {
    type Error = std::io::Error;
    type Framing = Datagram;

    fn now(&mut self) -> Time {
        self.inner.now()
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> std::io::Result<oncilla::Received> {
        self.inner.receive(into, deadline)
    }

    fn send(&mut self, frame: &[u8], deadline: Time) -> std::io::Result<usize> {
        self.sent += 1;
        if self.sent.is_multiple_of(5) {
            self.inner = udp(self.to);
        }
        self.inner.send(frame, deadline)
    }
}

#[test]
fn a_client_on_udp_may_change_its_address() {
    let datagrams = Datagrams::bind("127.0.0.1:0").unwrap();
    let to = datagrams.address();
    thread::scope(|scope| {
        let serving = scope.spawn(move || {
            let mut link = keyed(datagrams, accepts(SERVER));
            // It distinguishes keys, and an address that changes does not matter.
            let (mut state, mut cache) =
                (Ledger::default(), oncilla::SharedReplayCache::<8, { TABLE.reply_max() }>::new([7; 16]));
            while state.runs < 20 {
                link.serve_next_once(&mut cache, &TABLE, &mut state, Time::NEVER).unwrap();
            }
            // The last reply may have been lost.
            let soon = link.transport().now().after(Duration::from_millis(300));
            let _ = link.serve_next_once(&mut cache, &TABLE, &mut state, soon);
            assert_eq!(state.runs, 20);
        });
        let mut client = client(Roaming { inner: udp(to), to, sent: 0 }, opens(&KEYS[0], CALLER));
        for sum in 1..=20 {
            assert_eq!(add(&mut client, 1).unwrap(), sum);
        }
        let hellos = client.link().transport().inner().sent;
        assert!(hellos < 40, "the session goes on: {hellos} datagrams");
        serving.join().unwrap();
    });
}

#[test]
fn a_stranger_on_udp_draws_no_message_to_itself() {
    let datagrams = Datagrams::bind("127.0.0.1:0").unwrap();
    let to = datagrams.address();
    thread::scope(|scope| {
        let stranger = UdpSocket::bind("127.0.0.1:0").unwrap();
        stranger.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        let serving = scope.spawn(move || {
            let mut link = keyed(datagrams, accepts(SERVER));
            let mut state = Ledger::default();
            while state.runs < 2 {
                link.serve_next(&TABLE, &mut state, Time::NEVER).unwrap();
                // It goes to the address of the last message that verified.
                if state.runs == 1 {
                    link.log(b"log", Time::NEVER).unwrap();
                }
            }
            link.transport().peer()
        });
        let mut client = client(Tap::new(udp(to)), opens(&KEYS[0], CALLER));
        assert_eq!(add(&mut client, 1).unwrap(), 1);
        for length in 0..20 {
            stranger.send_to(&vec![128; length], to).unwrap();
        }
        assert!(stranger.recv(&mut [0; 100]).is_err(), "a stranger gets nothing");
        assert_eq!(add(&mut client, 1).unwrap(), 2);
        assert_ne!(serving.join().unwrap(), Some(stranger.local_addr().unwrap()));
    });
}
