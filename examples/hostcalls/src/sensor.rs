//! The sensor's program.

use core::time::Duration;

use heapless::Vec;
use oncilla::framing::Serial;
use oncilla::{Authenticate, CallError, Endpoint, LinkError, Replay, Served, Table, Time, Transport};

use crate::config::append;
use crate::{Config, Line, Sample, device, host};

/// The programs that the sensor serves. The table is in flash.
pub static TABLE: Table<Sensor> = oncilla::table![device::program()];

const CONFIG: &str = "sensor.conf";

/// The size of the largest configuration file in bytes.
const CONFIG_MAX: usize = 256;

/// How long printing a line may take. A call of the host may take longer.
const PATIENCE: Duration = Duration::from_millis(100);

/// The state of the sensor's service. Its procedures run while the sensor waits for the host, and only store values.
#[derive(Default)]
pub struct Sensor {
    config: Config,
    number: u32,
    millidegrees: i32,
    at: u64,
    reload: bool,
}

impl device::Service for Sensor {
    fn sample(&mut self) -> Sample<'_> {
        let Self { number, millidegrees, at, .. } = *self;
        Sample { name: self.config.name(), number, millidegrees, at }
    }

    fn reload(&mut self) {
        self.reload = true;
    }
}

impl Sensor {
    fn measure(&mut self, at: u64) {
        self.number = self.number.wrapping_add(1);
        self.millidegrees = 21_500i32.wrapping_add((self.number % 16).cast_signed());
        self.at = at;
    }
}

/// Measures, calls the host and serves it, until the host closes the line.
///
/// # Errors
/// The transport's error. A host that does not answer is no error: that is printed, and the host is called again.
pub fn run<T: Transport<Framing = Serial>, B: AsMut<[u8]>, R: Replay, A: Authenticate>(
    endpoint: &mut Endpoint<Sensor, T, B, R, A>,
) -> Result<(), LinkError<T::Error>> {
    print(endpoint, &Line::new().text("sensor: started"))?;
    endpoint.state().reload = true;
    let mut due = endpoint.link().transport().now();
    loop {
        match endpoint.serve_next(due)? {
            Served::Message if endpoint.state().reload => due = Time::ZERO,
            Served::Message => {}
            Served::TimeUp => {
                let worked = work(endpoint);
                report(endpoint, worked)?;
                let interval = endpoint.state().config.interval;
                due = endpoint.link().transport().now().after(interval);
            }
            Served::Restart => print(endpoint, &Line::new().text("sensor: the host has restarted"))?,
            Served::End => return Ok(()),
        }
    }
}

/// Does the work of one interval.
fn work<T: Transport<Framing = Serial>, B: AsMut<[u8]>, R: Replay, A: Authenticate>(
    endpoint: &mut Endpoint<Sensor, T, B, R, A>,
) -> Result<(), CallError<T::Error>> {
    if endpoint.state().reload {
        let config = configuration(endpoint)?;
        let line = Line::new().text(config.name()).text(" is configured");
        let Sensor { config: old, reload, .. } = endpoint.state();
        (*old, *reload) = (config, false);
        host::Client::new(&mut *endpoint).note(line.as_str())?;
    }
    let at = host::Client::new(&mut *endpoint).time()?;
    endpoint.state().measure(at);
    let Sensor { number, millidegrees, .. } = *endpoint.state();
    let line =
        Line::new().text("sensor: ").number(millidegrees.unsigned_abs()).text(" m°C, measurement ").number(number);
    print(endpoint, &line)?;
    Ok(())
}

/// Reads the configuration file from the host, piece by piece.
fn configuration<T: Transport<Framing = Serial>, B: AsMut<[u8]>, R: Replay, A: Authenticate>(
    endpoint: &mut Endpoint<Sensor, T, B, R, A>,
) -> Result<Config, CallError<T::Error>> {
    let mut file = Vec::<u8, CONFIG_MAX>::new();
    loop {
        let offset = file.len() as u32;
        let mut host = host::Client::new(&mut *endpoint);
        // A missing file is treated as empty, and a file that is too large is cut.
        let piece = host.read(CONFIG, offset)?.map(|piece| piece.bytes).unwrap_or_default();
        if piece.is_empty() || !append(piece, &mut file) {
            return Ok(Config::parse(&file));
        }
    }
}

/// Prints why a call of the host failed.
fn report<T: Transport<Framing = Serial>, B: AsMut<[u8]>, R: Replay, A: Authenticate>(
    endpoint: &mut Endpoint<Sensor, T, B, R, A>,
    worked: Result<(), CallError<T::Error>>,
) -> Result<(), LinkError<T::Error>> {
    let why = match worked {
        Ok(()) => return Ok(()),
        Err(CallError::Link(error)) => return Err(error),
        Err(CallError::TimedOut { .. }) => "sensor: the host does not answer",
        Err(CallError::Restarted) => "sensor: the host has restarted",
        Err(_) => "sensor: the host does not do what it should",
    };
    print(endpoint, &Line::new().text(why))
}

/// Prints a line beside the calls.
fn print<T: Transport<Framing = Serial>, B: AsMut<[u8]>, R: Replay, A: Authenticate>(
    endpoint: &mut Endpoint<Sensor, T, B, R, A>,
    line: &Line,
) -> Result<(), LinkError<T::Error>> {
    let link = endpoint.link();
    let deadline = link.transport().now().after(PATIENCE);
    link.print(line.as_str(), deadline)?;
    link.print("\r\n", deadline)
}
