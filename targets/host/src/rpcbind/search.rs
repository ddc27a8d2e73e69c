//! Finds servers on the local networks by broadcast.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::time::Duration;

use oncilla::message::{CallHeader, OpaqueAuth, Reply};
use oncilla::rpcbind::{PORT, PROGRAM};
use oncilla::{ProcedureId, Reader, Time, Xdr, xdr};

use super::interfaces::broadcast_addresses;
use crate::Error;
use crate::connect::random;
use crate::datagram::{Inbox, Taken, is_passing};
use crate::waiting::Waiting;

/// The port mapper's indirect call. It is answered only when the procedure succeeded.
const CALLIT: ProcedureId = ProcedureId { program: PROGRAM, version: 2, procedure: 5 };

/// The size of the call in bytes: a header, the procedure that is called, and no arguments.
const CALL: usize = 56;

/// The size of the largest valid reply in bytes.
const REPLY_MAX: usize = 432;

/// The pause before the call is sent again, because datagrams may be lost. It doubles each time.
const PAUSE: Duration = Duration::from_millis(500);

/// The largest number of servers that are returned. It bounds the memory that replies can take.
const FOUND_MAX: usize = 1024;

/// Finds servers of a program on all IPv4 networks of this machine, by broadcast on UDP.
///
/// Returns an iterator over the addresses of servers of this version, in the order of their replies, until `within` is
/// over. This machine is asked too.
///
/// The port mapper of each machine, on port 111, calls the program's NULL procedure and replies with the program's
/// port. Machines without a port mapper are not found, nor are those whose rpcbind makes no indirect calls (Debian's
/// makes them only with `-r`). Any machine that receives the broadcast can send a false reply: call the server to be
/// sure.
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
/// [`Error::Connect`] when the system provides no socket, does not list its networks, or none of them can be sent to.
pub fn search(program: u32, version: u32, within: Duration) -> Result<Search, Error> {
    let networks = broadcast_addresses().map_err(|source| failed("the local networks", source))?;
    search_at(networks.into_iter().map(|address| SocketAddrV4::new(address, PORT)), program, version, within)
}

/// Finds servers of a program by asking the port mappers at `addresses`, which may be broadcast addresses.
///
/// Use it for other networks than those of this machine. [`search`] describes the replies.
///
/// # Errors
/// As [`search`].
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
    let socket = socket().map_err(|source| failed("UDP", source))?;
    let waiting = Waiting::on(&socket);
    let (now, xid) = (waiting.clock.now(), random());
    let search = Search {
        socket,
        waiting,
        inbox: Inbox::new(),
        addresses: addresses.into_iter().collect(),
        xid,
        call: call(xid, program, version),
        end: now.after(within),
        again: now.after(PAUSE),
        pause: PAUSE,
        found: Vec::new(),
    };
    search.ask()?;
    Ok(search)
}

/// The servers that a [`search`] finds: each once, in the order of their replies.
///
/// [`next`](Iterator::next) blocks until the next reply. The iterator ends when the time is over, after 1024 servers,
/// or after an error of the system.
#[derive(Debug)]
pub struct Search {
    socket: UdpSocket,
    waiting: Waiting,
    inbox: Inbox,
    addresses: Vec<SocketAddrV4>,
    xid: u32,
    call: [u8; CALL],
    end: Time,
    again: Time,
    pause: Duration,
    found: Vec<SocketAddr>,
}

impl Search {
    /// Sends the call to all addresses. Fails only when none can be sent to.
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

    /// Returns the server that a datagram reports, unless it was found before.
    fn server(&self, message: &[u8], from: SocketAddr) -> Option<SocketAddr> {
        let reply = Reply::parse(message).ok().filter(|reply| reply.xid == self.xid)?;
        let mut results = Reader::new(reply.outcome.ok()?);
        let port = u16::try_from(results.take::<Xdr, u32>().ok()?).ok().filter(|&port| port != 0)?;
        results.take::<Xdr, &[u8]>().ok()?;
        results.finish().ok()?;
        let server = SocketAddr::new(from.ip(), port);
        (!self.found.contains(&server)).then_some(server)
    }

    /// Waits for a server's reply, at most until the next call or the end.
    fn receive(&mut self) -> io::Result<Option<SocketAddr>> {
        let mut message = [0; REPLY_MAX];
        let Self { socket, waiting, inbox, .. } = self;
        let received = waiting.receive(&*socket, self.end.min(self.again), |flags| {
            match inbox.take(&*socket, &mut message, flags) {
                // Some systems report here that one of several machines has no port mapper.
                Err(error) if is_passing(&error) => Ok(None),
                taken => taken.map(Some),
            }
        })?;
        let server = |taken: Taken| self.server(message.get(..taken.size)?, taken.from?);
        Ok(received.and_then(server))
    }
}

impl Iterator for Search {
    type Item = Result<SocketAddr, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.found.len() < FOUND_MAX {
            let now = self.waiting.clock.now();
            if self.end <= now {
                return None;
            }
            if self.again <= now {
                // The first call could be sent, so an error now is temporary.
                let _ = self.ask();
                self.pause *= 2;
                self.again = now.after(self.pause);
            }
            match self.receive() {
                Ok(Some(server)) => {
                    self.found.push(server);
                    return Some(Ok(server));
                }
                Ok(None) => {}
                Err(source) => {
                    self.end = now;
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
    // The procedure is NULL without arguments. The array has exactly this size.
    let _ = xdr::encode(&(program, version, 0_u32, 0_u32), message.get_mut(length..).unwrap_or_default());
    message
}

fn failed(to: &str, source: io::Error) -> Error {
    Error::Connect { to: to.to_owned(), source }
}
