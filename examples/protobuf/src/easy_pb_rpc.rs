//! The envelope of easy_pb_rpc, around the same tables and clients.
//!
//! A frame is a length, in four bytes in the order of the machine, and a protobuf message: [`Request`] or [`Response`].
//! A service has the number of its line in the file `services.cfg`, and a method its place in the service, from 0. A
//! call that fails has no response there, so that a client needs a time-out.

use std::io::{Error, ErrorKind, Read, Write};
use std::vec;
use std::vec::Vec;

use oncilla::message::CallFields;
use oncilla::xdr::{DecodeError, EncodeError, Fault};
use oncilla::{CallError, Caller, LinkError, ProcedureId, Table, Writer};
use oncilla_protobuf::prost::Message;

/// What a client sends.
#[derive(Clone, PartialEq, Message)]
#[prost(prost_path = "::oncilla_protobuf::prost")]
pub struct Request {
    /// The line of the service in `services.cfg`, from 1.
    #[prost(uint32, required, tag = "1")]
    pub service_id: u32,
    /// The place of the method in the service, from 0.
    #[prost(uint32, required, tag = "2")]
    pub method_id: u32,
    /// What the response has, too.
    #[prost(uint32, required, tag = "3")]
    pub call_id: u32,
    /// The message of the method.
    #[prost(bytes = "vec", required, tag = "4")]
    pub content: Vec<u8>,
}

/// What a server sends.
#[derive(Clone, PartialEq, Message)]
#[prost(prost_path = "::oncilla_protobuf::prost")]
pub struct Response {
    /// That of the request.
    #[prost(uint32, required, tag = "1")]
    pub call_id: u32,
    /// The message that the method returns.
    #[prost(bytes = "vec", required, tag = "2")]
    pub content: Vec<u8>,
}

/// The most bytes of a frame, without its length.
pub const FRAME_MAX: usize = 70_000;

/// Answers one request. Returns the response, or `None` if the call failed or the bytes are no request.
pub fn answer<S>(table: &Table<S>, state: &mut S, request: &[u8]) -> Option<Vec<u8>> {
    let Request { service_id, method_id, call_id, content } = Request::decode(request).ok()?;
    // Procedure 0 is NULL.
    let id = ProcedureId { program: service_id, version: 1, procedure: method_id.checked_add(1)? };
    let mut room = vec![0; table.results_max()];
    let length = table.execute(state, &CallFields::new(call_id, id).call(&content), &mut room).ok()??;
    room.truncate(length);
    Some(Response { call_id, content: room }.encode_to_vec())
}

/// Reads a frame. Returns `None` at the end of the stream.
///
/// # Errors
/// The stream fails or ends inside a frame, or the frame is larger than [`FRAME_MAX`].
pub fn read_frame(stream: &mut impl Read) -> std::io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    if stream.read(&mut length[..1])? == 0 {
        return Ok(None);
    }
    stream.read_exact(&mut length[1..])?;
    let length = u32::from_ne_bytes(length) as usize;
    if length > FRAME_MAX {
        return Err(ErrorKind::InvalidData.into());
    }
    let mut frame = vec![0; length];
    stream.read_exact(&mut frame)?;
    Ok(Some(frame))
}

/// Writes a frame.
///
/// # Errors
/// The stream fails.
pub fn write_frame(stream: &mut impl Write, message: &[u8]) -> std::io::Result<()> {
    let length = u32::try_from(message.len()).map_err(|_| ErrorKind::InvalidInput)?;
    stream.write_all(&[&length.to_ne_bytes(), message].concat())
}

/// A connection to a server of easy_pb_rpc, on which the generated clients call.
#[derive(Debug)]
pub struct Connection<T> {
    stream: T,
    call_id: u32,
    reply: Vec<u8>,
}

impl<T: Read + Write> Connection<T> {
    /// Creates it. The time-outs of the stream are those of the calls.
    pub const fn new(stream: T) -> Self {
        Self { stream, call_id: 0, reply: Vec::new() }
    }

    /// Sends a call.
    fn send(
        &mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<(), CallError<Error>> {
        let mut room = vec![0; FRAME_MAX];
        let mut writer = Writer::new(&mut room);
        arguments(&mut writer).map_err(CallError::Arguments)?;
        let length = writer.length();
        room.truncate(length);
        self.call_id = self.call_id.wrapping_add(1);
        let method_id = id.procedure.saturating_sub(1);
        let request = Request { service_id: id.program, method_id, call_id: self.call_id, content: room };
        write_frame(&mut self.stream, &request.encode_to_vec()).map_err(failed)
    }
}

fn failed(error: Error) -> CallError<Error> {
    CallError::Link(LinkError::Transport(error))
}

impl<T: Read + Write> Caller for Connection<T> {
    type Error = Error;

    fn call<'c, R>(
        &'c mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
        results: impl FnOnce(&'c [u8]) -> Result<R, DecodeError>,
    ) -> Result<R, CallError<Error>> {
        self.send(id, arguments)?;
        loop {
            let frame = read_frame(&mut self.stream).map_err(failed)?.ok_or(CallError::Closed)?;
            let malformed = |_| CallError::Reply(DecodeError { fault: Fault::Value, offset: 0, value: None });
            let Response { call_id, content } = Response::decode(frame.as_slice()).map_err(malformed)?;
            // The response to a call that has timed out is dropped.
            if call_id == self.call_id {
                self.reply = content;
                return results(&self.reply).map_err(CallError::Results);
            }
        }
    }

    fn cast(
        &mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<(), CallError<Error>> {
        self.send(id, arguments)
    }
}
