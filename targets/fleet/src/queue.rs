//! Calls that may wait until a device returns.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use oncilla::{CallError, ProcedureId};

use crate::calls::{Answer, Interrupt, Manner, next_look, refused_by_broker, transport, xid};
use crate::error::Error;
use crate::fleet::{Fleet, named};
use crate::mqtt::BrokerError;
use crate::one_call::OneCall;
use crate::wire::{CallState, Correlation, Name, Progress, Topic, Trouble};

/// Queues calls for a device, which may be away.
///
/// A gateway keeps a call until the device returns, and executes the calls of a device in order. Each is executed at
/// most once. Use it only where a late execution is right: an oven that starts hours later is a fault.
///
/// ```no_run
/// # oncilla::program! {
/// #     pub mod thermostat = 0x2000_0042, version 1 { fn set(channel: u32, target: i32) -> bool = 2; }
/// # }
/// # fn example(fleet: &oncilla_fleet::Fleet) -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
///
/// let queue = fleet.queue("oven-7", Duration::from_secs(3600))?;
/// let ticket = queue.call(|oven| thermostat::Client::new(oven).set(0, 20_000))?;
/// println!("{ticket}: {:?}", ticket.state(Duration::from_secs(2))?);
/// println!("{}", ticket.wait(Duration::from_secs(3600), |oven| thermostat::Client::new(oven).set(0, 20_000))?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Queue {
    fleet: Fleet,
    device: Name,
    expiry: Duration,
    manner: Manner,
}

impl Queue {
    pub(crate) fn new(fleet: Fleet, device: Name, expiry: Duration) -> Self {
        Self { fleet, device, expiry, manner: Manner::default() }
    }

    /// Sets how long the device may take for each call, once it begins. 5 s unless set.
    pub const fn set_timeout(&mut self, timeout: Duration) {
        self.manner.timeout = timeout;
    }

    /// Queues the one call of a closure. It waits until the broker has taken the call.
    ///
    /// # Errors
    /// The arguments, the cap, the broker's trouble; [`Error::NoGateway`] if no gateway keeps a queue for the device.
    pub fn call<R>(
        &self,
        make: impl Fn(&mut OneCall) -> Result<R, CallError<Error>>,
    ) -> Result<Ticket, CallError<Error>> {
        let recorded = OneCall::record(&make)?;
        self.call_bytes(recorded.id, recorded.message.get(40..).unwrap_or_default())
    }

    /// Queues a call with encoded arguments.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub fn call_bytes(&self, id: ProcedureId, arguments: &[u8]) -> Result<Ticket, CallError<Error>> {
        let fleet = &self.fleet;
        let call = fleet.encode(id, |writer| writer.append(arguments))?;
        let (device, user) = (self.device.clone(), fleet.inner.user.clone());
        let strange = || transport(Error::NotOneCall);
        let number = fleet.inner.correlation(call.number).ok_or_else(strange)?;
        let ticket =
            Ticket::new(fleet, (device.clone(), user.clone(), number), Some(call.number)).map_err(transport)?;
        let topic = Topic::Queue { device, program: id.program, user };
        let until = Instant::now() + fleet.inner.connect_timeout;
        fleet.inner.connection.wait(until).map_err(|error| transport(Error::unsent(error)))?;
        let (timeout, expiry) = (self.manner.timeout, Some(self.expiry));
        fleet.publish(&topic, &call, &self.manner, timeout, true, expiry).map_err(transport)?;
        ticket.taken(&topic, until)?;
        Ok(ticket)
    }
}

/// A call in a queue. Its text, such as `oven-7/alice/0102…`, names it for other programs.
///
/// The state is known as long as the ticket is there. The results arrive only at the program that queued the call.
pub struct Ticket {
    fleet: Fleet,
    key: (Name, Name, Correlation),
    /// The number of the call, and where its reply arrives, if it was queued here.
    own: Option<(u64, Arc<crate::pending::Slot>)>,
    interrupt: Option<Interrupt>,
}

impl Ticket {
    fn new(fleet: &Fleet, key: (Name, Name, Correlation), number: Option<u64>) -> Result<Self, Error> {
        fleet.inner.shared.directory().states.insert(key.clone(), None);
        let own = number.map(|number| (number, fleet.inner.shared.pending.keep(number)));
        let ticket = Self { fleet: fleet.clone(), key, own, interrupt: None };
        let patience = fleet.inner.connect_timeout;
        fleet.inner.connection.wait(Instant::now() + patience).map_err(Error::unsent)?;
        fleet.inner.connection.subscribe(&[(ticket.topic(), true)], patience).map_err(Error::unsent)?;
        Ok(ticket)
    }

    pub(crate) fn named(fleet: &Fleet, text: &str) -> Result<Self, Error> {
        let wrong = || {
            let why = format!("{text:?} is no ticket; a ticket is DEVICE/USER/ID, as it was printed");
            Error::Unusable { why }
        };
        let mut parts = text.split('/');
        let (Some(device), Some(user), Some(id), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(wrong());
        };
        let id = Correlation::from_hex(id).ok_or_else(wrong)?;
        Self::new(fleet, (named(device)?, named(user)?, id), None)
    }

    /// Sets what ends a wait, as if its time were up. It is asked every 50 ms.
    pub fn set_interrupt(&mut self, interrupt: Option<Interrupt>) {
        self.interrupt = interrupt;
    }

    fn topic(&self) -> String {
        let (device, user, id) = self.key.clone();
        self.fleet.inner.topics.text(&Topic::State { device, user, id })
    }

    /// Waits until the broker has taken the call.
    fn taken(&self, topic: &Topic, until: Instant) -> Result<(), CallError<Error>> {
        let Some((_, slot)) = &self.own else { return Ok(()) };
        let mut waiting = slot.lock();
        waiting.until_taken = true;
        loop {
            match waiting.acknowledged {
                Some(0) => return Ok(()),
                Some(code) => return Err(transport(refused_by_broker(code, topic, &self.fleet.inner))),
                None => {}
            }
            if let Some((error, _)) = waiting.lost.take() {
                return Err(transport(Error::sent(error)));
            }
            if Instant::now() >= until {
                return Err(transport(Error::sent(BrokerError::Silent)));
            }
            waiting = slot.wait(waiting, until);
        }
    }

    /// Returns the state of the call, as far as a gateway has published it. Waits for a first one, at most `patience`.
    ///
    /// # Errors
    /// The broker's trouble.
    pub fn state(&self, patience: Duration) -> Result<Option<CallState>, Error> {
        let found = self
            .fleet
            .inner
            .shared
            .wait(Instant::now() + patience, |directory| directory.states.get(&self.key).and_then(Clone::clone));
        match found {
            None if !self.fleet.inner.connection.is_up() => {
                Err(Error::unsent(BrokerError::Lost { why: "it is being made again".to_owned() }))
            }
            found => Ok(found),
        }
    }

    /// Waits until the call has ended, at most `patience`. Returns its last state.
    #[must_use]
    pub fn end(&self, patience: Duration) -> Option<CallState> {
        let until = Instant::now() + patience;
        let ended = |directory: &crate::directory::Directory| {
            directory.states.get(&self.key)?.clone().filter(|state| state.state.is_end())
        };
        loop {
            let manner = Manner { interrupt: self.interrupt.clone(), ..Manner::default() };
            if let Some(state) = self.fleet.inner.shared.wait(next_look(until, &manner), ended) {
                return Some(state);
            }
            if self.fleet.is_over(until, &manner) {
                return self.fleet.inner.shared.directory().states.get(&self.key).and_then(Clone::clone);
            }
        }
    }

    /// Waits for the results of the call, at most `patience`. `make` is the closure that made it.
    ///
    /// # Errors
    /// What became of the call; [`Error::Expired`] if its time passed. [`CallError::TimedOut`] when `patience` is over: the
    /// call is queued still.
    pub fn wait<R>(
        &self,
        patience: Duration,
        make: impl Fn(&mut OneCall) -> Result<R, CallError<Error>>,
    ) -> Result<R, CallError<Error>> {
        let recorded = OneCall::record(&make)?;
        OneCall::answer(&make, recorded.id, &self.wait_bytes(patience)?)
    }

    /// Waits for the encoded results of the call, at most `patience`.
    ///
    /// # Errors
    /// As [`wait`](Self::wait).
    pub fn wait_bytes(&self, patience: Duration) -> Result<Vec<u8>, CallError<Error>> {
        let Some((number, slot)) = &self.own else {
            let why = "the results of a queued call arrive at the program that queued it".to_owned();
            return Err(transport(Error::Strange { why }));
        };
        let until = Instant::now() + patience;
        let manner = Manner { timeout: patience, interrupt: self.interrupt.clone(), ..Manner::default() };
        loop {
            let mut waiting = slot.lock();
            if let Some(reply) = waiting.replies.pop() {
                drop(waiting);
                let answer = Answer::new(reply, xid(*number), patience)?;
                return Ok(answer.results().to_vec());
            }
            // The state may end without a reply, which was lost or is on its way.
            let look = Instant::now() + Duration::from_millis(250);
            waiting = slot.wait(waiting, next_look(until, &manner).min(look));
            if !waiting.replies.is_empty() {
                continue;
            }
            drop(waiting);
            let state = self.fleet.inner.shared.directory().states.get(&self.key).and_then(Clone::clone);
            match state {
                Some(state) if state.state == Progress::Expired => {
                    return Err(transport(Error::Expired { device: self.key.0.clone() }));
                }
                Some(state) if state.state == Progress::Failed && state.error.is_some() => {
                    return Err(transport(Error::Gateway {
                        trouble: state.error.unwrap_or(Trouble::Gateway),
                        text: state.text,
                        device: Some(self.key.0.clone()),
                        gateway: Some(state.gateway),
                    }));
                }
                _ => {}
            }
            if self.fleet.is_over(until, &manner) {
                return Err(CallError::TimedOut { after: patience, unframed: 0 });
            }
        }
    }
}

impl fmt::Display for Ticket {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (device, user, id) = &self.key;
        write!(formatter, "{device}/{user}/{id}")
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Ticket({self})")
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Queue").field(&self.device).finish()
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.fleet.inner.shared.directory().states.remove(&self.key);
        self.fleet.inner.connection.unsubscribe(&[self.topic()]);
        if let Some((number, _)) = self.own {
            self.fleet.inner.shared.pending.forget(number);
        }
    }
}
