//! A server with a clock that tests move, and an instrument that they can hold up.

use std::net::SocketAddr;
use std::time::Duration;

use oncilla::message::{CallHeader, OpaqueAuth, Reply};
use oncilla::serde::{Deserialize, Serialize};
use oncilla::{ProcedureId, Reader, Time, Xdr, xdr};
use oncilla_vxi11::interface::*;
use oncilla_vxi11::{Answer, ErrorCode, Instrument, Link, Part, Server, Settings, Unfinished};

pub const ABORT_PORT: u16 = 1025;
pub const RECEIVE_MAX: u32 = 64;

/// Returns what was written, without what the test holds back.
#[derive(Default)]
pub struct Echo {
    pub content: Vec<u8>,
    /// Whether the content has an end.
    pub end: bool,
    /// How many bytes may be read and written now.
    pub readable: usize,
    pub writable: usize,
    pub service: bool,
    pub broken: bool,
    pub notes: Vec<String>,
}

impl Instrument for Echo {
    fn write(&mut self, _: Link, data: &[u8], end: bool) -> Result<usize, Unfinished> {
        if self.broken {
            return Err(ErrorCode::IO.into());
        }
        let count = data.len().min(self.writable);
        self.writable -= count;
        self.content.extend_from_slice(&data[..count]);
        self.end = end && count == data.len();
        if count == 0 { Err(Unfinished::NotYet) } else { Ok(count) }
    }

    fn read(&mut self, _: Link, room: &mut [u8]) -> Result<Part, Unfinished> {
        let count = self.content.len().min(room.len()).min(self.readable);
        self.readable -= count;
        for (place, byte) in room.iter_mut().zip(self.content.drain(..count)) {
            *place = byte;
        }
        let end = self.end && count > 0 && self.content.is_empty();
        if count == 0 { Err(Unfinished::NotYet) } else { Ok(Part { count, end }) }
    }

    fn status_byte(&mut self, _: Link) -> u8 {
        let status = if self.service { 0x40 } else { 0 };
        self.service = false;
        status
    }

    fn trigger(&mut self, link: Link) -> Result<(), Unfinished> {
        self.notes.push(format!("trigger {}", link.index()));
        Ok(())
    }

    fn clear(&mut self, _: Link) -> Result<(), Unfinished> {
        self.content.clear();
        Ok(())
    }

    fn wants_service(&mut self) -> bool {
        self.service
    }

    fn opened(&mut self, link: Link) {
        self.notes.push(format!("opened {}", link.index()));
    }

    fn closed(&mut self, link: Link) {
        self.notes.push(format!("closed {}", link.index()));
    }

    fn given_up(&mut self, link: Link, why: ErrorCode) {
        self.notes.push(format!("{}: {}", link.index(), why.0));
    }
}

/// What a call returns: the error, or the results.
pub type Answered<T> = Option<T>;

pub struct Bench {
    pub server: Server<Echo, 3, 3>,
    pub now: Time,
    /// The reply of each connection, which is kept while a call waits.
    replies: [[u8; 256]; 3],
    xid: u32,
}

impl Bench {
    /// A server with a client on each of three connections, from the machines 192.0.2.1 to 192.0.2.3.
    pub fn new() -> Self {
        let echo = Echo { readable: usize::MAX, writable: usize::MAX, ..Echo::default() };
        let mut server = Server::new(echo, Settings::new(ABORT_PORT, RECEIVE_MAX));
        for connection in 0..3 {
            server.opened(connection, Some(peer(connection)));
        }
        Self { server, now: Time::ZERO, replies: [[0; 256]; 3], xid: 0 }
    }

    pub fn pass(&mut self, milliseconds: u64) {
        self.now = self.now.after(Duration::from_millis(milliseconds));
    }

    /// Starts a call.
    pub fn begin<A: Serialize>(&mut self, procedure: u32, arguments: &A) -> Vec<u8> {
        self.xid += 1;
        message(self.xid, (0x0607AF, 1, procedure), arguments)
    }

    /// Asks for the answer to a call. Returns `None` while it waits.
    pub fn ask<R>(&mut self, connection: usize, call: &[u8]) -> Answered<R>
    where
        R: for<'a> Deserialize<'a>,
    {
        let reply = &mut self.replies[connection];
        match self.server.call(self.now, connection, call, reply) {
            Answer::Reply(length) => Some(results(&reply[..length])),
            Answer::Later(until) => {
                assert!(until > self.now);
                None
            }
            Answer::Silent => panic!("a call has no reply"),
        }
    }

    /// Makes a call that must not wait.
    pub fn call<A: Serialize, R>(&mut self, connection: usize, procedure: u32, arguments: &A) -> R
    where
        R: for<'a> Deserialize<'a>,
    {
        let call = self.begin(procedure, arguments);
        self.ask(connection, &call).expect("the call waits")
    }

    pub fn open(&mut self, connection: usize) -> i32 {
        let link: CreateLinkResp = self.call(connection, 10, &open(false));
        assert_eq!((link.error, link.abort_port, link.max_recv_size), (0, ABORT_PORT, RECEIVE_MAX));
        link.lid
    }

    /// Writes with END; returns the error and the size.
    pub fn write(&mut self, connection: usize, lid: i32, data: &[u8]) -> (i32, u32) {
        let write = DeviceWriteParms { lid, io_timeout: 100, lock_timeout: 0, flags: 8, data };
        let DeviceWriteResp { error, size } = self.call(connection, 11, &write);
        (error, size)
    }

    /// Asks for the answer to a `device_read`: error, reason and data.
    pub fn ask_read(&mut self, connection: usize, call: &[u8]) -> Option<(i32, i32, Vec<u8>)> {
        let reply = &mut self.replies[connection];
        match self.server.call(self.now, connection, call, reply) {
            Answer::Reply(length) => {
                let reply = Reply::parse(&reply[..length]).unwrap();
                let read: DeviceReadResp<'_> = decode(reply.outcome.unwrap());
                Some((read.error, read.reason, read.data.to_vec()))
            }
            Answer::Later(_) => None,
            Answer::Silent => panic!("a call has no reply"),
        }
    }

    pub fn read(&mut self, connection: usize, read: &DeviceReadParms) -> Option<(i32, i32, Vec<u8>)> {
        let call = self.begin(12, read);
        self.ask_read(connection, &call)
    }

    /// Aborts from the machine of a connection; returns the error.
    pub fn abort(&mut self, connection: usize, lid: i32) -> i32 {
        self.xid += 1;
        let call = message(self.xid, (0x0607B0, 1, 1), &lid);
        let mut reply = [0; 64];
        let length = self.server.abort(self.now, Some(peer(connection).ip()), &call, &mut reply).unwrap();
        results::<DeviceError>(&reply[..length]).error
    }

    pub fn simple(&mut self, connection: usize, procedure: u32, lid: i32) -> i32 {
        self.call::<_, DeviceError>(connection, procedure, &lid).error
    }

    /// Makes a call with the generic arguments and without waiting for a lock.
    pub fn generic(&mut self, connection: usize, procedure: u32, lid: i32) -> i32 {
        let generic = DeviceGenericParms { lid, flags: 0, lock_timeout: 0, io_timeout: 0 };
        self.call::<_, DeviceError>(connection, procedure, &generic).error
    }
}

pub fn peer(connection: usize) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, connection as u8 + 1], 40_000))
}

pub fn open(lock_device: bool) -> CreateLinkParms<'static> {
    CreateLinkParms { client_id: 1, lock_device, lock_timeout: 50, device: "inst0" }
}

pub fn read(lid: i32, request_size: u32) -> DeviceReadParms {
    DeviceReadParms { lid, request_size, io_timeout: 100, lock_timeout: 0, flags: 0, term_char: 0 }
}

pub fn message<A: Serialize>(xid: u32, (program, version, procedure): (u32, u32, u32), arguments: &A) -> Vec<u8> {
    let id = ProcedureId { program, version, procedure };
    let mut message = vec![0; 512];
    let header = CallHeader { xid, id, credential: OpaqueAuth::NONE, verifier: OpaqueAuth::NONE };
    let start = header.write(&mut message).unwrap();
    let length = xdr::encode(arguments, &mut message[start..]).unwrap();
    message.truncate(start + length);
    message
}

fn results<R: for<'a> Deserialize<'a>>(reply: &[u8]) -> R {
    let reply = Reply::parse(reply).unwrap();
    decode(reply.outcome.expect("the call is refused"))
}

pub fn decode<'a, R: Deserialize<'a>>(results: &'a [u8]) -> R {
    let mut results = Reader::new(results);
    let value = results.take::<Xdr, R>().unwrap();
    results.finish().unwrap();
    value
}
