//! Several calls in flight at once. A host asks a device for the readings of three sensors, each of which takes some
//! time, and does other work meanwhile.
//!
//! ```text
//! cargo run --example in_flight
//! ```
//!
//! Here both peers are threads of one process, connected by a pair of Unix sockets instead of a serial line. On a
//! serial port, the client is `oncilla_host::serial("/dev/ttyUSB0", 115_200)?`, and the rest is unchanged.

use std::error::Error;
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::Duration;

use oncilla::framing::Cobs;
use oncilla::{CallsInFlight, Client, Link, Starter, Table, Ticket};
use oncilla_host::Socket;

oncilla::program! {
    pub mod sensors = 0x2000_0053, version 1 {
        /// Measures, in thousandths of a degree Celsius. Takes some time.
        fn measure(channel: u32) -> Result<i32, u32> = 1, idempotent;
        fn name(channel: u32) -> &str [..16] = 2, idempotent;
    }
}

// The device is an ordinary server. It answers one call after the other.

struct Device;

impl sensors::Service for Device {
    fn measure(&mut self, channel: u32) -> Result<i32, u32> {
        thread::sleep(Duration::from_millis(20));
        [21_500, 8_000].get(channel as usize).copied().ok_or(channel)
    }

    fn name(&mut self, channel: u32) -> &str {
        ["hall", "cellar"].get(channel as usize).copied().unwrap_or_default()
    }
}

static TABLE: Table<Device> = oncilla::table![sensors::program()];

// The host.

/// Runs when a name has arrived. A callback cannot capture variables: it receives the calls and the ticket.
fn tell<C: Starter>(calls: &mut C, ticket: Ticket) {
    match sensors::finish::name(calls, ticket.typed()) {
        Ok(name) => println!("channel 1 is the {name}"),
        Err(_) => println!("channel 1 has no name"),
    }
}

fn ask(line: UnixStream) -> Result<(), Box<dyn Error>> {
    const BUFFER: usize = Cobs::buffer(sensors::CALL_MAX);
    let client = Client::new(Link::new(Socket::<Cobs>::from(line), [0; BUFFER], [0; BUFFER]), 1 << 16);
    let mut calls = CallsInFlight::<_, 4, { sensors::SLOT_MAX }>::new(client);

    let hall = sensors::start::measure(&mut calls, 0)?;
    let cellar = sensors::start::measure(&mut calls, 1)?;
    let garden = sensors::start::measure(&mut calls, 2)?;
    let name = sensors::start::name(&mut calls, 1)?;
    calls.then(name, tell);

    let mut work = 0;
    while calls.poll()?.in_flight > 0 {
        work += 1;
        thread::sleep(Duration::from_millis(1));
    }
    println!("other work was done meanwhile: {}", if work > 1 { "yes" } else { "no" });

    // Results can be taken in any order. Each ticket fits only its own procedure.
    println!("cellar: {:?}", sensors::finish::measure(&mut calls, cellar)?);
    println!("hall: {:?}", sensors::finish::measure(&mut calls, hall)?);
    println!("garden: {:?}", sensors::finish::measure(&mut calls, garden)?);

    // Cancels a call whose result is no longer needed.
    let unwanted = sensors::start::measure(&mut calls, 0)?;
    calls.cancel(unwanted);
    // An ordinary call in between. The late reply to the cancelled call is dropped.
    println!("channel 0 is the {}", sensors::Client::new(&mut calls).name(0)?);
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let (near, far) = UnixStream::pair()?;
    let device = thread::spawn(move || {
        const BUFFER: usize =
            Cobs::buffer(if sensors::CALL_MAX > sensors::REPLY_MAX { sensors::CALL_MAX } else { sensors::REPLY_MAX });
        Link::new(Socket::<Cobs>::from(far), [0; BUFFER], [0; BUFFER]).serve(&TABLE, &mut Device)
    });
    ask(near)?;
    device.join().expect("the device does not panic")?;
    Ok(())
}
