//! The stand-in: answers calls by rules, else from its source.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use oncilla::message::{Call, REPLY_HEADER};
use oncilla::{CallError, Handled, Handler, Needs, ProcedureId, Refusal};
use oncilla_device::dispatch::{Called, Dispatch};
use oncilla_dynamic::Procedure;
use serde_json::Value;

use super::fault::Fault;
use super::record::{Arguments, Record};
use super::recording::{Recorder, Recording};
use super::rules::{Drawn, Rules, State};
use crate::connect::{Device, Identity};
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output::Output;
use crate::programs::shown;

/// The largest reply, which fits a datagram.
const REPLY_MAX: usize = 65_507 - SEALED;

/// Bytes that sealing adds to a reply.
const SEALED: usize = 22;

/// The source of answers to calls that no rule answers.
pub enum Source {
    /// As the rules state by `default`.
    Rules,
    Recording(Mutex<Recording>),
    Device(Mutex<Device>),
}

/// The state that all handlers of a stand-in share.
pub struct Simulator {
    pub dispatch: Dispatch,
    pub rules: RwLock<Arc<Rules>>,
    pub state: Mutex<State>,
    pub source: Source,
    pub recorder: Option<Recorder>,
    pub output: Output,
    pub interrupt: Interrupt,
    /// The first call that was not printed or recorded. It ends the command.
    pub failed: Mutex<Option<Failure>>,
    pub counts: Counts,
}

/// How many calls were answered, for the summary.
#[derive(Debug, Default)]
pub struct Counts {
    calls: AtomicU64,
    faults: AtomicU64,
}

impl fmt::Display for Counts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [calls, faults] = [&self.calls, &self.faults].map(|count| count.load(Ordering::Relaxed));
        let plural = |count| if count == 1 { "" } else { "s" };
        write!(formatter, "{calls} call{}, {faults} fault{}", plural(calls), plural(faults))
    }
}

/// The handler of one line, or of all sockets.
#[derive(Clone)]
pub struct Answering {
    pub simulator: Arc<Simulator>,
    /// The line, in place of the address of the caller.
    pub line: Option<Arc<str>>,
}

/// A refusal before a rule is tried, and its reason.
type Early = (Refusal, Option<String>);

/// The outcome of a call, before it is encoded.
struct Answer {
    outcome: Result<Value, Fault>,
    /// Whether it may have been executed without a reply, and must not be repeated.
    executed: bool,
    delay: Duration,
    note: Option<String>,
}

impl Handler for Answering {
    fn reply_max(&self) -> usize {
        REPLY_MAX
    }

    fn needs(&self, _: ProcedureId) -> Needs {
        Needs { results_max: REPLY_MAX - REPLY_HEADER, idempotent: false }
    }

    fn handle(&mut self, call: &Call<'_>, results: &mut [u8]) -> Handled {
        let peer = || match (call.peer(), &self.line) {
            (Some(peer), _) => peer.to_string(),
            (None, Some(line)) => line.to_string(),
            (None, None) => "unix".to_owned(),
        };
        let time = SystemTime::now();
        self.simulator.handle(call, results, time, &peer).unwrap_or_else(|(refusal, why)| {
            self.simulator.refused(call, refusal, why, time, peer());
            Handled::Refused(refusal)
        })
    }
}

impl Simulator {
    /// Answers a call, and reports it unless it is refused before a rule is tried.
    fn handle(
        &self,
        call: &Call<'_>,
        results: &mut [u8],
        time: SystemTime,
        peer: &impl Fn() -> String,
    ) -> Result<Handled, Early> {
        let early = |refusal| (refusal, None);
        call.check_credential().map_err(|status| early(Refusal::Authentication(status)))?;
        let id = call.id();
        let called = self.dispatch.find(id).map_err(early)?;
        if let Called::Description = called {
            let bytes = self.dispatch.describe(id, call.arguments()).map_err(early)?;
            return written(&bytes, results).map_err(early);
        }
        let Called::Procedure(procedure) = called else {
            if !call.arguments().is_empty() {
                return Err((Refusal::GarbageArguments, Some("procedure 0 has no arguments".to_owned())));
            }
            let arguments = Arguments::Bytes(Vec::new());
            let procedure = format!("{}.null", self.name(id));
            self.report(&Record { time, peer: peer(), procedure, arguments, outcome: Ok(Value::Null), note: None });
            return Ok(Handled::Results(0));
        };
        let arguments = procedure.decode_arguments(call.arguments()).map_err(|error| {
            (Refusal::GarbageArguments, Some(format!("the arguments do not fit the interface: {error}")))
        })?;
        let Answer { mut outcome, executed, delay, mut note } = self.answer(procedure, call, &arguments);
        let bytes = outcome.as_ref().map(|result| procedure.encode_results(result));
        let handled = match (bytes, &outcome) {
            (Ok(Ok(bytes)), _) => written(&bytes, results).map_err(early)?,
            (Ok(Err(error)), _) => {
                note = Some(error.to_string());
                outcome = Err(Fault::Refused(Refusal::SystemError));
                Handled::Refused(Refusal::SystemError)
            }
            (_, Err(Fault::Refused(refusal))) => Handled::Refused(*refusal),
            (_, Err(Fault::Mismatch)) => Handled::Refused(self.dispatch.mismatch(id.program)),
            _ if executed => Handled::Silent,
            _ => Handled::Dropped,
        };
        // Ctrl-C ends a delay.
        self.interrupt.wait(delay);
        let procedure = procedure.short_name().to_owned();
        let arguments = Arguments::Value(arguments);
        self.report(&Record { time, peer: peer(), procedure, arguments, outcome, note });
        Ok(handled)
    }

    /// Reports a call that the stand-in refuses by itself.
    fn refused(&self, call: &Call<'_>, refusal: Refusal, note: Option<String>, time: SystemTime, peer: String) {
        let id = call.id();
        let known = self.dispatch.interface.procedures().find(|procedure| procedure.id() == id);
        let procedure = known.map_or_else(
            || format!("{}.{}.{}", shown(id.program), id.version, id.procedure),
            |procedure| procedure.short_name().to_owned(),
        );
        let arguments = Arguments::Bytes(call.arguments().to_vec());
        self.report(&Record { time, peer, procedure, arguments, outcome: Err(Fault::Refused(refusal)), note });
    }

    /// Returns the name of a program for people.
    fn name(&self, id: ProcedureId) -> String {
        let mut procedures = self.dispatch.interface.procedures();
        let of_program =
            procedures.find(|procedure| (procedure.id().program, procedure.id().version) == (id.program, id.version));
        let name = of_program.and_then(|procedure| procedure.short_name().split_once('.')).map(|(name, _)| name);
        // Otherwise it is self-description, since the program is served.
        name.unwrap_or("description").to_owned()
    }

    /// Returns the outcome of a call: by a rule, else from the source.
    fn answer(&self, procedure: Procedure<'_>, call: &Call<'_>, arguments: &Value) -> Answer {
        let rules = Arc::clone(&self.rules.read().unwrap_or_else(PoisonError::into_inner));
        let Drawn { delay, line, outcome } = lock(&self.state).draw(&rules, procedure, arguments);
        if let Some(outcome) = outcome {
            let note = line.map(|line| format!("rule in line {line}"));
            return Answer { outcome, executed: false, delay, note };
        }
        match &self.source {
            Source::Rules => {
                let outcome = lock(&self.state).otherwise(rules.default, procedure);
                Answer { outcome, executed: false, delay, note: Some("no rule".to_owned()) }
            }
            Source::Recording(recording) => {
                let (outcome, note) = lock(recording).next(procedure.id(), call.arguments());
                Answer { outcome, executed: false, delay, note: note.map(ToOwned::to_owned) }
            }
            Source::Device(device) => {
                let (outcome, note) = self.ask(&mut lock(device), procedure, call);
                Answer { outcome, executed: true, delay, note }
            }
        }
    }

    /// Passes a call on to the device.
    fn ask(
        &self,
        device: &mut Device,
        procedure: Procedure<'_>,
        call: &Call<'_>,
    ) -> (Result<Value, Fault>, Option<String>) {
        device.set_identity(Identity::of_call(call));
        let failed = Err(Fault::Refused(Refusal::SystemError));
        match device.call_bytes(call.id(), call.arguments()) {
            Ok(bytes) => match procedure.decode_results(bytes) {
                Ok(value) => (Ok(value), None),
                Err(error) => (failed, Some(format!("the results of the device do not fit the interface: {error}"))),
            },
            Err(CallError::Refused(Refusal::ProgramMismatch { .. })) => (Err(Fault::Mismatch), None),
            Err(CallError::Refused(refusal)) => (Err(Fault::Refused(refusal)), None),
            Err(error @ CallError::TimedOut { .. }) => (Err(Fault::Silence), Some(error.to_string())),
            Err(error) => (failed, Some(error.to_string())),
        }
    }

    /// Prints a call and writes it to the recording.
    fn report(&self, record: &Record) {
        self.counts.calls.fetch_add(1, Ordering::Relaxed);
        self.counts.faults.fetch_add(record.outcome.is_err().into(), Ordering::Relaxed);
        let printed = if self.output.json { self.output.json(&record.json()) } else { self.output.line(record) };
        let recorded = self.recorder.as_ref().map_or(Ok(()), |recorder| recorder.write(record));
        // The reader of the output is gone, or the disk is full. A stand-in that loses records is useless.
        if let Some(failure) = recorded.err().or(printed.err()) {
            lock(&self.failed).get_or_insert(failure);
            self.interrupt.set();
        }
    }
}

/// Writes results to their room.
fn written(bytes: &[u8], results: &mut [u8]) -> Result<Handled, Refusal> {
    results.get_mut(..bytes.len()).ok_or(Refusal::SystemError)?.copy_from_slice(bytes);
    Ok(Handled::Results(bytes.len()))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
