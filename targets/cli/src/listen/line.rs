//! Serial lines and pseudo-terminals that are served.

use std::time::Duration;

use oncilla::framing::{self, Cobs, Framing, RecordAhead};
use oncilla::message::CREDENTIALS_MAX;
use oncilla::{Handler, Link, ReplayMemory, Served, Transport};
use oncilla_host::Serial;

use super::place::Line;
use crate::connect::random;
use crate::failure::Done;
use crate::interrupt::Interrupt;
use crate::output::Output;
use crate::target;

/// How often a line checks whether the command should end.
const LOOK: Duration = Duration::from_millis(200);

/// The pause before a lost port is opened again.
const PAUSE: Duration = Duration::from_millis(500);

/// How often a pseudo-terminal checks whether a program has opened it.
#[cfg(unix)]
const CALLER: Duration = Duration::from_millis(20);

/// The number of replies that are remembered, so that repeated calls are executed once.
const REPLIES: usize = 16;

/// Creates a link from a transport and two buffers.
type MakeLink<F> = fn(Serial<F>, Vec<u8>, Vec<u8>) -> Link<Serial<F>, Vec<u8>>;

/// An open line, with the framing of its messages.
pub struct Opened {
    line: Line,
    /// The name of the port that callers open.
    port: String,
    transport: Framed,
}

enum Framed {
    Serial(Serial<framing::Serial>),
    Cobs(Serial<Cobs>),
    Record(Serial<RecordAhead>),
}

impl Opened {
    /// Opens a port, or creates a pseudo-terminal.
    pub fn open(line: &Line) -> Done<Self> {
        let (port, transport) = match line.framing {
            target::Framing::Serial => {
                let (port, transport) = transport(line)?;
                (port, Framed::Serial(transport))
            }
            target::Framing::Cobs => {
                let (port, transport) = transport(line)?;
                (port, Framed::Cobs(transport))
            }
            target::Framing::Record => {
                let (port, transport) = transport(line)?;
                (port, Framed::Record(transport))
            }
        };
        Ok(Self { line: line.clone(), port, transport })
    }

    /// Returns the target by which the line is called.
    pub fn target(&self) -> String {
        Line { port: Some(self.port.clone()), ..self.line.clone() }.to_string()
    }

    /// Serves calls until the command is interrupted.
    pub fn serve<H: Handler>(self, handler: H, call_max: usize, output: Output, interrupt: &Interrupt) {
        let serving = Serving { line: &self.line, handler, call_max, output, interrupt };
        match self.transport {
            Framed::Serial(transport) => {
                serving.run(transport, |transport, rx, tx| Link::with_boot_number(transport, rx, tx, random()));
            }
            Framed::Cobs(transport) => serving.run(transport, Link::new),
            Framed::Record(transport) => serving.run(transport, Link::new),
        }
    }
}

/// A line while it is served.
struct Serving<'a, H> {
    line: &'a Line,
    handler: H,
    call_max: usize,
    output: Output,
    interrupt: &'a Interrupt,
}

impl<H: Handler> Serving<'_, H> {
    /// Serves one peer after another, until the command is interrupted.
    fn run<F: Framing>(mut self, mut transport: Serial<F>, link: MakeLink<F>)
    where
        Serial<F>: Transport<Framing = F, Error = std::io::Error>,
    {
        let reply_max = self.handler.reply_max();
        let size = |message: usize| framing::Cobs::buffer(message).max(RecordAhead::buffer(message));
        let mut memory = vec![0; REPLIES * (ReplayMemory::HEAD + reply_max)];
        loop {
            let Some(ready) = self.ready(transport) else { return };
            let (rx, tx) = (vec![0; size(self.call_max + CREDENTIALS_MAX)], vec![0; size(reply_max)]);
            let mut link = link(ready, rx, tx);
            // The memory has room for a slot, so there is a cache.
            let Some(mut cache) = ReplayMemory::new(&mut memory, reply_max) else { return };
            let why = loop {
                if self.interrupt.is_set() {
                    return;
                }
                let deadline = link.transport().now().after(LOOK);
                match link.serve_next_by(&mut cache, &mut self.handler, deadline) {
                    Ok(Served::End) => break "the port is closed".to_owned(),
                    Ok(_) => {}
                    Err(error) => break error.to_string(),
                }
            };
            transport = if self.line.port.is_none() {
                link.into_transport()
            } else {
                // The system frees the port before it is opened again.
                drop(link);
                let Some(again) = self.again(&why) else { return };
                again
            };
        }
    }

    /// Waits until a pseudo-terminal has a caller: bytes have arrived. A port is ready at once.
    fn ready<F: Framing>(&self, transport: Serial<F>) -> Option<Serial<F>> {
        #[cfg(unix)]
        if self.line.port.is_none() {
            let mut transport = transport;
            while !serialport::SerialPort::bytes_to_read(transport.port()).is_ok_and(|bytes| bytes > 0) {
                if self.interrupt.wait(CALLER) {
                    return None;
                }
            }
            return Some(transport);
        }
        Some(transport)
    }

    /// Opens a lost port again, with as many attempts as needed.
    fn again<F: Framing>(&self, why: &str) -> Option<Serial<F>> {
        self.output.note(format_args!("{}: {why}; opening it again", self.line));
        while !self.interrupt.wait(PAUSE) {
            if let Ok((_, transport)) = transport(self.line) {
                self.output.note(format_args!("{}: open again", self.line));
                return Some(transport);
            }
        }
        None
    }
}

/// Opens a port, or creates a pseudo-terminal. Returns the name for callers as well.
fn transport<F: Framing>(line: &Line) -> Done<(String, Serial<F>)> {
    match &line.port {
        Some(port) => Ok((port.clone(), Serial::open(port, line.baud)?)),
        None => pseudo_terminal(),
    }
}

#[cfg(unix)]
fn pseudo_terminal<F>() -> Done<(String, Serial<F>)> {
    use serialport::{SerialPort, TTYPort};

    use crate::failure::Failure;

    let failed = |error| Failure::usage(format_args!("cannot create a pseudo-terminal: {error}"));
    let (ours, theirs) = TTYPort::pair().map_err(failed)?;
    let name = theirs.name().ok_or_else(|| Failure::usage("the pseudo-terminal of this system has no name"))?;
    // Their end is closed: a caller may open it for itself alone, one after another.
    drop(theirs);
    Ok((name, ours.into()))
}

#[cfg(not(unix))]
fn pseudo_terminal<F>() -> Done<(String, Serial<F>)> {
    let what = "this system has no pseudo-terminals";
    Err(crate::failure::Failure::usage(what).help("use a pair of ports of com0com, such as serial:COM5"))
}
