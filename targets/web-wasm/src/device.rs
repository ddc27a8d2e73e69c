//! A device: the requests of the page, made one after another.

use std::collections::VecDeque;
use std::time::Duration;

use oncilla::{CallError, LinkError, ProcedureId, Ticket, Time};
use oncilla_dynamic::{Interface, Texts};
use oncilla_rpcgen::{DescriptionReader, ReadError, parse_received};
use oncilla_web::{description, values};
use serde_json::{Value, json};

use crate::connect::{self, Random};
use crate::events::Events;
use crate::failure::Failure;
use crate::flight::{Failed, Flight};
use crate::one_call::OneCall;
use crate::{Options, Wire};

/// The most requests that wait.
const QUEUE: usize = 256;

/// How often at most the link is asked for messages in one step.
const POLLS_MAX: usize = 1 << 16;

/// The longest time in which the interface of a device is read.
const READING_MAX: Duration = Duration::from_secs(120);

/// A device on a serial port, which JavaScript opens, reads and writes.
///
/// Each step takes the time in milliseconds, which never goes back, and returns what has happened: `replies`, `states`
/// and `log`, as the WebSocket of `oncilla web` has them. [`to_send`](Self::to_send) has bytes for the port after it.
pub struct Device {
    options: Options,
    wire: Wire,
    flight: Option<Box<dyn Flight>>,
    boot: Option<u32>,
    interface: Option<Interface>,
    reader: DescriptionReader,
    waiting: VecDeque<Request>,
    current: Option<Current>,
    events: Events,
}

/// A request of the page.
struct Request {
    id: u64,
    what: What,
}

enum What {
    /// The description of the interface.
    Describe,
    Call {
        id: ProcedureId,
        arguments: Value,
        is_cast: bool,
    },
}

/// The request that is being made.
struct Current {
    request: Request,
    since: Time,
    /// The number of bytes that had arrived before.
    arrived: u64,
    /// The call on the wire, and its ticket until it is finished.
    id: ProcedureId,
    ticket: Option<Ticket>,
    /// Whether that call asks for the interface.
    is_reading: bool,
}

/// What became of a request.
enum Next {
    /// A call is on the wire.
    Waits(ProcedureId, Ticket, bool),
    Done(Value),
}

impl Device {
    /// Creates a device whose port is not open yet.
    ///
    /// # Errors
    /// The text of the interface has errors.
    pub fn new(mut options: Options) -> Result<Self, String> {
        let text = options.interface.take();
        let interface = text.map(|text| interface_of(&options, "interface.x", &text)).transpose()?;
        Ok(Self {
            options,
            wire: Wire::default(),
            flight: None,
            boot: None,
            interface,
            reader: DescriptionReader::new(),
            waiting: VecDeque::new(),
            current: None,
            events: Events::default(),
        })
    }

    /// Begins with a port that was opened, perhaps again. `random` is fit for keys.
    pub fn open(&mut self, random: &[u8; 40], now: f64) -> Value {
        self.wire.set_now(time(now));
        self.wire.reopen();
        let random = Random::new(random);
        let boot = *self.boot.get_or_insert(random.boot);
        self.flight = Some(connect::flight(&self.options, &self.wire, boot, &random));
        self.step(now)
    }

    /// Takes bytes that the port has received.
    pub fn receive(&mut self, bytes: &[u8], now: f64) -> Value {
        self.wire.receive(bytes);
        self.step(now)
    }

    /// Notes that the port has ended.
    pub fn close(&mut self, now: f64) -> Value {
        self.wire.close();
        let told = self.step(now);
        self.flight = None;
        told
    }

    /// Makes a request: `{"id": n}` asks for the description, and with `call` it is a call.
    pub fn ask(&mut self, request: &Value, now: f64) -> Value {
        let id = request["id"].as_u64().unwrap_or_default();
        match what(&request["call"]) {
            None => self.events.reply(id, 0, Failure::usage("the request is malformed").json()),
            Some(_) if self.waiting.len() >= QUEUE => {
                let busy = json!({"error": "too many calls wait for this device", "kind": "busy", "help": []});
                self.events.reply(id, 0, busy);
            }
            Some(what) => self.waiting.push_back(Request { id, what }),
        }
        self.step(now)
    }

    /// Returns bytes for the port.
    pub fn to_send(&mut self) -> Vec<u8> {
        self.wire.to_send()
    }

    /// Returns whether a request is being made. A step is due every few milliseconds then.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.current.is_some()
    }

    /// Handles what has arrived and what is due.
    pub fn step(&mut self, now: f64) -> Value {
        self.wire.set_now(time(now));
        for _ in 0..POLLS_MAX {
            if let Err(error) = self.poll() {
                self.fail(&error);
            }
            let went_on = self.proceed() || self.begin();
            if !went_on && self.wire.is_drained() {
                break;
            }
            if self.flight.is_none() && self.waiting.is_empty() {
                break;
            }
        }
        self.events.take(&self.wire.heard())
    }

    fn poll(&mut self) -> Result<(), LinkError<std::convert::Infallible>> {
        let Some(flight) = &mut self.flight else { return Ok(()) };
        if flight.poll()? {
            self.events.restarted();
        }
        Ok(())
    }

    /// Ends the request that is being made: the link has failed.
    fn fail(&mut self, error: &LinkError<std::convert::Infallible>) {
        self.flight = None;
        if let Some(current) = self.current.take() {
            let failure = Failure::link(error);
            self.reply(current.request.id, current.since, failure.json(), Some(&failure));
        }
    }

    /// Goes on with the request whose call is done. Returns whether there was one.
    fn proceed(&mut self) -> bool {
        let Some(current) = &mut self.current else { return false };
        let outcome = match &mut self.flight {
            Some(flight) => match flight.finish(current.id, &mut current.ticket) {
                Some(outcome) => outcome,
                None => return false,
            },
            None => Err(CallError::Closed),
        };
        let Some(Current { request, since, arrived, is_reading, .. }) = self.current.take() else { return false };
        let next = if is_reading {
            self.read(outcome, since, arrived).and_then(|()| self.make(&request.what))
        } else {
            self.results(&request.what, outcome, arrived)
        };
        self.note(request, since, arrived, next);
        true
    }

    /// Begins with the next request. Returns whether there was one.
    fn begin(&mut self) -> bool {
        if self.current.is_some() {
            return false;
        }
        let Some(request) = self.waiting.pop_front() else { return false };
        let next = self.make(&request.what);
        self.note(request, self.wire.now(), self.wire.received(), next);
        true
    }

    fn note(&mut self, request: Request, since: Time, arrived: u64, next: Result<Next, Failure>) {
        match next {
            Ok(Next::Waits(id, ticket, is_reading)) => {
                self.current = Some(Current { request, since, arrived, id, ticket: Some(ticket), is_reading });
            }
            Ok(Next::Done(value)) => self.reply(request.id, since, value, None),
            Err(failure) => self.reply(request.id, since, failure.json(), Some(&failure)),
        }
    }

    fn reply(&mut self, id: u64, since: Time, reply: Value, failure: Option<&Failure>) {
        match failure {
            Some(failure) if failure.is_usage() => {}
            failure => self.events.connected(!failure.is_some_and(Failure::is_loss)),
        }
        let took = self.wire.now().since(since).as_micros();
        self.events.reply(id, u64::try_from(took).unwrap_or(u64::MAX), reply);
    }

    /// Makes the next step of a request.
    fn make(&mut self, what: &What) -> Result<Next, Failure> {
        if let What::Call { id, arguments, .. } = what
            && id.procedure == 0
            && arguments.is_null()
        {
            return self.start(*id, &[], false);
        }
        let Some(interface) = &self.interface else { return self.ask_interface() };
        match what {
            What::Describe => {
                let described =
                    description::with_panels(interface, self.options.panels.as_ref()).map_err(Failure::usage)?;
                Ok(Next::Done(json!({ "description": described })))
            }
            What::Call { id, arguments, is_cast } => {
                let arguments = procedure(interface, *id)?.encode_arguments(arguments).map_err(Failure::usage)?;
                if *is_cast {
                    return self.cast(*id, &arguments);
                }
                self.start(*id, &arguments, false)
            }
        }
    }

    fn start(&mut self, id: ProcedureId, arguments: &[u8], is_reading: bool) -> Result<Next, Failure> {
        let flight = self.flight.as_mut().ok_or_else(Failure::closed)?;
        let keyed = self.options.key.is_some();
        let ticket = flight.start(id, arguments).map_err(|error| Failure::call(&error, 0, keyed))?;
        Ok(Next::Waits(id, ticket, is_reading))
    }
    /// Sends a one-way call.
    fn cast(&mut self, id: ProcedureId, arguments: &[u8]) -> Result<Next, Failure> {
        let flight = self.flight.as_mut().ok_or_else(Failure::closed)?;
        let keyed = self.options.key.is_some();
        flight.cast(id, arguments).map_err(|error| Failure::call(&error, 0, keyed))?;
        Ok(Next::Done(json!({ "results": null })))
    }

    /// Asks for the next piece of the interface.
    fn ask_interface(&mut self) -> Result<Next, Failure> {
        let mut recorder = OneCall::Recorded(None);
        // The recorder fails each call.
        let _ = self.reader.step(&mut recorder);
        match recorder {
            OneCall::Recorded(Some((id, arguments))) => self.start(id, &arguments, true),
            _ => Err(Failure::usage("the interface cannot be asked for")),
        }
    }

    /// Takes a piece of the interface.
    fn read(&mut self, outcome: Result<Vec<u8>, Failed>, since: Time, arrived: u64) -> Result<(), Failure> {
        let arrived = self.wire.received().saturating_sub(arrived);
        let is_in_time = self.wire.now().since(since) < READING_MAX;
        if is_in_time && matches!(outcome, Err(CallError::Restarted)) {
            // It may have another interface now.
            self.reader = DescriptionReader::new();
            return Ok(());
        }
        let mut read = self.reader.step(&mut OneCall::Answer(Some(outcome)));
        if is_in_time && matches!(read, Ok(None)) {
            return Ok(());
        }
        // After a failure it is read from the beginning.
        let (bytes, of) = std::mem::take(&mut self.reader).progress();
        if matches!(read, Ok(None)) {
            read = Err(ReadError::TooSlow { read: bytes, of });
        }
        let text = read.map_err(|error| Failure::read(&error, arrived, self.options.key.is_some()))?;
        let text = text.unwrap_or_default();
        let interface = interface_of(&self.options, "the device", &text);
        self.interface = Some(interface.map_err(Failure::usage)?);
        Ok(())
    }

    /// Decodes the results of a call.
    fn results(&self, what: &What, outcome: Result<Vec<u8>, Failed>, arrived: u64) -> Result<Next, Failure> {
        let arrived = self.wire.received().saturating_sub(arrived);
        let bytes = outcome.map_err(|error| Failure::call(&error, arrived, self.options.key.is_some()))?;
        let results = match (what, &self.interface) {
            (What::Call { id, arguments, .. }, Some(interface)) if id.procedure != 0 || !arguments.is_null() => {
                procedure(interface, *id)?.decode_results(&bytes).map_err(Failure::results)?
            }
            _ => Value::Null,
        };
        Ok(Next::Done(json!({ "results": values::exact(results) })))
    }
}

/// Reads what is asked for: the description, or a call.
fn what(call: &Value) -> Option<What> {
    if call.is_null() {
        return Some(What::Describe);
    }
    let number = |name: &str| call[name].as_u64().and_then(|number| u32::try_from(number).ok());
    let id = ProcedureId { program: number("program")?, version: number("version")?, procedure: number("procedure")? };
    Some(What::Call { id, arguments: call["arguments"].clone(), is_cast: call["cast"] == true })
}

/// Returns the procedure of an interface.
fn procedure(interface: &Interface, id: ProcedureId) -> Result<oncilla_dynamic::Procedure<'_>, Failure> {
    let ProcedureId { program, version, procedure } = id;
    let found = interface.procedures().find(|callee| callee.id() == id);
    found.ok_or_else(|| Failure::usage(format!("the interface has no procedure {program:#x}.{version}.{procedure}")))
}

/// Parses an interface, with the options of the device.
fn interface_of(options: &Options, name: &str, text: &str) -> Result<Interface, String> {
    let interface = Interface::new(parse_received(name, text)).map_err(|error| error.to_string())?;
    // C peers send texts of any character set.
    Ok(interface.texts(Texts::Latin1).payload(options.payload))
}

/// Returns the time of a clock of JavaScript, in milliseconds.
fn time(milliseconds: f64) -> Time {
    Time::from_micros((milliseconds * 1e3) as u64)
}
