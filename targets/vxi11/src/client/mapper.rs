//! Asking the port mapper for the core channel.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::string::String;
use std::time::{Duration, Instant};

use oncilla::framing::{Framing, Record};
use oncilla::message::{CallHeader, OpaqueAuth, Reply};
use oncilla::rpcbind::{self, Mapping, PortMapper, Transport};
use oncilla::{CallError, LinkError, ProcedureId, xdr};
use oncilla_host::Connector;

use super::options::Mapper;
use super::{Error, Options};
use crate::interface::device_core_version::{PROGRAM, VERSION};

/// `PMAPPROC_GETPORT` of the port mapper.
const GETPORT: ProcedureId = ProcedureId { program: rpcbind::PROGRAM, version: 2, procedure: 3 };

/// The largest fragment that is received from an unmarked mapper.
const REPLY: usize = 512;

/// Returns the port of the core channel.
pub(super) fn core_port(options: &Options, host: &str) -> Result<u16, Error> {
    let tcp = Transport::Tcp.protocol();
    let timeout = options.connect_timeout;
    let connector = Connector::new().buffer(1024).connect_timeout(timeout);
    let at = (host, rpcbind::PORT);
    let port = match options.mapper {
        Mapper::Udp => {
            let mut client = connector.udp(at).map_err(Error::Connect)?;
            client.set_timeout(timeout);
            PortMapper::new(&mut client).get_port(PROGRAM, VERSION, tcp)
        }
        Mapper::Tcp => {
            let mut client = connector.tcp(at).map_err(Error::Connect)?;
            client.set_timeout(timeout);
            PortMapper::new(&mut client).get_port(PROGRAM, VERSION, tcp)
        }
        Mapper::Unmarked => unmarked(at, timeout).map_err(|error| CallError::Link(LinkError::Transport(error))),
    };
    let port = port.map_err(|source| Error::Mapper { host: String::from(host), source })?;
    port.ok_or_else(|| Error::NotMapped { host: String::from(host) })
}

/// Asks a port mapper whose replies have no mark of the last fragment.
fn unmarked(at: (&str, u16), timeout: Duration) -> io::Result<Option<u16>> {
    let address = at.to_socket_addrs()?.next().ok_or(io::ErrorKind::NotFound)?;
    let mut stream = TcpStream::connect_timeout(&address, timeout)?;
    stream.set_write_timeout(Some(timeout))?;
    let end = Instant::now() + timeout;
    let mut call = [0; 128];
    let length = get_port(Record::room(&mut call)).ok_or(io::ErrorKind::InvalidInput)?;
    stream.write_all(Record::seal(&mut call, length).unwrap_or_default())?;

    let mut mark = [0; 4];
    read_exact(&mut stream, &mut mark, end)?;
    // Whether or not the highest bit says that it is the last.
    let length = (u32::from_be_bytes(mark) & 0x7FFF_FFFF) as usize;
    let mut fragment = [0; REPLY];
    let fragment = fragment.get_mut(..length).ok_or(io::ErrorKind::InvalidData)?;
    read_exact(&mut stream, fragment, end)?;
    let reply = Reply::parse(fragment).map_err(|_| io::ErrorKind::InvalidData)?;
    let results = reply.outcome.map_err(|refusal| io::Error::other(std::format!("{refusal}")))?;
    let port: [u8; 4] = results.try_into().map_err(|_| io::ErrorKind::InvalidData)?;
    let port = u16::try_from(u32::from_be_bytes(port)).map_err(|_| io::ErrorKind::InvalidData)?;
    Ok(if port == 0 { None } else { Some(port) })
}

/// Fills the room until `end`, however slowly the bytes come.
fn read_exact(stream: &mut TcpStream, mut room: &mut [u8], end: Instant) -> io::Result<()> {
    while !room.is_empty() {
        let left = end.saturating_duration_since(Instant::now());
        // No time-out at all would be zero.
        stream.set_read_timeout(Some(left.max(Duration::from_millis(1))))?;
        let count = stream.read(room)?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        room = room.get_mut(count..).unwrap_or_default();
    }
    Ok(())
}

/// Writes the call; returns its size.
fn get_port(room: &mut [u8]) -> Option<usize> {
    let none = OpaqueAuth::NONE;
    let start = CallHeader { xid: 1, id: GETPORT, credential: none, verifier: none }.write(room)?;
    let mapping = Mapping { program: PROGRAM, version: VERSION, protocol: Transport::Tcp.protocol(), port: 0 };
    let length = xdr::encode(&mapping, room.get_mut(start..)?).ok()?;
    start.checked_add(length)
}
