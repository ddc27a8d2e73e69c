//! Makes the calls: in turn or in flight, at full speed or at a rate.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use oncilla::{CallError, ProcedureId, Ticket};

use super::tally::Tally;
use crate::connect::{Device, Flight, Stop};
use crate::failure::{Done, Exit, Failure};
use crate::interrupt::Interrupt;

/// The pause before a reconnection.
const PAUSE: Duration = Duration::from_millis(100);

/// How long before a call is due the thread stops sleeping, since sleep is inexact.
const SPIN: Duration = Duration::from_micros(200);

/// The procedure to call, and how often.
pub struct Plan<'p> {
    pub id: ProcedureId,
    pub arguments: &'p [u8],
    /// Checks the first results of a connection against the interface.
    pub check: &'p (dyn Fn(&[u8]) -> Done + Sync),
    /// The number of calls in all.
    pub count: Option<u64>,
    /// How long calls are started.
    pub time: Option<Duration>,
    pub connections: u32,
    pub in_flight: usize,
    /// Calls a second in all. `None` is as many as possible.
    pub rate: Option<f64>,
}

/// The state that all connections share.
pub struct Shared {
    /// The number of started calls.
    pub started: AtomicU64,
    pub begin: Instant,
    pub interrupt: Interrupt,
    /// Ends the waiting of calls.
    pub stop: Stop,
}

/// When the next call of a connection is due.
enum Due {
    Now,
    At(Instant),
    Never,
}

/// The calls of one connection.
pub struct Load<'p> {
    plan: &'p Plan<'p>,
    shared: &'p Shared,
    /// Which connection it is, from 0.
    index: u32,
    /// The calls that this connection has started.
    started: u64,
    end: Option<Instant>,
    /// Whether the first results are still to be checked against the interface.
    unchecked: bool,
    pub tally: Tally,
}

impl<'p> Load<'p> {
    pub fn new(plan: &'p Plan<'p>, shared: &'p Shared, index: u32) -> Self {
        let end = plan.time.and_then(|time| shared.begin.checked_add(time));
        Self { plan, shared, index, started: 0, end, unchecked: true, tally: Tally::new() }
    }

    /// Makes calls until the end. `dial` connects and reconnects.
    pub fn run(mut self, first: Device, dial: impl Fn() -> Done<Device>) -> Tally {
        let mut device = Some(first);
        while let Some(connected) = device.take() {
            let outcome = if self.plan.in_flight > 1 {
                match connected.into_flight() {
                    Some(mut flight) => self.in_flight(&mut *flight),
                    None => break,
                }
            } else {
                self.one_by_one(connected)
            };
            if outcome.is_ok() {
                break;
            }
            device = self.dial(&dial);
        }
        if let (Some(rate), Some(end)) = (self.plan.rate, self.end)
            && !self.shared.interrupt.is_set()
        {
            let due = end.duration_since(self.shared.begin).as_secs_f64() * rate / f64::from(self.plan.connections);
            self.tally.behind = (due as u64).saturating_sub(self.started);
        }
        self.tally
    }

    /// Reconnects, with attempts until the calls end.
    fn dial(&mut self, dial: &impl Fn() -> Done<Device>) -> Option<Device> {
        loop {
            if self.shared.interrupt.wait(PAUSE) || matches!(self.due(Instant::now()), Due::Never) {
                return None;
            }
            match dial() {
                Ok(device) => return Some(device),
                Err(failure) => {
                    // Counted as a call that could not be made.
                    if self.claim().is_some() {
                        self.tally.count("not connected".to_owned(), || failure);
                    }
                }
            }
        }
    }

    /// Returns when the next call is due.
    fn due(&self, now: Instant) -> Due {
        let is_over = self.end.is_some_and(|end| now >= end)
            || self.plan.count.is_some_and(|count| self.shared.started.load(Ordering::Relaxed) >= count);
        match self.plan.rate {
            _ if is_over => Due::Never,
            None => Due::Now,
            Some(rate) => {
                let at = self.intended(rate);
                match self.end {
                    Some(end) if at >= end => Due::Never,
                    _ if at <= now => Due::Now,
                    _ => Due::At(at),
                }
            }
        }
    }

    /// Returns when the next call is due at a rate. The connections take turns.
    fn intended(&self, rate: f64) -> Instant {
        let turn = self.started as f64 * f64::from(self.plan.connections) + f64::from(self.index);
        let after = Duration::try_from_secs_f64(turn / rate).unwrap_or(Duration::MAX);
        self.shared
            .begin
            .checked_add(after)
            .unwrap_or_else(|| self.shared.begin + Duration::from_secs(u64::from(u32::MAX)))
    }

    /// Counts a call that starts now. Returns the instant from which its latency counts.
    ///
    /// Returns `None` if other connections make the last calls.
    ///
    /// At a rate, the latency counts from the time at which the call was due. Otherwise the latencies of calls that a
    /// slow call delays would not show the delay.
    fn claim(&mut self) -> Option<Instant> {
        let claimed = self.shared.started.fetch_add(1, Ordering::Relaxed);
        if self.plan.count.is_some_and(|count| claimed >= count) {
            return None;
        }
        let start = self.plan.rate.map_or_else(Instant::now, |rate| self.intended(rate));
        self.started += 1;
        Some(start)
    }

    /// Makes one call after another. Returns an error after a lost connection, which is counted.
    fn one_by_one(&mut self, mut device: Device) -> Result<(), ()> {
        let connection = device.connection();
        let Plan { id, arguments, check, .. } = *self.plan;
        let mut now = Instant::now();
        while !self.shared.interrupt.is_set() {
            match self.due(now) {
                Due::Never => break,
                Due::At(at) => {
                    if self.shared.interrupt.wait(at.saturating_duration_since(now).saturating_sub(SPIN)) {
                        break;
                    }
                    spin_sleep::sleep_until(at);
                }
                Due::Now => {}
            }
            let Some(start) = self.claim() else { break };
            let mut checked = Ok(());
            let unchecked = self.unchecked;
            let outcome = connection.call(id, false, &|writer| writer.append(arguments), &mut |results| {
                if unchecked {
                    checked = check(results);
                }
            });
            now = Instant::now();
            match outcome {
                Ok(()) => self.succeeded(now - start, checked),
                Err(error) => self.failed(error)?,
            }
        }
        Ok(())
    }

    /// Keeps calls in flight.
    fn in_flight(&mut self, flight: &mut dyn Flight) -> Result<(), ()> {
        let mut waiting = VecDeque::with_capacity(self.plan.in_flight);
        let outcome = self.keep_in_flight(flight, &mut waiting);
        if outcome.is_err() {
            for _ in waiting {
                // The connection is lost, and with it the calls on it.
                self.count(CallError::Closed);
            }
        }
        outcome
    }

    fn keep_in_flight(&mut self, flight: &mut dyn Flight, waiting: &mut VecDeque<(Ticket, Instant)>) -> Result<(), ()> {
        let Plan { id, arguments, in_flight, .. } = *self.plan;
        loop {
            let mut now = Instant::now();
            let mut due = if self.shared.interrupt.is_set() { Due::Never } else { self.due(now) };
            while matches!(due, Due::Now) && waiting.len() < in_flight {
                let Some(start) = self.claim() else {
                    due = Due::Never;
                    break;
                };
                match flight.start(id, arguments) {
                    Ok(ticket) => waiting.push_back((ticket, start)),
                    Err(error) => self.failed(error)?,
                }
                now = Instant::now();
                due = self.due(now);
            }
            let wait = match due {
                Due::Never if waiting.is_empty() => return Ok(()),
                Due::Never | Due::Now => PAUSE,
                Due::At(at) if waiting.is_empty() => {
                    self.shared.interrupt.wait(at.saturating_duration_since(now).saturating_sub(SPIN));
                    spin_sleep::sleep_until(at);
                    continue;
                }
                Due::At(at) => at.saturating_duration_since(now).saturating_sub(SPIN),
            };
            match flight.poll(wait) {
                Ok(done) => self.finish(flight, waiting, done)?,
                Err(error) => {
                    self.count(error.into());
                    // This failure is that of one of the waiting calls.
                    waiting.pop_front();
                    return Err(());
                }
            }
        }
    }

    /// Collects the outcomes of calls that are done.
    ///
    /// Most servers answer in order, so the oldest call is checked first.
    fn finish(
        &mut self,
        flight: &mut dyn Flight,
        waiting: &mut VecDeque<(Ticket, Instant)>,
        mut done: usize,
    ) -> Result<(), ()> {
        let now = Instant::now();
        let mut index = 0;
        while let Some((ticket, _)) = waiting.get(index).filter(|_| done > 0) {
            if !flight.is_done(ticket) {
                index += 1;
                continue;
            }
            let Some((ticket, start)) = waiting.remove(index) else { break };
            done -= 1;
            let mut checked = Ok(());
            let (check, unchecked) = (self.plan.check, self.unchecked);
            let outcome = flight.finish(self.plan.id, ticket, &mut |results| {
                if unchecked {
                    checked = check(results);
                }
            });
            match outcome {
                Ok(()) => self.succeeded(now.saturating_duration_since(start), checked),
                Err(error) => self.failed(error)?,
            }
        }
        Ok(())
    }

    fn succeeded(&mut self, latency: Duration, checked: Done) {
        self.unchecked = false;
        match checked {
            Ok(()) => self.tally.succeeded(latency),
            Err(failure) => self.tally.count("results that do not fit the interface".to_owned(), || failure),
        }
    }

    /// Counts a call that failed. An error of the link also ends the connection.
    fn failed(&mut self, error: CallError<std::io::Error>) -> Result<(), ()> {
        let is_lost = matches!(error, CallError::Link(_) | CallError::Closed);
        self.count(error);
        if is_lost { Err(()) } else { Ok(()) }
    }

    /// Counts a call that failed, or that waited when the user ended the command.
    fn count(&mut self, error: CallError<std::io::Error>) {
        if self.shared.stop.check().is_ok() {
            self.tally.failed(error);
            return;
        }
        let failure = || Failure::new(Exit::Failed, "the command was ended before the reply arrived");
        self.tally.count("no reply before the end of the command".to_owned(), failure);
    }
}
