//! Clients and servers on an embedded-nal stack: that of the operating system, on loopback.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::thread;
use std::time::{Duration, Instant};

use embedded_nal::{TcpClientStack, TcpFullStack, UdpClientStack, UdpFullStack, nb};
use oncilla::{CallError, Client, Clock, Link, Retry, Served, Time, Transport};
use oncilla_ethernet::nal::{ConnectError, Datagrams, Listener, Tcp, Udp};

oncilla::program! {
    /// The interface of the tests.
    pub mod trial = 0x2000_0070, version 1 {
        /// Returns the same bytes.
        fn echo(bytes: &[u8] [..2000]) -> &[u8] [..2000] = 1;
    }
}

struct Device;

impl trial::Service for Device {
    fn echo<'a>(&'a mut self, bytes: &'a [u8]) -> &'a [u8] {
        bytes
    }
}

static TABLE: oncilla::Table<Device> = oncilla::table![trial::program()];

/// The time of the system; waiting sleeps a little.
#[derive(Clone, Copy)]
struct Watch(Instant);

impl Watch {
    fn new() -> Self {
        Self(Instant::now())
    }

    fn after(mut self, seconds: u64) -> Time {
        self.now().after(Duration::from_secs(seconds))
    }
}

impl Clock for Watch {
    fn now(&mut self) -> Time {
        Time::ZERO.after(self.0.elapsed())
    }

    fn idle(&mut self, _: Time) {
        thread::sleep(Duration::from_micros(50));
    }
}

fn buffers() -> (Vec<u8>, Vec<u8>) {
    (vec![0; 2100], vec![0; 2100])
}

fn client<T: Transport>(transport: T) -> Client<T, Vec<u8>> {
    let (rx, tx) = buffers();
    let mut client = Client::new(Link::new(transport, rx, tx), 0x5eed);
    client.set_retry(Retry::every(Duration::from_millis(500)));
    client
}

fn echoes<T: Transport<Error: std::fmt::Debug>>(client: &mut Client<T, Vec<u8>>) {
    for length in (0..=2000).step_by(97).chain([2000]) {
        let bytes: Vec<u8> = (0..length).map(|i| i as u8).collect();
        assert_eq!(trial::Client::new(&mut *client).echo(&bytes).unwrap(), bytes);
    }
}

/// A stack for loopback only, where the system chooses the port. It is passed a server's sockets, because those of
/// `std-embedded-nal` are open to every network.
struct Loopback {
    listener: Option<TcpListener>,
    datagrams: Option<UdpSocket>,
}

enum Socket {
    None,
    Listener(TcpListener),
    Stream(TcpStream),
}

#[derive(Debug)]
struct Failed(#[expect(dead_code, reason = "for who reads what a test says")] io::Error);

impl embedded_nal::TcpError for Failed {
    fn kind(&self) -> embedded_nal::TcpErrorKind {
        embedded_nal::TcpErrorKind::Other
    }
}

fn answer<T>(result: io::Result<T>) -> nb::Result<T, Failed> {
    result.map_err(|error| match error.kind() {
        ErrorKind::WouldBlock => nb::Error::WouldBlock,
        _ => nb::Error::Other(Failed(error)),
    })
}

impl TcpClientStack for Loopback {
    type TcpSocket = Socket;
    type Error = Failed;

    fn socket(&mut self) -> Result<Socket, Failed> {
        Ok(Socket::None)
    }
    fn connect(&mut self, _: &mut Socket, _: SocketAddr) -> nb::Result<(), Failed> {
        Err(nb::Error::WouldBlock)
    }
    fn send(&mut self, socket: &mut Socket, buffer: &[u8]) -> nb::Result<usize, Failed> {
        let Socket::Stream(stream) = socket else { panic!("no connection") };
        // In small pieces.
        answer(io::Write::write(stream, &buffer[..buffer.len().min(100)]))
    }
    fn receive(&mut self, socket: &mut Socket, buffer: &mut [u8]) -> nb::Result<usize, Failed> {
        let Socket::Stream(stream) = socket else { panic!("no connection") };
        answer(io::Read::read(stream, buffer))
    }
    fn close(&mut self, _: Socket) -> Result<(), Failed> {
        Ok(())
    }
}

impl TcpFullStack for Loopback {
    fn bind(&mut self, socket: &mut Socket, _: u16) -> Result<(), Failed> {
        *socket = Socket::Listener(self.listener.take().expect("it is bound once"));
        Ok(())
    }
    fn listen(&mut self, _: &mut Socket) -> Result<(), Failed> {
        Ok(())
    }
    fn accept(&mut self, socket: &mut Socket) -> nb::Result<(Socket, SocketAddr), Failed> {
        let Socket::Listener(listener) = socket else { panic!("no listener") };
        let (stream, peer) = answer(listener.accept())?;
        stream.set_nonblocking(true).unwrap();
        Ok((Socket::Stream(stream), peer))
    }
}

impl UdpClientStack for Loopback {
    type UdpSocket = Option<UdpSocket>;
    type Error = Failed;

    fn socket(&mut self) -> Result<Option<UdpSocket>, Failed> {
        Ok(None)
    }
    fn connect(&mut self, _: &mut Option<UdpSocket>, _: SocketAddr) -> Result<(), Failed> {
        panic!("it is a server's")
    }
    fn send(&mut self, _: &mut Option<UdpSocket>, _: &[u8]) -> nb::Result<(), Failed> {
        panic!("it is a server's")
    }
    fn receive(
        &mut self,
        socket: &mut Option<UdpSocket>,
        buffer: &mut [u8],
    ) -> nb::Result<(usize, SocketAddr), Failed> {
        answer(socket.as_ref().unwrap().recv_from(buffer))
    }
    fn close(&mut self, _: Option<UdpSocket>) -> Result<(), Failed> {
        Ok(())
    }
}

impl UdpFullStack for Loopback {
    fn bind(&mut self, socket: &mut Option<UdpSocket>, _: u16) -> Result<(), Failed> {
        *socket = self.datagrams.take();
        Ok(())
    }
    fn send_to(&mut self, socket: &mut Option<UdpSocket>, to: SocketAddr, buffer: &[u8]) -> nb::Result<(), Failed> {
        answer(socket.as_ref().unwrap().send_to(buffer, to)).map(drop)
    }
}

fn loopback() -> (Loopback, SocketAddr, SocketAddr) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let datagrams = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    datagrams.set_nonblocking(true).unwrap();
    let (tcp, udp) = (listener.local_addr().unwrap(), datagrams.local_addr().unwrap());
    (Loopback { listener: Some(listener), datagrams: Some(datagrams) }, tcp, udp)
}

#[test]
fn connections_are_accepted_and_served_one_after_another() {
    let (stack, address, _) = loopback();
    let serving = thread::spawn(move || {
        let mut listener = Listener::new(stack, 0).unwrap();
        for _ in 0..3 {
            let watch = Watch::new();
            let Ok(connection) = listener.accept(watch, watch.after(60)) else { panic!("nobody came") };
            let (rx, tx) = buffers();
            Link::new(connection, rx, tx).serve(&TABLE, &mut Device).unwrap();
        }
        let watch = Watch::new();
        assert!(matches!(listener.accept(watch, Time::ZERO), Err(ConnectError::TimedOut)));
    });
    for _ in 0..3 {
        let watch = Watch::new();
        let socket = Tcp::connect(std_embedded_nal::Stack, address, watch, watch.after(60));
        echoes(&mut client(socket.map_err(|error| error.to_string()).unwrap()));
    }
    serving.join().unwrap();
}

#[test]
fn datagrams_are_served() {
    let (stack, _, address) = loopback();
    let serving = thread::spawn(move || {
        let watch = Watch::new();
        let (rx, tx) = buffers();
        let mut link = Link::new(Datagrams::bind(stack, 0, watch).unwrap(), rx, tx);
        let mut served = 0;
        // Until no client calls any more.
        while link.serve_next(&TABLE, &mut Device, Watch(watch.0).after(5)).unwrap() == Served::Message {
            served += 1;
            if served == 22 {
                break;
            }
        }
        served
    });
    let mut client = client(Udp::connect(std_embedded_nal::Stack, address, Watch::new()).unwrap());
    echoes(&mut client);
    assert_eq!(serving.join().unwrap(), 22);
}

#[test]
fn a_call_without_a_reply_ends_in_time() {
    let silent = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = silent.local_addr().unwrap();
    let mut client = client(Udp::connect(std_embedded_nal::Stack, address, Watch::new()).unwrap());
    client.set_timeout(Duration::from_millis(100));
    let came = trial::Client::new(&mut client).echo(&[]).map(<[u8]>::len);
    assert!(matches!(came, Err(CallError::TimedOut { .. })), "{came:?}");
}

#[test]
fn a_connection_that_is_closed_ends_the_call() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let watch = Watch::new();
    let socket = Tcp::connect(std_embedded_nal::Stack, listener.local_addr().unwrap(), watch, watch.after(60));
    drop(listener.accept().unwrap());
    let mut client = client(socket.map_err(|error| error.to_string()).unwrap());
    let came = trial::Client::new(&mut client).echo(&[]).map(<[u8]>::len);
    assert!(matches!(came, Err(CallError::Closed | CallError::Link(_))), "{came:?}");
}

#[test]
fn a_stack_that_never_connects_is_waited_for_until_the_deadline() {
    let (stack, address, _) = loopback();
    let mut watch = Watch::new();
    let deadline = watch.now().after(Duration::from_millis(20));
    assert!(matches!(Tcp::connect(stack, address, watch, deadline), Err(ConnectError::TimedOut)));
    assert!(watch.now() >= deadline);
}
