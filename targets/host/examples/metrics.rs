//! Serves a clock, and its counters for Prometheus at `http://127.0.0.1:9109/metrics`.
//!
//! ```text
//! cargo run -p oncilla-host --features metrics --example metrics
//! rpcinfo -n 20049 -t localhost 536870913
//! curl http://127.0.0.1:9109/metrics
//! ```

use std::error::Error;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, SystemTime};

use oncilla_host::{Metrics, Server};

oncilla::program! {
    /// A clock.
    pub mod clock = 0x2000_0001, version 1 {
        /// Returns the seconds since 1970.
        fn now() -> u64 = 1, idempotent;
    }
}

struct Clock;

impl clock::Service for Clock {
    fn now(&mut self) -> u64 {
        SystemTime::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs())
    }
}

static TABLE: oncilla::Table<Clock> = oncilla::table![clock::program()];

fn main() -> Result<(), Box<dyn Error>> {
    let mut server = Server::new()?.names(&[clock::NAMES]).tcp("127.0.0.1:20049")?.stop_on_signals()?;
    let metrics = server.metrics();
    let listener = TcpListener::bind("127.0.0.1:9109")?;
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // Prometheus asks again if this fails.
            let _ = reply(stream, &metrics);
        }
    });
    Ok(server.serve(&TABLE, &mut Clock)?)
}

/// Replies to one HTTP request, whatever it asks for.
fn reply(mut stream: TcpStream, metrics: &Metrics) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    stream.set_write_timeout(Some(Duration::from_secs(1)))?;
    let request = BufReader::new(&stream).take(8192);
    // The header of a request ends with an empty line.
    for line in request.lines() {
        if line?.is_empty() {
            break;
        }
    }
    let text = metrics.text();
    let (kind, length) = (Metrics::CONTENT_TYPE, text.len());
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{text}"
    )
}
