//! Callers: of one device, and of any one device of a group.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use oncilla::xdr::{DecodeError, EncodeError};
use oncilla::{CallError, Caller, ProcedureId, Writer};

use crate::calls::{Answer, Call, Interrupt, Manner, decoded};
use crate::error::Error;
use crate::fleet::Fleet;
use crate::wire::{Name, Presence, Topic};

/// A caller of one device. Generated clients work on it unchanged.
///
/// A call to a device that is away fails at once, and so does a call whose gateway goes away while it waits.
pub struct Device {
    fleet: Fleet,
    name: Name,
    manner: Manner,
    answer: Option<Answer>,
}

/// A caller of any one device of a group. Each call goes to one gateway that has devices of the group.
pub struct AnyDevice {
    fleet: Fleet,
    group: Name,
    manner: Manner,
    answer: Option<Answer>,
}

macro_rules! manner {
    () => {
        /// Sets the total time-out of the calls that follow. 5 s unless set.
        ///
        /// The gateway and the device know it: a call is not executed after its time.
        pub const fn set_timeout(&mut self, timeout: Duration) {
            self.manner.timeout = timeout;
        }

        /// Sets what ends the wait of a call, as if its time were up. It is asked every 50 ms.
        pub fn set_interrupt(&mut self, interrupt: Option<Interrupt>) {
            self.manner.interrupt = interrupt;
        }

        /// Sets the trace context of the calls that follow: the field `traceparent` of W3C's Trace Context.
        pub fn set_traceparent(&mut self, traceparent: Option<String>) {
            self.manner.traceparent = traceparent;
        }

        /// Sets whether the one-way calls that follow are confirmed. They are not unless set.
        ///
        /// [`cast`](Caller::cast) then returns `Ok` only after the device has replied to a NULL call behind the one-way call
        /// on the same connection (RFC 5531 §8), so it waits as long as a call does. That needs a link that keeps the order
        /// and loses nothing but its end: TCP, TLS, a Unix socket. On a serial line or UDP the gateway replies
        /// [`Trouble::Unconfirmable`](crate::wire::Trouble::Unconfirmable) and sends nothing.
        pub const fn set_confirm(&mut self, confirm: bool) {
            self.manner.confirm = confirm;
        }

        /// Returns the fleet.
        #[must_use]
        pub const fn fleet(&self) -> &Fleet {
            &self.fleet
        }
    };
}

impl Device {
    pub(crate) fn new(fleet: Fleet, name: Name) -> Self {
        Self { fleet, name, manner: Manner::default(), answer: None }
    }

    manner!();

    /// Returns the name of the device.
    #[must_use]
    pub const fn name(&self) -> &Name {
        &self.name
    }

    /// Returns what its gateway says of the device now.
    ///
    /// # Errors
    /// The device is unknown or away.
    pub fn presence(&self) -> Result<Arc<Presence>, Error> {
        self.fleet.inner.shared.directory().online(&self.name)
    }

    /// Returns whether the device has this version of a program, and the cap of the fleet allows it.
    ///
    /// It asks nobody: presence and cap are known.
    #[must_use]
    pub fn can_send_version(&self, program: u32, version: u32) -> bool {
        self.highest_version(program, version..=version).is_some()
    }

    /// Returns the highest version among `known` that the device has and the cap of the fleet allows.
    ///
    /// It asks nobody. [`oncilla::highest_version`] asks the device.
    #[must_use]
    pub fn highest_version(&self, program: u32, known: RangeInclusive<u32>) -> Option<u32> {
        let directory = self.fleet.inner.shared.directory();
        let cap = directory.caps.get(&program).copied().unwrap_or(u32::MAX);
        let served = directory.devices.get(&self.name)?.program(program)?;
        served.highest(*known.start(), cap.min(*known.end()))
    }

    fn call_as<'c, R>(
        &'c mut self,
        id: ProcedureId,
        idempotent: bool,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
        results: impl FnOnce(&'c [u8]) -> Result<R, DecodeError>,
    ) -> Result<R, CallError<Error>> {
        let mut call = self.fleet.encode(id, arguments)?;
        let answer = self.exchange(id, &mut call, idempotent)?;
        decoded(results, self.answer.insert(answer).results())
    }

    fn exchange(&self, id: ProcedureId, call: &mut Call, idempotent: bool) -> Result<Answer, CallError<Error>> {
        let (shared, name) = (&self.fleet.inner.shared, &self.name);
        let serving = || {
            let presence = shared.directory().online(name)?;
            Ok(vec![(name.clone(), presence.gateway.clone(), presence.session)])
        };
        self.fleet.exchange(&self.topic(id), call, idempotent, &self.manner, serving)
    }

    fn topic(&self, id: ProcedureId) -> Topic {
        Topic::Call { device: self.name.clone(), program: id.program, user: self.fleet.inner.user.clone() }
    }
}

impl AnyDevice {
    pub(crate) fn new(fleet: Fleet, group: Name) -> Self {
        Self { fleet, group, manner: Manner::default(), answer: None }
    }

    manner!();

    /// Returns the name of the group.
    #[must_use]
    pub const fn group(&self) -> &Name {
        &self.group
    }

    /// Returns the device that replied to the last call, if the gateway stated it.
    #[must_use]
    pub fn replied(&self) -> Option<&Name> {
        self.answer.as_ref().and_then(|answer| answer.device.as_ref())
    }

    fn call_as<'c, R>(
        &'c mut self,
        id: ProcedureId,
        idempotent: bool,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
        results: impl FnOnce(&'c [u8]) -> Result<R, DecodeError>,
    ) -> Result<R, CallError<Error>> {
        let mut call = self.fleet.encode(id, arguments)?;
        let answer = self.exchange(id, &mut call, idempotent)?;
        decoded(results, self.answer.insert(answer).results())
    }

    fn exchange(&self, id: ProcedureId, call: &mut Call, idempotent: bool) -> Result<Answer, CallError<Error>> {
        // Which gateway the broker chooses is not known.
        self.fleet.exchange(&self.topic(id), call, idempotent, &self.manner, || Ok(Vec::new()))
    }

    fn topic(&self, id: ProcedureId) -> Topic {
        Topic::Any { group: self.group.clone(), program: id.program, user: self.fleet.inner.user.clone() }
    }
}

macro_rules! caller {
    ($type:ty) => {
        impl Caller for $type {
            type Error = Error;

            fn call<'c, R>(
                &'c mut self,
                id: ProcedureId,
                arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
                results: impl FnOnce(&'c [u8]) -> Result<R, DecodeError>,
            ) -> Result<R, CallError<Error>> {
                self.call_as(id, false, arguments, results)
            }

            fn call_idempotent<'c, R>(
                &'c mut self,
                id: ProcedureId,
                arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
                results: impl FnOnce(&'c [u8]) -> Result<R, DecodeError>,
            ) -> Result<R, CallError<Error>> {
                self.call_as(id, true, arguments, results)
            }

            /// Sends a one-way call. Success means that the broker took it and found a gateway.
            ///
            /// After [`set_confirm`](Self::set_confirm) it means that the device received it.
            fn cast(
                &mut self,
                id: ProcedureId,
                arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
            ) -> Result<(), CallError<Error>> {
                let mut call = self.fleet.encode(id, arguments)?;
                if self.manner.confirm {
                    call.confirm = true;
                    return self.exchange(id, &mut call, false).map(drop);
                }
                self.fleet.one_way(&self.topic(id), &call, &self.manner)
            }
        }
    };
}

caller!(Device);
caller!(AnyDevice);

impl std::fmt::Debug for Device {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Device").field(&self.name).finish()
    }
}

impl std::fmt::Debug for AnyDevice {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("AnyDevice").field(&self.group).finish()
    }
}
