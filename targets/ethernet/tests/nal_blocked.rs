//! Servers on a stack that takes no bytes: the peer does not read, or its address does not exist.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use embedded_nal::{TcpClientStack, TcpErrorKind, UdpClientStack, UdpFullStack, nb};
use oncilla::{Clock, Link, LinkError, Received, Served, Time, Transport};
use oncilla_ethernet::nal::{Datagrams, Tcp};

oncilla::program! {
    /// Only its null procedure is called.
    pub mod trial = 0x2000_0070, version 1 {}
}

struct Device;

impl trial::Service for Device {}

static TABLE: oncilla::Table<Device> = oncilla::table![trial::program()];

const CALLER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::new(10, 0, 0, 99)), 1111);

/// A clock that advances while something waits. Waiting for ever is an error.
struct Impatient(Time);

impl Clock for Impatient {
    fn now(&mut self) -> Time {
        self.0
    }

    fn idle(&mut self, until: Time) {
        assert!(until < Time::NEVER, "it waits for ever");
        self.0 = self.0.max(until);
    }
}

/// A stack with one call to receive, and no room for its reply.
struct Blocked {
    call: &'static [u32],
}

#[derive(Debug, PartialEq)]
struct Failed;

impl embedded_nal::TcpError for Failed {
    fn kind(&self) -> TcpErrorKind {
        TcpErrorKind::Other
    }
}

impl Blocked {
    /// Returns the next words of the call.
    fn receive(&mut self, words: usize, buffer: &mut [u8]) -> nb::Result<usize, Failed> {
        let (some, rest) = self.call.split_at(words.min(self.call.len()));
        self.call = rest;
        let some: Vec<u8> = some.iter().flat_map(|word| word.to_be_bytes()).collect();
        buffer[..some.len()].copy_from_slice(&some);
        if some.is_empty() { Err(nb::Error::WouldBlock) } else { Ok(some.len()) }
    }
}

impl TcpClientStack for Blocked {
    type TcpSocket = ();
    type Error = Failed;

    fn socket(&mut self) -> Result<(), Failed> {
        Ok(())
    }
    fn connect(&mut self, (): &mut (), _: SocketAddr) -> nb::Result<(), Failed> {
        Ok(())
    }
    fn send(&mut self, (): &mut (), _: &[u8]) -> nb::Result<usize, Failed> {
        Err(nb::Error::WouldBlock)
    }
    fn receive(&mut self, (): &mut (), buffer: &mut [u8]) -> nb::Result<usize, Failed> {
        self.receive(1, buffer)
    }
    fn close(&mut self, (): ()) -> Result<(), Failed> {
        Ok(())
    }
}

impl UdpClientStack for Blocked {
    type UdpSocket = ();
    type Error = Failed;

    fn socket(&mut self) -> Result<(), Failed> {
        Ok(())
    }
    fn connect(&mut self, (): &mut (), _: SocketAddr) -> Result<(), Failed> {
        Ok(())
    }
    fn send(&mut self, (): &mut (), _: &[u8]) -> nb::Result<(), Failed> {
        Err(nb::Error::WouldBlock)
    }
    fn receive(&mut self, (): &mut (), buffer: &mut [u8]) -> nb::Result<(usize, SocketAddr), Failed> {
        self.receive(10, buffer).map(|length| (length, CALLER))
    }
    fn close(&mut self, (): ()) -> Result<(), Failed> {
        Ok(())
    }
}

impl UdpFullStack for Blocked {
    fn bind(&mut self, (): &mut (), _: u16) -> Result<(), Failed> {
        Ok(())
    }
    fn send_to(&mut self, (): &mut (), _: SocketAddr, _: &[u8]) -> nb::Result<(), Failed> {
        Err(nb::Error::WouldBlock)
    }
}

#[test]
fn a_client_that_does_not_read_ends_its_connection_after_the_time_out() {
    let stack = Blocked { call: &[0x8000_0028, 7, 0, 2, trial::PROGRAM, trial::VERSION, 0, 0, 0, 0, 0] };
    let mut socket = Tcp::connect(stack, CALLER, Impatient(Time::ZERO), Time::ZERO).unwrap();
    socket.set_send_timeout(Some(Duration::from_secs(5)));
    let mut link = Link::new(socket, [0; 64], [0; 64]);
    let came = link.serve(&TABLE, &mut Device);
    assert_eq!(came, Err(LinkError::Unsent { sent: 0, size: 28 }));
}

#[test]
fn an_unreachable_caller_does_not_stop_a_server() {
    let stack = Blocked { call: &[7, 0, 2, trial::PROGRAM, trial::VERSION, 0, 0, 0, 0, 0] };
    let mut link = Link::new(Datagrams::bind(stack, 1111, Impatient(Time::ZERO)).unwrap(), [0; 64], [0; 64]);
    assert_eq!(link.serve_next(&TABLE, &mut Device, Time::ZERO), Ok(Served::Message));
    assert_eq!(link.serve_next(&TABLE, &mut Device, Time::ZERO), Ok(Served::TimeUp));
}

/// The traits do not define whether a stack reports a truncated datagram.
#[test]
fn a_datagram_that_fills_the_buffer_counts_as_truncated() {
    for (room, expected) in [(40, Received::Oversize(41)), (41, Received::Bytes(40))] {
        let stack = Blocked { call: &[7, 0, 2, trial::PROGRAM, trial::VERSION, 0, 0, 0, 0, 0] };
        let mut socket = Datagrams::bind(stack, 1111, Impatient(Time::ZERO)).unwrap();
        assert_eq!(socket.receive(&mut vec![0; room], Time::ZERO), Ok(expected));
    }
}
