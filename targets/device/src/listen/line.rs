//! Serial lines and pseudo-terminals that are served.

use std::io;
use std::time::Duration;

use oncilla::framing::{self, Cobs, Framing, RecordAhead};
use oncilla::keys::{Ends, ForwardSecret, sealed_call_by};
use oncilla::message::CREDENTIALS_MAX;
use oncilla::{Handler, Keyed, Link, Replay, ReplayMemory, Served, Transport};
use oncilla_host::Serial;
use oncilla_host::keys::KeyServer;

use super::place::Line;
use super::{Notes, Until};
use crate::connect::random;
use crate::failure::Done;
use crate::target;

/// How often a line checks whether the server should end.
const LOOK: Duration = Duration::from_millis(200);

/// The pause before a lost port is opened again.
const PAUSE: Duration = Duration::from_millis(500);

/// How often a pseudo-terminal checks whether a program has opened it.
#[cfg(unix)]
const CALLER: Duration = Duration::from_millis(20);

/// The number of replies that are remembered, so that repeated calls are executed once.
const REPLIES: usize = 16;

/// Keys that a line serves: as many as the protocol has places.
const KEYS: usize = 32;

/// Bytes that sealing adds to a message at most.
const SEALED: usize = sealed_call_by::<ForwardSecret>(0);

/// An open line, with the framing of its messages.
pub struct Opened {
    line: Line,
    /// The name of the port that callers open.
    port: String,
    transport: Framed,
    /// The keys, of which the peer needs one.
    keys: Option<KeyServer>,
}

enum Framed {
    Serial(Serial<framing::Serial>),
    Cobs(Serial<Cobs>),
    Record(Serial<RecordAhead>),
}

impl Opened {
    /// Opens a port, or creates a pseudo-terminal.
    pub fn open(line: &Line, keys: Option<KeyServer>) -> Done<Self> {
        let (port, transport) = match line.framing {
            // The session of the key takes the place of the hellos.
            target::Framing::Serial if keys.is_some() => {
                let (port, transport) = transport(line)?;
                (port, Framed::Cobs(transport))
            }
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
        Ok(Self { line: line.clone(), port, transport, keys })
    }

    /// Returns the target by which the line is called.
    pub fn target(&self) -> String {
        Line { port: Some(self.port.clone()), ..self.line.clone() }.to_string()
    }

    /// Serves calls until the server should end.
    pub fn serve<H: Handler>(self, handler: H, call_max: usize, notes: Notes<'_>, until: &impl Until) {
        let serving = Serving { line: &self.line, handler, call_max, notes, until };
        match (self.transport, self.keys) {
            (Framed::Cobs(transport), Some(keys)) => serving.keyed(transport, &keys),
            (Framed::Record(transport), Some(keys)) => serving.keyed(transport, &keys),
            (Framed::Serial(transport), _) => {
                serving.run(transport, |transport, rx, tx| Some(Link::with_boot_number(transport, rx, tx, random())));
            }
            (Framed::Cobs(transport), None) => {
                serving.run(transport, |transport, rx, tx| Some(Link::new(transport, rx, tx)))
            }
            (Framed::Record(transport), None) => {
                serving.run(transport, |transport, rx, tx| Some(Link::new(transport, rx, tx)))
            }
        }
    }
}

/// The transport of a link on a port, with keys or without.
trait Over<F>: Transport<Error = io::Error> {
    const KEYED: bool;

    /// Returns the port.
    fn into_port(self) -> Serial<F>;
}

impl<F: Framing> Over<F> for Serial<F> {
    const KEYED: bool = false;

    fn into_port(self) -> Self {
        self
    }
}

impl<F: Framing, E: Ends> Over<F> for Keyed<Serial<F>, E> {
    const KEYED: bool = true;

    fn into_port(self) -> Serial<F> {
        self.into_inner()
    }
}

/// A line while it is served.
struct Serving<'a, H, U> {
    line: &'a Line,
    handler: H,
    call_max: usize,
    notes: Notes<'a>,
    until: &'a U,
}

impl<H: Handler, U: Until> Serving<'_, H, U> {
    /// Serves peers that have a key.
    fn keyed<F: Framing>(self, transport: Serial<F>, keys: &KeyServer) {
        let (notes, line) = (self.notes, self.line);
        self.run(transport, |transport, rx, tx| match keys.acceptor::<KEYS>() {
            Ok(ends) => Some(Link::with_keys(transport, rx, tx, ends)),
            Err(error) => {
                notes(&format!("{line}: {error}"));
                None
            }
        });
    }

    /// Serves one peer after another, until the server should end. Ends when there is no link.
    fn run<F: Framing, O: Over<F>>(
        mut self,
        mut transport: Serial<F>,
        link: impl Fn(Serial<F>, Vec<u8>, Vec<u8>) -> Option<Link<O, Vec<u8>>>,
    ) {
        let reply_max = self.handler.reply_max();
        let size = |message: usize| framing::Cobs::buffer(message).max(RecordAhead::buffer(message)) + SEALED;
        let mut memory = vec![0; REPLIES * (ReplayMemory::HEAD + reply_max)];
        // The memory has room for a slot, so there is a cache.
        let Some(mut cache) = ReplayMemory::new(&mut memory, reply_max) else { return };
        loop {
            let Some(ready) = self.ready(transport) else { return };
            let (rx, tx) = (vec![0; size(self.call_max + CREDENTIALS_MAX)], vec![0; size(reply_max)]);
            let Some(mut link) = link(ready, rx, tx) else { return };
            // Under keys, the server has the same boot number as before, and must remember its replies.
            if !O::KEYED {
                Replay::forget(&mut cache);
            }
            let why = loop {
                if self.until.has_come() {
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
                link.into_transport().into_port()
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
                if self.until.wait(CALLER) {
                    return None;
                }
            }
            return Some(transport);
        }
        Some(transport)
    }

    /// Opens a lost port again, with as many attempts as needed.
    fn again<F: Framing>(&self, why: &str) -> Option<Serial<F>> {
        (self.notes)(&format!("{}: {why}; opening it again", self.line));
        while !self.until.wait(PAUSE) {
            if let Ok((_, transport)) = transport(self.line) {
                (self.notes)(&format!("{}: open again", self.line));
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
