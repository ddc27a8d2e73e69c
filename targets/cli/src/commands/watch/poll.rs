//! Polls a device: a thread calls at each interval, also after a loss.

use std::sync::mpsc::Sender;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use oncilla_dynamic::Interface;
use serde_json::Value;

use super::names;
use super::until::Condition;
use crate::commands::call::{self, Callee, Input};
use crate::connect::{self, Device, How};
use crate::context::Context;
use crate::failure::{Done, Exit, Failure};
use crate::remote::Remote;
use crate::settings::Settings;
use crate::target::Address;

/// How long a call may reconnect before the device is shown as lost.
const RECONNECT_MAX: Duration = Duration::from_secs(1);

/// The outcome of a poll.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Which device, in the order of the command line.
    pub device: usize,
    /// When the call began.
    pub time: SystemTime,
    /// How long the call took.
    pub took: Duration,
    pub outcome: Done<Value>,
}

impl Sample {
    /// Returns whether the device is lost: not reached, or silent.
    pub fn is_lost(&self) -> bool {
        self.outcome.as_ref().is_err_and(|failure| matches!(failure.exit(), Exit::NotReached | Exit::TimedOut))
    }
}

/// When to poll.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    pub interval: Duration,
    /// The number of polls. `None` is for ever.
    pub count: Option<u64>,
}

/// A device, and the call that polls it.
pub struct Poller {
    settings: Settings,
    how: How,
    /// The interface. `None` for a procedure given by numbers.
    interface: Option<Interface>,
    /// The name of the procedure, or its numbers.
    name: String,
    arguments: Vec<u8>,
    device: Option<Device>,
}

impl Poller {
    /// Connects to a device and encodes the call.
    ///
    /// The condition and the fields, each with their option, must fit the results of the procedure.
    pub fn new(
        context: &Context,
        settings: Settings,
        name: &str,
        arguments: &[String],
        condition: Option<&Condition>,
        fields: [(&str, &[String]); 2],
    ) -> Done<Self> {
        let mut how = context.how();
        how.reconnect = Some(settings.timeout.value.min(RECONNECT_MAX));
        let input = Input::Words(arguments.to_vec());
        let mut remote = Remote::of(context, settings, how.clone());
        let interface = call::interface(&mut remote, name, &input)?;
        let callee = Callee::find(name, interface.as_ref())?;
        let (_, arguments) = call::resolve(&callee, &input)?;
        if let Callee::Named(procedure) = &callee {
            condition.map_or(Ok(()), |condition| condition.check(*procedure))?;
            for (option, fields) in fields {
                names::check(option, fields, procedure.result())?;
            }
        }
        remote.device()?;
        let (settings, device) = remote.into_parts();
        Ok(Self { settings, how, interface, name: name.to_owned(), arguments, device })
    }

    /// Returns the target as the user gave it.
    pub fn target(&self) -> String {
        self.settings.given.as_ref().map_or_else(|| "the device".to_owned(), |given| given.value.clone())
    }

    /// Polls in a thread, until the schedule or the receiver of samples ends.
    pub fn start(mut self, device: usize, schedule: Schedule, samples: Sender<Sample>) {
        thread::spawn(move || {
            let mut due = Instant::now();
            let mut polls = 0;
            while schedule.count.is_none_or(|count| polls < count) {
                thread::sleep(due.saturating_duration_since(Instant::now()));
                let (time, begun) = (SystemTime::now(), Instant::now());
                let outcome = self.poll();
                polls += 1;
                if samples.send(Sample { device, time, took: begun.elapsed(), outcome }).is_err() {
                    return;
                }
                // Polls that a slow call has missed are left out.
                due = next(due, schedule.interval, Instant::now());
            }
        });
    }

    fn poll(&mut self) -> Done<Value> {
        let callee = Callee::find(&self.name, self.interface.as_ref())?;
        let device = match &mut self.device {
            Some(device) => device,
            none => none.insert(connect::connect(&self.settings, &self.how)?),
        };
        // A poll may be executed twice: the next one is another call of the same procedure.
        device.set_idempotent(true);
        let outcome = match device.call_bytes(callee.id(), &self.arguments) {
            Ok(results) => callee.decode(results),
            Err(error) => Err(Failure::from(error)),
        };
        let by_name =
            self.settings.target.as_ref().is_some_and(|target| matches!(target.value.address, Address::Rpc { .. }));
        if by_name && outcome.as_ref().is_err_and(|failure| failure.exit() == Exit::NotReached) {
            // A program that was started again has another port.
            self.device = None;
        }
        outcome
    }
}

/// Returns when the next poll is due: the first multiple of the interval after `now`.
fn next(due: Instant, interval: Duration, now: Instant) -> Instant {
    let Some(late) = now.checked_duration_since(due) else { return due };
    let past = late.as_nanos().checked_rem(interval.as_nanos()).unwrap_or_default();
    let left = interval.saturating_sub(Duration::from_nanos(u64::try_from(past).unwrap_or(u64::MAX)));
    // An interval is at most 1000 days.
    now.checked_add(left).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missed_polls_are_left_out() {
        let (begin, second) = (Instant::now(), Duration::from_secs(1));
        let after = |nanoseconds| begin + Duration::from_nanos(nanoseconds);
        assert_eq!(next(begin, second, begin), begin + second);
        assert_eq!(next(begin, second, after(1)), begin + second);
        assert_eq!(next(begin, second, after(3_400_000_000)), begin + 4 * second);
        // A device that was silent for a year, and the shortest interval.
        let year = 31_536_000_000_000_000;
        assert_eq!(next(begin, Duration::from_nanos(1), after(year)), after(year + 1));
        assert_eq!(next(begin + second, second, begin), begin + second);
        assert_eq!(next(begin, Duration::MAX, begin), begin);
    }
}
