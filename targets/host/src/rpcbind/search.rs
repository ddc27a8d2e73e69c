//! Finding servers on the local networks by broadcast.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::time::{Duration, Instant};

use oncilla::message::{CallHeader, OpaqueAuth, Reply};
use oncilla::rpcbind::{PORT, PROGRAM};
use oncilla::{ProcedureId, Reader, Xdr, xdr};

use super::interfaces::broadcast_addresses;
use crate::Error;
use crate::connect::random;
use crate::datagram::is_passing;
use crate::waiting::is_pause;

/// The port mapper's indirect call, which it answers only when the procedure succeeded.
const CALLIT: ProcedureId = ProcedureId { program: PROGRAM, version: 2, procedure: 5 };

/// Bytes of the call: a header, the procedure that is called, and no arguments.
const CALL: usize = 56;

/// Bytes of the largest reply that can be one.
const REPLY_MAX: usize = 432;

/// Before asking a second time, since datagrams get lost; then after twice that, and so on.
const PAUSE: Duration = Duration::from_millis(500);

/// The most servers that are told, so that replies do not decide how much memory is used.
const FOUND_MAX: usize = 1024;

/// Asks all of this machine's IPv4 networks, by broadcast, who serves a version of a program on UDP, and
/// gives the address of each server as its reply comes, until `within` is over. This machine is asked
/// too.
///
/// The port mapper of each machine, on port 111, calls the program's NULL procedure and replies with its
/// port. Machines without one, or whose rpcbind makes no indirect calls (Debian's does with `-r` only),
/// are not found. Whoever receives the broadcast can reply, and claim anything: call the server to know.
///
/// ```no_run
/// # oncilla::program! { pub mod clock = 0x2000_0001, version 1 { fn now() -> u64 = 1; } }
/// use std::time::Duration;
///
/// for address in oncilla_host::search(clock::PROGRAM, clock::VERSION, Duration::from_secs(2))? {
///     println!("{}", clock::Client::new(&mut oncilla_host::udp(address?)?).now()?);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::Connect`] when the system gives no socket, does not tell its networks, or none of them can be
/// sent to.
pub fn search(program: u32, version: u32, within: Duration) -> Result<Search, Error> {
    let networks = broadcast_addresses().map_err(|source| failed("the local networks", source))?;
    search_at(networks.into_iter().map(|address| SocketAddrV4::new(address, PORT)), program, version, within)
}

/// The same, asking the port mappers at `addresses`, which may be broadcast addresses of other networks.
///
/// # Errors
/// As of [`search`].
pub fn search_at(
    addresses: impl IntoIterator<Item = SocketAddrV4>,
    program: u32,
    version: u32,
    within: Duration,
) -> Result<Search, Error> {
    let socket = || {
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
        socket.set_broadcast(true)?;
        Ok(socket)
    };
    let (now, xid) = (Instant::now(), random());
    let search = Search {
        socket: socket().map_err(|source| failed("UDP", source))?,
        addresses: addresses.into_iter().collect(),
        xid,
        call: call(xid, program, version),
        end: now.checked_add(within),
        again: now.checked_add(PAUSE),
        pause: PAUSE,
        found: Vec::new(),
    };
    search.ask()?;
    Ok(search)
}

/// The servers that a [`search`] finds, each once, in the order in which they reply.
///
/// [`next`](Iterator::next) waits for the next reply, and is over when the time is, or with the 1024th
/// server. An error of the system ends it.
#[derive(Debug)]
pub struct Search {
    socket: UdpSocket,
    addresses: Vec<SocketAddrV4>,
    xid: u32,
    call: [u8; CALL],
    /// `None` where no clock reaches.
    end: Option<Instant>,
    again: Option<Instant>,
    pause: Duration,
    found: Vec<SocketAddr>,
}

impl Search {
    /// Sends the call everywhere. That one of several networks is down is no error.
    fn ask(&self) -> Result<(), Error> {
        let mut error = failed("any network", ErrorKind::AddrNotAvailable.into());
        let mut sent = false;
        for address in &self.addresses {
            match self.socket.send_to(&self.call, address) {
                Ok(_) => sent = true,
                Err(source) => error = failed(&address.to_string(), source),
            }
        }
        if sent { Ok(()) } else { Err(error) }
    }

    /// The server that a datagram tells of, if it was not found before.
    fn server(&self, message: &[u8], from: SocketAddr) -> Option<SocketAddr> {
        let reply = Reply::parse(message).ok().filter(|reply| reply.xid == self.xid)?;
        let mut results = Reader::new(reply.outcome.ok()?);
        let port = u16::try_from(results.take::<Xdr, u32>().ok()?).ok().filter(|&port| port != 0)?;
        results.take::<Xdr, &[u8]>().ok()?;
        results.finish().ok()?;
        let server = SocketAddr::new(from.ip(), port);
        (!self.found.contains(&server)).then_some(server)
    }

    /// Waits for a datagram until it is time to do something else.
    fn receive(&self, now: Instant) -> io::Result<Option<SocketAddr>> {
        let until = self.end.into_iter().chain(self.again).min();
        // A time-out of nothing at all would be for ever.
        let wait = until.map(|until| until.saturating_duration_since(now).max(Duration::from_micros(1)));
        self.socket.set_read_timeout(wait)?;
        // One byte more, by which a datagram is known to be larger.
        let mut message = [0; REPLY_MAX + 1];
        match self.socket.recv_from(&mut message) {
            Ok((length, _)) if length > REPLY_MAX => Ok(None),
            Ok((length, from)) => Ok(self.server(message.get(..length).unwrap_or_default(), from)),
            // Some systems tell so that one of many has no port mapper.
            Err(error) if is_pause(&error) || is_passing(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Iterator for Search {
    type Item = Result<SocketAddr, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.found.len() < FOUND_MAX {
            let now = Instant::now();
            let passed = |time: Option<Instant>| time.is_some_and(|time| time <= now);
            if passed(self.end) {
                return None;
            }
            if passed(self.again) {
                // It went out the first time.
                let _ = self.ask();
                self.pause *= 2;
                self.again = now.checked_add(self.pause);
            }
            match self.receive(now) {
                Ok(Some(server)) => {
                    self.found.push(server);
                    return Some(Ok(server));
                }
                Ok(None) => {}
                Err(source) => {
                    self.end = Some(now);
                    return Some(Err(failed("any network", source)));
                }
            }
        }
        None
    }
}

fn call(xid: u32, program: u32, version: u32) -> [u8; CALL] {
    let mut message = [0; CALL];
    let header = CallHeader { xid, id: CALLIT, credential: OpaqueAuth::NONE, verifier: OpaqueAuth::NONE };
    let length = header.write(&mut message).unwrap_or_default();
    // NULL without arguments. The array is just as long.
    let _ = xdr::encode(&(program, version, 0_u32, 0_u32), message.get_mut(length..).unwrap_or_default());
    message
}

fn failed(to: &str, source: io::Error) -> Error {
    Error::Connect { to: to.to_owned(), source }
}
