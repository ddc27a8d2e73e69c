//! A sensor and its host call each other on one serial line. The sensor calls the host for the time, for its
//! configuration file and to store notes. The host calls the sensor for its measurements. Text that the sensor prints
//! arrives on the same line and is shown here.
//!
//! ```text
//! cargo xtask demo                              # the sensor is firmware in QEMU
//! cargo run --example hostcalls                 # both are threads of this process
//! cargo run --example hostcalls /dev/ttyUSB0    # the sensor is on a serial port, or a Unix socket of QEMU
//! ```
//!
//! The interfaces of both, and the program of the sensor, are in `examples/hostcalls/src`.

use std::error::Error;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::{env, thread};

use oncilla::ReplayCache;
use oncilla_host::{Connector, Socket};
use oncilla_hostcalls::Sensor;
use oncilla_hostcalls::end::{end, look, show};

/// Runs both peers in this process.
fn alone(files: &Path) -> Result<(), Box<dyn Error>> {
    let (near, far) = UnixStream::pair()?;
    let sensor = thread::spawn(move || {
        let endpoint = Connector::new().endpoint(Socket::from(far), &oncilla_hostcalls::TABLE, Sensor::default());
        oncilla_hostcalls::run(&mut endpoint.with_replay(ReplayCache::<4, 64>::new()))
    });
    look(&mut end(Socket::from(near).with_log(show), files), 6)?;
    // The line was closed, perhaps during a call of the sensor.
    let _ = sensor.join().expect("the sensor does not panic");
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    // The folder with the files that the sensor may read.
    let files = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/hostcalls/files"));
    let Some(port) = env::args().nth(1) else { return alone(files) };
    match UnixStream::connect(&port) {
        Ok(qemu) => look(&mut end(Socket::from(qemu).with_log(show), files), u32::MAX)?,
        Err(_) => look(&mut end(oncilla_host::Serial::open(&port, 115_200)?.with_log(show), files), u32::MAX)?,
    }
    Ok(())
}
