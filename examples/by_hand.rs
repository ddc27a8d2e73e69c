//! The expansion of `program!`, written by hand: for interfaces that are known only at run time, and to show how it
//! works. Server and client are connected by a pair of Unix sockets, and block like firmware does.
//!
//! With the macro, the interface is:
//!
//! ```text
//! oncilla::program! {
//!     pub mod thermostat = 0x2000_0042, version 1 {
//!         fn read(channel: u32) -> Result<i32, u32> = 1;
//!         fn name(channel: u32) -> &str [..16] = 2;
//!     }
//! }
//! ```

use std::error::Error;
use std::os::unix::net::UnixStream;
use std::thread;

use oncilla::framing::RecordAhead;
use oncilla::message::{CALL_HEADER, Call, REPLY_HEADER};
use oncilla::xdr::{MaxSize, opaque_max_size};
use oncilla::{
    CallError, Caller, CallsInFlight, Client, Codec, Failure, Link, Procedure, ProcedureId, Program, Reader, Refusal,
    Starter, Table, Ticket, Xdr,
};
use oncilla_host::Socket;

const PROGRAM: u32 = 0x2000_0042;
const VERSION: u32 = 1;
const READ: u32 = 1;
const NAME: u32 = 2;

/// The largest results in bytes. A procedure is called only if there is room for them.
const READ_MAX: usize = <Result<i32, u32>>::MAX_SIZE;
const NAME_MAX: usize = opaque_max_size(16);

/// The buffer sizes for the largest call and the largest reply, in bytes.
const CALL_BUFFER: usize = RecordAhead::buffer(CALL_HEADER + u32::MAX_SIZE);
const REPLY_BUFFER: usize = RecordAhead::buffer(REPLY_HEADER + NAME_MAX);
const BUFFER: usize = if CALL_BUFFER > REPLY_BUFFER { CALL_BUFFER } else { REPLY_BUFFER };

// The server: a function for each procedure, and a table of them.

struct Device {
    millidegrees: [i32; 2],
    names: [String; 2],
}

impl Device {
    fn read(&self, channel: u32) -> Result<i32, u32> {
        self.millidegrees.get(channel as usize).copied().ok_or(channel)
    }

    fn name(&self, channel: u32) -> &str {
        self.names.get(channel as usize).map_or("", String::as_str)
    }
}

/// Decodes the arguments one by one. No bytes may be left over.
fn channel(call: &Call<'_>) -> Result<u32, Failure> {
    let mut arguments = Reader::new(call.arguments());
    let channel = arguments.take::<Xdr, u32>().map_err(|_| Failure::GarbageArguments)?;
    arguments.finish().map_err(|_| Failure::GarbageArguments)?;
    Ok(channel)
}

fn read(device: &mut Device, call: &Call<'_>, results: &mut [u8]) -> Result<usize, Failure> {
    let reading = device.read(channel(call)?);
    Xdr::encode(&reading, results).map_err(|_| Failure::SystemError)
}

fn name(device: &mut Device, call: &Call<'_>, results: &mut [u8]) -> Result<usize, Failure> {
    let name = device.name(channel(call)?);
    // The client's buffer has no room for more.
    if name.len() > 16 {
        return Err(Failure::SystemError);
    }
    Xdr::encode(name, results).map_err(|_| Failure::SystemError)
}

static TABLE: Table<Device> = oncilla::table![Program::new(
    PROGRAM,
    VERSION,
    const { &[Procedure::new(READ, READ_MAX, read), Procedure::new(NAME, NAME_MAX, name)] },
)];

// The client: a call has an address, a function that writes the arguments, and one that reads the results. Results may
// borrow from the receive buffer.

fn call_read<C: Caller>(caller: &mut C, channel: u32) -> Result<Result<i32, u32>, CallError<C::Error>> {
    let id = ProcedureId { program: PROGRAM, version: VERSION, procedure: READ };
    caller.call(
        id,
        |arguments| arguments.put::<Xdr, _>(&channel),
        |results| {
            let mut results = Reader::new(results);
            let reading = results.take::<Xdr, _>()?;
            results.finish()?;
            Ok(reading)
        },
    )
}

fn call_name<C: Caller>(caller: &mut C, channel: u32) -> Result<&str, CallError<C::Error>> {
    let id = ProcedureId { program: PROGRAM, version: VERSION, procedure: NAME };
    // A single value that fills the results needs no reader.
    caller.call(id, |arguments| arguments.put::<Xdr, _>(&channel), oncilla::xdr::decode)
}

// Calls in flight: one function starts a call, another finishes it. A type without values identifies the procedure of a
// ticket.

enum Name {}

fn start_name<S: Starter>(calls: &mut S, channel: u32) -> Result<Ticket<Name>, CallError<S::Error>> {
    let id = ProcedureId { program: PROGRAM, version: VERSION, procedure: NAME };
    calls.start(id, |arguments| arguments.put::<Xdr, _>(&channel))
}

fn finish_name<S: Starter>(calls: &mut S, ticket: Ticket<Name>) -> Result<&str, CallError<S::Error>> {
    let id = ProcedureId { program: PROGRAM, version: VERSION, procedure: NAME };
    calls.finish(ticket, id, oncilla::xdr::decode)
}

fn main() -> Result<(), Box<dyn Error>> {
    let (near, far) = UnixStream::pair()?;

    let serving = thread::spawn(move || {
        let mut device = Device { millidegrees: [21_500, 8_000], names: ["hall".into(), "cellar".into()] };
        let mut link = Link::new(Socket::<RecordAhead>::from(far), [0; BUFFER], [0; BUFFER]);
        link.serve(&TABLE, &mut device)
    });

    let mut client = Client::new(Link::new(Socket::<RecordAhead>::from(near), [0; BUFFER], [0; BUFFER]), 1);
    assert_eq!(call_read(&mut client, 0)?, Ok(21_500));
    assert_eq!(call_read(&mut client, 7)?, Err(7));
    assert_eq!(call_name(&mut client, 1)?, "cellar");

    let mut calls = CallsInFlight::<_, 2, NAME_MAX>::new(&mut client);
    let (hall, cellar) = (start_name(&mut calls, 0)?, start_name(&mut calls, 1)?);
    assert_eq!(finish_name(&mut calls, cellar)?, "cellar");
    assert_eq!(finish_name(&mut calls, hall)?, "hall");

    let unknown = ProcedureId { program: PROGRAM, version: VERSION, procedure: 3 };
    let refused = client.call(unknown, |_| Ok(()), |_| Ok(()));
    assert!(matches!(refused, Err(CallError::Refused(Refusal::ProcedureUnavailable))));

    // The server's loop ends when the client closes the connection.
    drop(client);
    serving.join().expect("the server does not panic")?;
    println!("all calls returned the expected results");
    Ok(())
}
