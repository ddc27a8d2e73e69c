//! The thread of a device.

use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use oncilla::{Beside, CallError, Caller, ProcedureId};
use oncilla_device::connect::{self, diagnose};
use oncilla_device::failure::{Done, Exit, Failure};
use oncilla_device::interface::{interface_of, text_of_device};
use oncilla_device::target::Address;
use oncilla_dynamic::{Interface, Procedure};
use serde_json::{Value, json};

use super::device::{Call, Events, Request};
use super::{Allowed, Device};
use crate::{description, values};

/// How long a call may take to connect again, before it fails.
const RECONNECT_MAX: Duration = Duration::from_secs(1);

/// The most bytes of a piece of a log that a page is sent.
const PIECE_MAX: usize = 16 << 10;

/// A device, and its connection while it has one.
pub struct Worker {
    device: Device,
    connection: Option<connect::Device>,
    interface: Option<Arc<Interface>>,
    is_of_file: bool,
    /// Whether the device may have another interface since it was asked for it: it restarted, or was away.
    is_stale: bool,
    events: Events,
    allowed: Arc<Allowed>,
}

impl Worker {
    pub fn new(mut device: Device, events: Events, allowed: Arc<Allowed>) -> Self {
        let interface = device.interface.take().map(Arc::new);
        let is_of_file = interface.is_some();
        device.how.reconnect = Some(device.settings.timeout.value.min(RECONNECT_MAX));
        let shown = events.clone();
        device.how.show = Some(Arc::new(move |beside| show(&shown, beside)));
        let again = events.clone();
        device.how.again = Some(Arc::new(move || again.send(json!({"again": true}))));
        Self { device, connection: None, interface, is_of_file, is_stale: false, events, allowed }
    }

    /// Makes calls until the server ends.
    pub fn run(mut self, requests: &Receiver<Request>) {
        for request in requests {
            // The page was closed while the call waited.
            if request.replies.is_closed() {
                continue;
            }
            let start = Instant::now();
            let outcome = match &request.call {
                None => self.describe(),
                Some(call) => self.call(call),
            };
            let mut reply = outcome.unwrap_or_else(|failure| {
                diagnose::explain(failure, &self.device.settings, &self.device.how.heard).json()
            });
            reply["microseconds"] = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX).into();
            request.reply(reply);
        }
    }

    fn describe(&mut self) -> Done<Value> {
        if std::mem::take(&mut self.is_stale) && !self.is_of_file {
            self.interface = None;
        }
        let interface = self.interface()?;
        let mut described = description::with_panels(&interface, self.device.panels.as_deref())
            .map_err(|error| Failure::new(Exit::Failed, error))?;
        if let Allowed::These(names) = &*self.allowed {
            described["allowed"] = json!(names);
        }
        Ok(json!({ "description": described }))
    }

    fn call(&mut self, call: &Call) -> Done<Value> {
        let Call { program, version, procedure, ref arguments, cast } = *call;
        let id = ProcedureId { program, version, procedure };
        if procedure == 0 && arguments.is_null() {
            self.connected(|device| device.call_bytes(id, &[]).map(|_| ()))?;
            return Ok(json!({ "results": null }));
        }
        let interface = self.interface()?;
        let callee = interface.procedures().find(|callee| callee.id() == id).ok_or_else(|| {
            Failure::usage(format_args!("the interface has no procedure {program:#x}.{version}.{procedure}"))
        })?;
        self.permit(&callee)?;
        let arguments = callee.encode_arguments(arguments)?;
        if cast {
            self.connected(|device| device.cast(id, |writer| writer.append(&arguments)))?;
            return Ok(json!({ "results": null }));
        }
        let results = self.connected(|device| device.call_bytes(id, &arguments).map(<[u8]>::to_vec))?;
        let results = callee.decode_results(&results);
        let results =
            results.map_err(|error| Failure::from(oncilla_dynamic::CallError::<std::io::Error>::Results(error)))?;
        Ok(json!({ "results": values::exact(results) }))
    }

    /// Refuses a procedure that the page may not call.
    fn permit(&self, callee: &Procedure<'_>) -> Done {
        match &*self.allowed {
            Allowed::These(names) if !names.iter().any(|name| name == callee.short_name()) => {
                Err(Failure::usage(format_args!("this page may not call {}; nothing was called", callee.short_name()))
                    .help("start `oncilla web` with `--allow` and the name of the procedure"))
            }
            _ => Ok(()),
        }
    }

    /// Returns the interface: that of a file, or the one of the device, which is asked once.
    fn interface(&mut self) -> Done<Arc<Interface>> {
        if let Some(interface) = &self.interface {
            return Ok(Arc::clone(interface));
        }
        let name = self.device.name.clone();
        let parsed = text_of_device(&name, self.connection()?);
        let parsed = parsed.inspect_err(|failure| self.note(failure))?;
        self.events.connected(true);
        let interface = Arc::new(interface_of(parsed, &self.device.settings)?);
        Ok(Arc::clone(self.interface.insert(interface)))
    }

    fn connection(&mut self) -> Done<&mut connect::Device> {
        let connection = match self.connection.take() {
            Some(connection) => Ok(connection),
            None => connect::connect(&self.device.settings, &self.device.how),
        };
        let connection = connection.inspect_err(|_| self.events.connected(false))?;
        Ok(self.connection.insert(connection))
    }

    /// Uses the connection, and notes whether the device was reached.
    fn connected<R>(
        &mut self,
        call: impl FnOnce(&mut connect::Device) -> Result<R, CallError<std::io::Error>>,
    ) -> Done<R> {
        let called = call(self.connection()?);
        if matches!(called, Err(CallError::Restarted)) {
            self.is_stale = true;
            self.events.send(json!({"restarted": true}));
        }
        let called = called.map_err(Failure::from);
        match &called {
            Ok(_) => self.events.connected(true),
            Err(failure) => self.note(failure),
        }
        called
    }

    /// Notes a failure: a device that was not reached is connected to again.
    fn note(&mut self, failure: &Failure) {
        match failure.exit() {
            Exit::NotReached | Exit::TimedOut => {
                self.is_stale = true;
                self.events.connected(false);
            }
            Exit::Failed => self.events.connected(true),
            // Nothing was sent.
            Exit::Usage => {}
        }
        let target = self.device.settings.target.as_ref();
        let is_by_name = target.is_some_and(|target| matches!(target.value.address, Address::Rpc { .. }));
        if failure.exit() == Exit::NotReached && is_by_name {
            // A program that was started again has another port.
            self.connection = None;
        }
    }
}

/// Sends a piece of a device's log to the pages.
fn show(events: &Events, beside: Beside<'_>) {
    let (kind, bytes) = match beside {
        Beside::Text(text) => ("text", text),
        Beside::Unverified(text) => ("clear", text),
        Beside::Log(bytes) => ("binary", bytes),
        Beside::Dropped(bytes) => ("dropped", bytes),
    };
    let piece = bytes.get(..PIECE_MAX).unwrap_or(bytes);
    let text = match kind {
        "text" | "clear" => String::from_utf8_lossy(piece).into_owned(),
        _ => piece.iter().map(|byte| format!("{byte:02x}")).collect(),
    };
    events.send(json!({"log": {"kind": kind, "text": text}}));
}
