//! A sensor streams events to its host, as fast as the host takes them. Both ends call and are called on one
//! link: events are one-way calls to the host, and the host allows more of them by calls to the sensor.
//!
//! ```text
//! cargo run --example events
//! ```
//!
//! Here both are threads of one process, with a pair of Unix sockets for a serial line. On firmware the link is made of
//! a UART and a clock, and the rest of [`sensor_end`] is the same:
//! `Link::new(Stream::<Cobs, _>::new(uart, clock), [0; BUFFER], [0; BUFFER])`.

use std::error::Error;
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::Duration;

use heapless::Deque;
use oncilla::framing::Cobs;
use oncilla::{Endpoint, Link, Served, Table, Time, Transport};
use oncilla_host::Socket;

oncilla::program! {
    /// What the sensor serves.
    pub mod sensor = 0x2000_0051, version 1 {
        /// Allows the events whose numbers are below `limit`; tells the number of the next one. A limit that comes
        /// twice or late does no harm, and events that get lost take nothing of it away.
        fn allow(limit: u32) -> u32 = 1, idempotent;
    }
}

oncilla::program! {
    /// What the host serves.
    pub mod listener = 0x2000_0052, version 1 {
        fn event(number: u32, millidegrees: i32) = 1, oneway;
    }
}

/// Bytes of the largest message either way, in its frame.
const BUFFER: usize =
    Cobs::buffer(max(max(sensor::CALL_MAX, sensor::REPLY_MAX), max(listener::CALL_MAX, listener::REPLY_MAX)));

const fn max(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}

// The sensor.

#[derive(Default)]
pub struct Sensor {
    /// The number of the next event.
    next: u32,
    /// The number of the first that is not allowed.
    limit: u32,
}

impl sensor::Service for Sensor {
    fn allow(&mut self, limit: u32) -> u32 {
        self.limit = self.limit.max(limit);
        self.next
    }
}

static SENSOR: Table<Sensor> = oncilla::table![sensor::program()];

fn sensor_end(line: UnixStream) -> Result<(), Box<dyn Error + Send + Sync>> {
    let link = Link::new(Socket::<Cobs>::from(line), [0; BUFFER], [0; BUFFER]);
    // Firmware takes a boot counter in the upper bits, so that its xids are never those of before a reset.
    let mut endpoint = Endpoint::new(link, &SENSOR, Sensor::default(), 1 << 16);
    loop {
        let Sensor { next, limit } = *endpoint.state();
        let patience = if next < limit {
            listener::Client::new(&mut endpoint).event(next, 21_500 + next as i32)?;
            endpoint.state().next += 1;
            // There is more to send: only look whether there is a call.
            Time::ZERO
        } else {
            Time::NEVER
        };
        if endpoint.serve_next(patience)? == Served::End {
            return Ok(());
        }
    }
}

// The host.

/// How many events may be on their way or wait to be handled.
const WINDOW: u32 = 8;

#[derive(Default)]
pub struct Listener {
    events: Deque<(u32, i32), { WINDOW as usize }>,
}

impl listener::Service for Listener {
    fn event(&mut self, number: u32, millidegrees: i32) {
        // There is room for as many as are allowed. A procedure only takes note: it runs while a call waits.
        let _ = self.events.push_back((number, millidegrees));
    }
}

static LISTENER: Table<Listener> = oncilla::table![listener::program()];

fn host_end(line: UnixStream, events: u32) -> Result<(), Box<dyn Error + Send + Sync>> {
    let link = Link::new(Socket::<Cobs>::from(line), [0; BUFFER], [0; BUFFER]);
    let mut endpoint = Endpoint::new(link, &LISTENER, Listener::default(), 2 << 16);
    let (mut handled, mut limit) = (0, 0);
    while handled < events {
        // Before the sensor has to stop, as long as there is something to handle meanwhile.
        if limit < events && limit - handled <= WINDOW / 2 {
            limit = events.min(handled + WINDOW);
            sensor::Client::new(&mut endpoint).allow(limit)?;
        }
        if let Some((number, millidegrees)) = endpoint.state().events.pop_front() {
            println!("event {number}: {millidegrees} m°C, {} more wait", endpoint.state().events.len());
            thread::sleep(Duration::from_millis(5));
            handled = number + 1;
            continue;
        }
        let soon = endpoint.link().transport().now().after(Duration::from_millis(100));
        if endpoint.serve_next(soon)? == Served::TimeUp {
            // Perhaps the last ones got lost: what was sent and has not come will not come.
            let next = sensor::Client::new(&mut endpoint).allow(limit)?;
            if endpoint.state().events.is_empty() {
                handled = next;
            }
        }
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let (firmware, host) = UnixStream::pair()?;
    let sensor = thread::spawn(|| sensor_end(firmware));
    host_end(host, 40)?;
    sensor.join().expect("the sensor does not panic")
}
