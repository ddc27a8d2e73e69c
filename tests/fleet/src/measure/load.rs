//! Callers that call, cast and queue while faults happen, and write down what they were told.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, anyhow};
use oncilla::{CallError, Caller, LinkError, ProcedureId, Xdr};
use oncilla_fleet::{
    Error, Fleet, Ticket,
    wire::{Executed, Progress},
};

use super::Plan;
use crate::meter::{PROGRAM, meter_1};

/// The total time-out of a call.
const TIMEOUT: Duration = Duration::from_secs(5);

/// How long a queued call may wait for its device.
const EXPIRY: Duration = Duration::from_secs(600);

/// What a caller was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// A call: the results arrived. A cast: it was taken.
    Done,
    /// An error that states that the call was not executed.
    NotExecuted(String),
    /// An error that states that the call may have been executed.
    Perhaps(String),
    /// Results that are not those of the call.
    Wrong(u32),
    /// The last state of a queued call.
    State(Option<Progress>),
}

/// How a call was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Call,
    /// A cast that the device confirms.
    Confirmed,
    Cast,
    Queued,
}

/// What became of one call.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub number: u64,
    pub kind: Kind,
    pub told: Told,
    /// How long the caller waited.
    pub took: Duration,
}

/// Makes all calls of a plan, spread over the time of the faults. Counts those that have ended in `ended`.
pub fn run(plan: &Plan, fleets: &[Fleet], ended: &AtomicU64) -> Result<Vec<Outcome>> {
    let numbers = AtomicU64::new(0);
    let start = Instant::now();
    let outcomes = thread::scope(|scope| {
        let callers: Vec<_> = (0..plan.callers)
            .map(|caller| {
                let (numbers, fleet) = (&numbers, &fleets[caller % fleets.len()]);
                scope.spawn(move || one_caller(plan, fleet, start, numbers, ended))
            })
            .collect();
        callers
            .into_iter()
            .map(|caller| caller.join().map_err(|_| anyhow!("a caller panicked")))
            .collect::<Result<Vec<_>>>()
    })?;
    Ok(outcomes.into_iter().flatten().collect())
}

fn one_caller(plan: &Plan, fleet: &Fleet, start: Instant, numbers: &AtomicU64, ended: &AtomicU64) -> Vec<Outcome> {
    let (mut outcomes, mut tickets) = (Vec::new(), Vec::new());
    loop {
        let number = numbers.fetch_add(1, Relaxed);
        if number >= plan.calls {
            break;
        }
        // Each has its moment, and those that are late are made at once.
        let due = plan.faults.mul_f64(number as f64 / plan.calls as f64);
        thread::sleep(due.saturating_sub(start.elapsed()));
        let random = mix(plan.seed ^ number);
        let device = format!("meter-{}", random % plan.devices as u64);
        let kind = match random >> 32 & 63 {
            0 => Kind::Queued,
            1..=10 => Kind::Confirmed,
            11..=12 => Kind::Cast,
            _ => Kind::Call,
        };
        let begun = Instant::now();
        let told = match kind {
            Kind::Call => call(fleet, &device, number),
            Kind::Confirmed | Kind::Cast => cast(fleet, &device, number, kind == Kind::Confirmed),
            Kind::Queued => match queue(fleet, &device, number) {
                Ok(ticket) => {
                    tickets.push((outcomes.len(), ticket));
                    Told::State(None)
                }
                Err(told) => told,
            },
        };
        outcomes.push(Outcome { number, kind, told, took: begun.elapsed() });
        ended.fetch_add(1, Relaxed);
    }
    // Those in the queue have the time that a broker's and a gateway's restart take.
    let until = Instant::now() + Duration::from_secs(90);
    for (place, ticket) in tickets {
        let state = ticket.end(until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1)));
        outcomes[place].told = Told::State(state.map(|state| state.state));
    }
    outcomes
}

fn call(fleet: &Fleet, device: &str, number: u64) -> Told {
    let mut device = match fleet.device(device) {
        Ok(device) => device,
        Err(error) => return told(&CallError::Link(LinkError::Transport(error))),
    };
    device.set_timeout(TIMEOUT);
    match meter_1::Client::new(&mut device).note(number) {
        Ok(1) => Told::Done,
        Ok(times) => Told::Wrong(times),
        Err(error) => told(&error),
    }
}

fn cast(fleet: &Fleet, device: &str, number: u64, confirm: bool) -> Told {
    let mut device = match fleet.device(device) {
        Ok(device) => device,
        Err(error) => return told(&CallError::Link(LinkError::Transport(error))),
    };
    device.set_timeout(TIMEOUT);
    device.set_confirm(confirm);
    let id = ProcedureId { program: PROGRAM, version: 1, procedure: 1 };
    match device.cast(id, |arguments| arguments.put::<Xdr, _>(&number)) {
        Ok(()) => Told::Done,
        Err(error) => told(&error),
    }
}

fn queue(fleet: &Fleet, device: &str, number: u64) -> Result<Ticket, Told> {
    let queue = fleet.queue(device, EXPIRY);
    let queue = queue.map_err(|error| told(&CallError::Link(LinkError::Transport(error))))?;
    queue.call(|meter| meter_1::Client::new(meter).note(number)).map_err(|error| told(&error))
}

fn told(error: &CallError<Error>) -> Told {
    let executed = match error {
        CallError::Link(LinkError::Transport(error)) => error.executed(),
        CallError::Refused(_) | CallError::Arguments(_) => Executed::No,
        _ => Executed::Perhaps,
    };
    match executed {
        Executed::No => Told::NotExecuted(kind(error)),
        Executed::Perhaps => Told::Perhaps(kind(error)),
    }
}

/// Returns the sort of an error, without what differs from call to call.
fn kind(error: &CallError<Error>) -> String {
    match error {
        CallError::Link(LinkError::Transport(error)) => match error {
            Error::Broker { .. } => "the broker's trouble".into(),
            Error::Away { .. } | Error::Unknown { .. } => "the device is away".into(),
            Error::NoGateway { .. } => "no gateway has the device".into(),
            Error::GatewayLost { .. } => "the gateway was lost".into(),
            Error::Gateway { trouble, .. } => format!("the gateway replied: {trouble}"),
            other => other.to_string(),
        },
        CallError::TimedOut { .. } => "timed out".into(),
        CallError::Restarted => "the device restarted".into(),
        other => other.to_string(),
    }
}

/// Returns a number that looks random: the finisher of SplitMix64.
pub const fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ number >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ number >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ number >> 31
}
