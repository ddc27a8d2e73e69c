//! The calls that `demo` shows and the tests check: one of every outcome, on any carrier.

use std::{
    fmt::{Debug, Display},
    time::{Duration, Instant},
};

use oncilla::{CallError, Caller, ProcedureId, Refusal, Xdr, framing::crc32};
use oncilla_thermostat::thermostat::{self, PROGRAM, VERSION};

/// A call and its outcome.
pub struct Row {
    pub call: &'static str,
    /// The expected outcome.
    pub expected: String,
    /// The outcome: results, an error of the application, or the name of a refusal.
    pub came: String,
    /// The meaning of a refusal or an error.
    pub meaning: String,
    pub took: Duration,
}

/// Makes the calls and passes each row to `show`. The server's state must be a new `Device`.
pub fn run<C: Caller<Error: Display>>(caller: &mut C, show: impl FnMut(Row)) {
    let mut tour = Tour { show };
    goes_right(caller, &mut tour);
    application_fails(caller, &mut tour);
    server_refuses(caller, &mut tour);
    let mut thermostat = thermostat::Client::new(caller);
    tour.call("read(0), after all that", "Ok(Reading { place: \"kitchen\", millidegrees: 21500 })", || {
        thermostat.read(0)
    });
}

struct Tour<S> {
    show: S,
}

fn goes_right<C: Caller<Error: Display>, S: FnMut(Row)>(caller: &mut C, tour: &mut Tour<S>) {
    let picture: [u8; 64] = std::array::from_fn(|i| i as u8);
    let mut thermostat = thermostat::Client::new(caller);
    tour.call("null()", "()", || thermostat.null());
    tour.call("model()", "\"oncilla's thermostat\"", || thermostat.model());
    tour.call("read(0)", "Ok(Reading { place: \"hall\", millidegrees: 21500 })", || thermostat.read(0));
    tour.call("rename(0, \"kitchen\")", "Ok(())", || thermostat.rename(0, "kitchen"));
    tour.call("read(0)", "Ok(Reading { place: \"kitchen\", millidegrees: 21500 })", || thermostat.read(0));
    tour.call("adjust(0, -1500)", "Ok(18500)", || thermostat.adjust(0, -1500));
    tour.call("show(64 bytes)", &crc32(&picture).to_string(), || thermostat.show(&picture));
}

fn application_fails<C: Caller<Error: Display>, S: FnMut(Row)>(caller: &mut C, tour: &mut Tour<S>) {
    let mut thermostat = thermostat::Client::new(caller);
    tour.call("read(7)", "Err(NoSuchChannel)", || thermostat.read(7));
    tour.call("read(1)", "Err(Broken)", || thermostat.read(1));
}

fn server_refuses<C: Caller<Error: Display>, S: FnMut(Row)>(caller: &mut C, tour: &mut Tour<S>) {
    let id = |procedure| ProcedureId { program: PROGRAM, version: VERSION, procedure };
    let (rename, unknown) = (id(2), id(99));
    tour.call("procedure 99", "PROC_UNAVAIL", || caller.call(unknown, |_| Ok(()), |_| Ok(())));
    let id = ProcedureId { version: 7, ..unknown };
    tour.call("version 7", "PROG_MISMATCH 1..1", || caller.call(id, |_| Ok(()), |_| Ok(())));
    let id = ProcedureId { program: PROGRAM + 1, ..unknown };
    tour.call("another program", "PROG_UNAVAIL", || caller.call(id, |_| Ok(()), |_| Ok(())));
    // A client that is made from the interface sends neither of these.
    tour.call("rename(0), arguments cut short", "GARBAGE_ARGS", || {
        caller.call(rename, |arguments| arguments.put::<Xdr, _>(&0u32), |_| Ok(()))
    });
    tour.call("rename(0, 20 bytes)", "GARBAGE_ARGS", || {
        caller.call(rename, |arguments| arguments.put::<Xdr, _>(&(0u32, "beyond the interface")), |_| Ok(()))
    });
    let mut thermostat = thermostat::Client::new(caller);
    tour.call("the same by the client", "not sent", || thermostat.rename(0, "beyond the interface"));
}

impl<S: FnMut(Row)> Tour<S> {
    fn call<T: Debug, E: Display>(
        &mut self,
        call: &'static str,
        expected: &str,
        make: impl FnOnce() -> Result<T, CallError<E>>,
    ) {
        let start = Instant::now();
        let result = make();
        let took = start.elapsed();
        let (came, meaning) = describe(result);
        (self.show)(Row { call, expected: expected.to_owned(), came, meaning, took });
    }
}

/// Returns the outcome, and its meaning if it needs one.
fn describe<T: Debug, E: Display>(result: Result<T, CallError<E>>) -> (String, String) {
    match result {
        Ok(value) => (format!("{value:?}"), String::new()),
        Err(CallError::Refused(refusal)) => (name(refusal), refusal.to_string()),
        Err(error @ CallError::Arguments(_)) => ("not sent".to_owned(), error.to_string()),
        Err(error) => ("failed".to_owned(), error.to_string()),
    }
}

/// Returns the name in RFC 5531, with the refusal's numbers.
fn name(refusal: Refusal) -> String {
    let name = refusal.name();
    match refusal {
        Refusal::ProgramMismatch { low, high } | Refusal::RpcMismatch { low, high } => format!("{name} {low}..{high}"),
        Refusal::Authentication(status) => format!("{name} {}", status.0),
        _ => name.to_owned(),
    }
}
