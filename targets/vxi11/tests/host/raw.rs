//! Calls without a client.

use std::io::{Read, Write};
use std::net::TcpStream;

use oncilla::framing::{Framing, Record};
use oncilla::message::{CallHeader, OpaqueAuth};
use oncilla::{ProcedureId, xdr};

/// Sends a call as a record.
pub fn send(stream: &mut TcpStream, procedure: u32, arguments: &impl oncilla::serde::Serialize) {
    let mut record = vec![0; 1 << 17];
    let none = OpaqueAuth::NONE;
    let id = ProcedureId { program: 0x0607AF, version: 1, procedure };
    let room = Record::room(&mut record);
    let start = CallHeader { xid: procedure, id, credential: none, verifier: none }.write(room).unwrap();
    let length = start + xdr::encode(arguments, &mut room[start..]).unwrap();
    stream.write_all(Record::seal(&mut record, length).unwrap()).unwrap();
}

pub fn read_reply(stream: &mut TcpStream) -> Vec<u8> {
    let mut mark = [0; 4];
    stream.read_exact(&mut mark).unwrap();
    let mut reply = vec![0; (u32::from_be_bytes(mark) & 0x7FFF_FFFF) as usize];
    stream.read_exact(&mut reply).unwrap();
    reply
}
