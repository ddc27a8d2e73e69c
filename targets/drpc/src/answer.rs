//! The server as a function: the envelope of dRPC around [`Table::execute`].

use core::cell::Cell;

use oncilla::Table;
use oncilla::message::CallFields;

use crate::wire::{NOT_UNDERSTOOD, results_header};
use crate::{Call, HEADER_MAX, Modules, Response, Status};

/// Returns the bytes of the largest response to a call of `table`.
#[must_use]
pub const fn response_max<S>(table: &Table<S>) -> usize {
    HEADER_MAX.saturating_add(table.results_max())
}

/// Answers one message: reads a call, runs its procedure and writes the response to the start of `room`.
///
/// `message` is a whole message, without the headers of chunks. Every message has a response:
///
/// | a call | status | sequence number |
/// |---|---|---|
/// | that was executed | SUCCESS | its own |
/// | of a one-way procedure, also one that was not executed | SUBMITTED | its own |
/// | of a module that is not listed, or whose program the table lacks | UNKNOWN_MODULE | its own |
/// | of another method | UNKNOWN_METHOD | its own |
/// | whose body the procedure refuses | FAILED_UNMARSHAL_PAYLOAD | its own |
/// | that [`authorize`](Table::authorize) refuses, whose results do not fit, or that failed | FAILURE | its own |
/// | that cannot be parsed | FAILED_UNMARSHAL_CALL | −1 |
///
/// `room` should have [`response_max`] bytes. A procedure is not run if its largest results do not fit. Returns the
/// bytes of the response, or `None` if `room` has no place even for a refusal.
///
/// Procedures see the low 32 bits of the sequence number as [`xid`](oncilla::message::Call::xid).
///
/// ```
/// use oncilla::{Table, table};
/// use oncilla_drpc::{Call, Module, Modules, Response, Status, answer, modules, response_max};
///
/// oncilla::program! {
///     pub mod pools = 0x2000_0002, version 1 {
///         fn size(pool: u32) -> u64 = 201;
///     }
/// }
///
/// struct Device;
///
/// impl pools::Service for Device {
///     fn size(&mut self, pool: u32) -> u64 {
///         1 << pool
///     }
/// }
///
/// static TABLE: Table<Device> = table![pools::program()];
/// static MODULES: Modules = modules![Module::new(2, pools::PROGRAM, pools::VERSION)];
///
/// let mut message = [0; 64];
/// let call = Call { module: 2, method: 201, sequence: 1, body: &[0, 0, 0, 3] };
/// let length = call.write(&mut message).unwrap();
///
/// let mut room = [0; response_max(&TABLE)];
/// let length = answer(&MODULES, &TABLE, &mut Device, &message[..length], &mut room).unwrap();
/// let response = Response::parse(&room[..length]).unwrap();
/// assert_eq!((response.sequence, response.status), (1, Status::SUCCESS));
/// assert_eq!(response.body, [0, 0, 0, 0, 0, 0, 0, 8]);
/// ```
pub fn answer<S>(modules: &Modules, table: &Table<S>, state: &mut S, message: &[u8], room: &mut [u8]) -> Option<usize> {
    let refuse = |sequence, status| Response { sequence, status, body: &[] };
    let Ok(call) = Call::parse(message) else {
        return refuse(NOT_UNDERSTOOD, Status::CALL_NOT_UNDERSTOOD).write(room);
    };
    let Some(id) = modules.procedure(call.module, call.method) else {
        return refuse(call.sequence, Status::UNKNOWN_MODULE).write(room);
    };
    let fields = CallFields::new(call.sequence as u32, id);
    // The results are written behind room for the longest header, since that contains their length.
    let results = room.get_mut(HEADER_MAX..).unwrap_or_default();
    match table.execute(state, &fields.call(call.body), results) {
        Ok(Some(0)) => refuse(call.sequence, Status::SUCCESS).write(room),
        Ok(Some(length)) => {
            let header = results_header(call.sequence, length, room)?;
            let end = HEADER_MAX.checked_add(length)?;
            move_down(room.get_mut(header..end)?, HEADER_MAX.checked_sub(header)?);
            header.checked_add(length)
        }
        Ok(None) => refuse(call.sequence, Status::SUBMITTED).write(room),
        Err(refusal) => refuse(call.sequence, refusal.into()).write(room),
    }
}

/// Moves bytes `distance` places towards the start. `copy_within` could panic.
fn move_down(bytes: &mut [u8], distance: usize) {
    let cells = Cell::from_mut(bytes).as_slice_of_cells();
    for (to, from) in cells.iter().zip(cells.iter().skip(distance)) {
        to.set(from.get());
    }
}
