//! An envelope other than that of ONC RPC: packets of a radio, with 32 bytes each. The table, the service and the generated
//! client are as on any other wire.
//!
//! ```text
//! cargo run --example envelope
//! ```
//!
//! A call is the number of the call, the number of the procedure, and the arguments. A reply is the number of the call, a
//! status, and the results. Here one function stands for both radios and what is between them.

use std::convert::Infallible;
use std::time::Duration;

use oncilla::message::CallFields;
use oncilla::xdr::{DecodeError, EncodeError};
use oncilla::{CallError, Caller, ProcedureId, Refusal, Table, Writer};

oncilla::program! {
    pub mod buoy = 0x2000_0051, version 1 {
        /// Returns the depth of a sensor in millimetres, or nothing if it does not exist.
        fn depth(sensor: u8) -> Option<i32> = 1;
        fn blink(times: u8) = 2, oneway;
    }
}

// The device: a function from a packet to a packet.

/// Answers a packet; returns the bytes of the reply, or `None` if there is none.
fn answer_packet<S>(table: &Table<S>, state: &mut S, packet: &[u8], reply: &mut [u8]) -> Option<usize> {
    let (&[number, procedure], arguments) = packet.split_first_chunk()?;
    let (header, room) = reply.split_first_chunk_mut()?;
    let id = ProcedureId { program: buoy::PROGRAM, version: buoy::VERSION, procedure: procedure.into() };
    let fields = CallFields::new(number.into(), id);
    let (status, length) = match table.execute(state, &fields.call(arguments), room) {
        Ok(Some(length)) => (0, length),
        // A one-way procedure has no reply.
        Ok(None) => return None,
        Err(Refusal::ProcedureUnavailable) => (1, 0),
        Err(Refusal::GarbageArguments) => (2, 0),
        Err(_) => (3, 0),
    };
    *header = [number, status];
    Some(2 + length)
}

static TABLE: Table<Buoy> = oncilla::table![buoy::program()];

// The largest reply fits a packet.
const _: () = assert!(2 + TABLE.results_max() <= 32);

struct Buoy;

impl buoy::Service for Buoy {
    fn depth(&mut self, sensor: u8) -> Option<i32> {
        (sensor < 2).then_some(-1_200)
    }

    fn blink(&mut self, _: u8) {}
}

// The host: a caller, for which the generated client works.

struct Radio {
    number: u8,
    packet: [u8; 32],
}

impl Caller for Radio {
    type Error = Infallible;

    fn call<'c, R>(
        &'c mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
        results: impl FnOnce(&'c [u8]) -> Result<R, DecodeError>,
    ) -> Result<R, CallError<Infallible>> {
        let length = self.write(id, arguments)?;
        let length = self.exchange(length);
        match self.packet.get(..length) {
            Some([_, 0, encoded @ ..]) => results(encoded).map_err(CallError::Results),
            Some([_, 1, ..]) => Err(CallError::Refused(Refusal::ProcedureUnavailable)),
            Some([_, 2, ..]) => Err(CallError::Refused(Refusal::GarbageArguments)),
            Some([_, _, ..]) => Err(CallError::Refused(Refusal::SystemError)),
            _ => Err(CallError::TimedOut { after: Duration::from_secs(1), unframed: 0 }),
        }
    }

    fn cast(
        &mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<(), CallError<Infallible>> {
        // A one-way procedure has no reply to wait for.
        let length = self.write(id, arguments)?;
        self.exchange(length);
        Ok(())
    }
}

impl Radio {
    /// Writes the packet of a call; returns its size.
    fn write(
        &mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<usize, CallError<Infallible>> {
        self.number = self.number.wrapping_add(1);
        let (header, room) = self.packet.split_at_mut(2);
        header.copy_from_slice(&[self.number, id.procedure as u8]);
        let mut writer = Writer::new(room);
        arguments(&mut writer).map_err(CallError::Arguments)?;
        Ok(2 + writer.length())
    }

    /// Sends the packet of `length` bytes and receives a packet; returns its size, or 0 if none came.
    fn exchange(&mut self, length: usize) -> usize {
        let sent = self.packet;
        answer_packet(&TABLE, &mut Buoy, &sent[..length], &mut self.packet).unwrap_or(0)
    }
}

/// Calls the buoy.
///
/// # Errors
/// Those of the calls.
pub fn main() -> Result<(), CallError<Infallible>> {
    let mut radio = Radio { number: 0, packet: [0; 32] };
    let mut buoy = buoy::Client::new(&mut radio);
    buoy.blink(3)?;
    println!("sensor 0: {:?}", buoy.depth(0)?);
    assert_eq!((buoy.depth(1)?, buoy.depth(2)?), (Some(-1_200), None));
    buoy.null()?;

    let mut reply = [0; 32];
    assert_eq!(answer_packet(&TABLE, &mut Buoy, &[7, 1, 0, 0, 0, 1], &mut reply), Some(10));
    assert_eq!(reply[..10], [7, 0, 0, 0, 0, 1, 0xff, 0xff, 0xfb, 0x50]);
    // Procedure 9 does not exist, and these arguments end too soon.
    assert_eq!(answer_packet(&TABLE, &mut Buoy, &[8, 9], &mut reply), Some(2));
    assert_eq!(reply[..2], [8, 1]);
    assert_eq!(answer_packet(&TABLE, &mut Buoy, &[9, 1, 0], &mut reply), Some(2));
    assert_eq!(reply[..2], [9, 2]);
    Ok(())
}
