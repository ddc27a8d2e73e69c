//! A sensor streams events to its host, as fast as the host accepts them. Both peers call and serve on one link. Events
//! are one-way calls to the host, and the host allows more of them by calls to the sensor.
//!
//! ```text
//! cargo run --example events
//! ```
//!
//! Here both peers are threads of one process, connected by a pair of Unix sockets instead of a serial line. On
//! firmware, the link consists of a UART and a clock, and the rest of [`sensor_end`] is unchanged:
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
    /// Served by the sensor.
    pub mod sensor = 0x2000_0051, version 1 {
        /// Allows events with numbers below `limit`. Returns the number of the next event.
        ///
        /// A limit that arrives twice or late does no harm. Lost events do not use up the limit.
        fn allow(limit: u32) -> u32 = 1, idempotent;
    }
}

oncilla::program! {
    /// Served by the host.
    pub mod listener = 0x2000_0052, version 1 {
        fn event(number: u32, millidegrees: i32) = 1, oneway;
    }
}

/// The size of the largest framed message in bytes.
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
    /// The number of the first event that is not allowed.
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
    // Firmware puts a boot counter into the upper bits, so that its xids differ from those before a reset.
    let mut endpoint = Endpoint::new(link, &SENSOR, Sensor::default(), 1 << 16);
    loop {
        let Sensor { next, limit } = *endpoint.state();
        let patience = if next < limit {
            listener::Client::new(&mut endpoint).event(next, 21_500 + next as i32)?;
            endpoint.state().next += 1;
            // There are more events to send: check for a call without waiting.
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

/// The largest number of events that are sent and not handled yet.
const WINDOW: u32 = 8;

#[derive(Default)]
pub struct Listener {
    events: Deque<(u32, i32), { WINDOW as usize }>,
}

impl listener::Service for Listener {
    fn event(&mut self, number: u32, millidegrees: i32) {
        // The queue has room for all allowed events. The procedure only stores the event, because it runs while a call
        // waits.
        let _ = self.events.push_back((number, millidegrees));
    }
}

static LISTENER: Table<Listener> = oncilla::table![listener::program()];

fn host_end(line: UnixStream, events: u32) -> Result<(), Box<dyn Error + Send + Sync>> {
    let link = Link::new(Socket::<Cobs>::from(line), [0; BUFFER], [0; BUFFER]);
    let mut endpoint = Endpoint::new(link, &LISTENER, Listener::default(), 2 << 16);
    let (mut handled, mut limit) = (0, 0);
    while handled < events {
        // Allows more events before the sensor has to stop, while there are events to handle.
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
            // The last events may be lost. An event that was sent and has not arrived by now does not arrive.
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
