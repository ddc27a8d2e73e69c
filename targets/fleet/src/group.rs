//! Calls of every device of a group at once.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use oncilla::{CallError, ProcedureId};

use crate::calls::{Answer, Call, Interrupt, Manner, next_look, refused_by_broker, transport, xid};
use crate::error::Error;
use crate::fleet::Fleet;
use crate::one_call::OneCall;
use crate::pending::Sent;
use crate::wire::{Executed, Name, ReplyProperties, Session, Topic};

/// The outcome of a call of a group: what each device replied, by its name.
pub type Outcomes<R> = BTreeMap<Name, Result<R, CallError<Error>>>;

/// Every device of a group, called by one message.
///
/// ```no_run
/// # oncilla::program! {
/// #     pub mod thermostat = 0x2000_0042, version 1 { fn read(channel: u32) -> i32 = 1; }
/// # }
/// # fn example(fleet: &oncilla_fleet::Fleet) -> Result<(), Box<dyn std::error::Error>> {
/// for (device, reading) in fleet.group("ovens")?.call(|oven| thermostat::Client::new(oven).read(0))? {
///     println!("{device}: {reading:?}");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Group {
    fleet: Fleet,
    name: Name,
    manner: Manner,
}

impl Group {
    pub(crate) fn new(fleet: Fleet, name: Name) -> Self {
        Self { fleet, name, manner: Manner::default() }
    }

    /// Sets the total time-out of the calls that follow. 5 s unless set.
    pub const fn set_timeout(&mut self, timeout: Duration) {
        self.manner.timeout = timeout;
    }

    /// Sets what ends the wait of a call, as if its time were up. It is asked every 50 ms.
    pub fn set_interrupt(&mut self, interrupt: Option<Interrupt>) {
        self.manner.interrupt = interrupt;
    }

    /// Returns the devices of the group, and why those that are away cannot be called.
    #[must_use]
    pub fn devices(&self) -> Vec<(Name, Option<String>)> {
        let directory = self.fleet.inner.shared.directory();
        let of_group = directory.devices.iter().filter(|(_, presence)| presence.groups.contains(&self.name));
        of_group.map(|(device, presence)| (device.clone(), directory.trouble(presence))).collect()
    }

    /// Makes the one call of a closure to all devices of the group.
    ///
    /// Each device has an outcome, also those that are away and those that do not reply in time. See [`OneCall`] for
    /// what the closure may do.
    ///
    /// # Errors
    /// What concerns all devices: the arguments, the cap, the broker, or that the group has no device.
    pub fn call<R>(
        &self,
        make: impl Fn(&mut OneCall) -> Result<R, CallError<Error>>,
    ) -> Result<Outcomes<R>, CallError<Error>> {
        let recorded = OneCall::record(&make)?;
        if recorded.one_way {
            return Err(transport(Error::NotOneCall));
        }
        let id = recorded.id;
        let outcomes = self.call_message(id, &recorded.message)?;
        let decode = |(device, outcome): (Name, Result<Answer, _>)| {
            (device, outcome.and_then(|answer| OneCall::answer(&make, id, answer.results())))
        };
        Ok(outcomes.into_iter().map(decode).collect())
    }

    /// Makes one call with encoded arguments to all devices of the group. Returns the encoded results.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub fn call_bytes(&self, id: ProcedureId, arguments: &[u8]) -> Result<Outcomes<Vec<u8>>, CallError<Error>> {
        let message = crate::calls::encode(0, id, |writer| writer.append(arguments))?;
        let outcomes = self.call_message(id, &message)?;
        Ok(outcomes
            .into_iter()
            .map(|(device, outcome)| (device, outcome.map(|answer| answer.results().to_vec())))
            .collect())
    }

    /// Sends the one one-way call of a closure to all devices of the group.
    ///
    /// Success means that the broker took it and found a gateway.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub fn cast(&self, make: impl Fn(&mut OneCall) -> Result<(), CallError<Error>>) -> Result<(), CallError<Error>> {
        let recorded = OneCall::record(&make)?;
        let call = self.renumbered(recorded.id, &recorded.message)?;
        self.fleet.one_way(&self.topic(recorded.id), &call, &self.manner)
    }

    fn topic(&self, id: ProcedureId) -> Topic {
        Topic::Group { group: self.name.clone(), program: id.program, user: self.fleet.inner.user.clone() }
    }

    /// Returns a recorded call with a number of its own.
    fn renumbered(&self, id: ProcedureId, message: &[u8]) -> Result<Call, CallError<Error>> {
        // The arguments come after the header of 40 bytes.
        self.fleet.encode(id, |writer| writer.append(message.get(40..).unwrap_or_default()))
    }

    fn call_message(&self, id: ProcedureId, message: &[u8]) -> Result<Outcomes<Answer>, CallError<Error>> {
        let call = self.renumbered(id, message)?;
        let (mut outcomes, mut serving) = (BTreeMap::new(), Vec::<(Name, Name, Session)>::new());
        let directory = self.fleet.inner.shared.directory();
        for (device, presence) in directory.devices.iter().filter(|(_, one)| one.groups.contains(&self.name)) {
            match directory.online(device) {
                Ok(_) => serving.push((device.clone(), presence.gateway.clone(), presence.session)),
                Err(error) => drop(outcomes.insert(device.clone(), Err(transport(error)))),
            }
        }
        drop(directory);
        if serving.is_empty() && !outcomes.is_empty() {
            return Ok(outcomes);
        }
        let topic = self.topic(id);
        let until = Instant::now() + self.manner.timeout;
        self.fleet.inner.connection.wait(until).map_err(|error| transport(Error::unsent(error)))?;
        let awaited: Vec<_> = serving.iter().map(|(device, ..)| device.clone()).collect();
        let guard = self.fleet.inner.shared.pending.add(call.number, serving);
        // A gateway that went away before the call was among those that wait.
        guard.slot.check(&self.fleet.inner.shared.directory(), |_| true);
        let left = until.saturating_duration_since(Instant::now());
        self.fleet.publish(&topic, &call, &self.manner, left, true, None).map_err(transport)?;

        let mut waiting = guard.slot.lock();
        loop {
            for reply in std::mem::take(&mut waiting.replies) {
                let device = ReplyProperties::parse(&reply.properties()).ok().and_then(|properties| properties.device);
                let Some(device) = device else { continue };
                let answer = Answer::new(reply, xid(call.number), self.manner.timeout);
                // Of a reply that is delivered twice, the first counts.
                outcomes.entry(device).or_insert(answer);
            }
            for (device, gateway) in std::mem::take(&mut waiting.gone) {
                let error = Error::GatewayLost { device: device.clone(), gateway };
                outcomes.entry(device).or_insert(Err(transport(error)));
            }
            let rest = || awaited.iter().filter(|device| !outcomes.contains_key(*device)).cloned();
            let lost = waiting.lost.take().map(|(error, sent)| {
                let executed = if sent == Sent::No { Executed::No } else { Executed::Perhaps };
                transport(Error::Broker { error, executed })
            });
            let denied = waiting.acknowledged.filter(|code| *code != 0);
            let denied = denied.map(|code| transport(refused_by_broker(code, &topic, &self.fleet.inner)));
            let over = || CallError::TimedOut { after: self.manner.timeout, unframed: 0 };
            let end = match lost.or(denied) {
                // Nobody has replied: it concerns all.
                Some(error) if outcomes.values().all(|outcome: &Result<Answer, _>| outcome.is_err()) => {
                    return Err(error);
                }
                Some(error) => Some(error),
                None => self.fleet.is_over(until, &self.manner).then(over),
            };
            if let Some(error) = end {
                let rest: Vec<_> = rest().collect();
                outcomes.extend(rest.into_iter().map(|device| (device, Err(error.clone()))));
                return Ok(outcomes);
            }
            if rest().next().is_none() && !awaited.is_empty() {
                return Ok(outcomes);
            }
            waiting = guard.slot.wait(waiting, next_look(until, &self.manner));
        }
    }
}

impl std::fmt::Debug for Group {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Group").field(&self.name).finish()
    }
}
