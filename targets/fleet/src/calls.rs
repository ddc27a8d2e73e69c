//! One call through the broker: encode it, publish it, wait for the reply.

use std::sync::Arc;
use std::time::{Duration, Instant};

use oncilla::message::{CallHeader, OpaqueAuth, Reply};
use oncilla::xdr::{DecodeError, EncodeError};
use oncilla::{CallError, LinkError, ProcedureId, Writer};

use crate::error::Error;
use crate::fleet::{Fleet, Inner};
use crate::mqtt::{BrokerError, Incoming, NO_SUBSCRIBERS, Publication, SharedPayload};
use crate::pending::{Guard, Sent};
use crate::wire::{
    CallProperties, Content, Deadline, Executed, MESSAGE_MAX, Name, ReplyProperties, Session, Topic, Trouble, unix_ms,
};

/// The default total time-out of a call.
pub const TIMEOUT: Duration = Duration::from_secs(5);

/// How often a wait that can be interrupted asks.
const ASK: Duration = Duration::from_millis(50);

/// Ends the wait of a call from outside, when it returns `true`.
pub type Interrupt = Arc<dyn Fn() -> bool + Send + Sync>;

/// How the calls of a caller are made.
#[derive(Clone)]
pub struct Manner {
    pub timeout: Duration,
    pub interrupt: Option<Interrupt>,
    pub traceparent: Option<String>,
    /// Whether one-way calls are confirmed.
    pub confirm: bool,
}

impl Default for Manner {
    fn default() -> Self {
        Self { timeout: TIMEOUT, interrupt: None, traceparent: None, confirm: false }
    }
}

/// Wraps an error of this crate.
pub const fn transport(error: Error) -> CallError<Error> {
    CallError::Link(LinkError::Transport(error))
}

/// Writes a call in the full form.
pub fn encode(
    xid: u32,
    id: ProcedureId,
    arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
) -> Result<Vec<u8>, CallError<Error>> {
    let header = CallHeader { xid, id, credential: OpaqueAuth::NONE, verifier: OpaqueAuth::NONE };
    let start = header.size();
    let mut message = vec![0; 256];
    loop {
        let written = header.write(&mut message).unwrap_or(start);
        let mut writer = Writer::new(message.get_mut(written..).unwrap_or_default());
        match arguments(&mut writer) {
            Ok(()) => {
                let length = written + writer.length();
                message.truncate(length);
                return Ok(message);
            }
            // The room for a value is not the room for all of them: it may take several attempts.
            Err(EncodeError::NoRoom { needed, .. }) if message.len() < MESSAGE_MAX => {
                let size = (message.len() * 2).max(message.len() + needed).min(MESSAGE_MAX);
                message.resize(size, 0);
            }
            Err(EncodeError::NoRoom { needed, .. }) => {
                return Err(CallError::CallTooLarge { size: message.len() + needed, limit: MESSAGE_MAX });
            }
            Err(error) => return Err(CallError::Arguments(error)),
        }
    }
}

/// Publishes what is no call, and waits until the broker has taken it.
pub fn publish_told(inner: &Inner, publication: Publication, patience: Duration) -> Result<u8, Error> {
    let until = Instant::now() + patience;
    let topic = publication.topic.clone();
    inner.connection.wait(until).map_err(Error::unsent)?;
    let guard = inner.shared.pending.add(inner.number(), Vec::new());
    inner.connection.publish(publication, guard.number).map_err(Error::unsent)?;
    let mut waiting = guard.slot.lock();
    waiting.until_taken = true;
    loop {
        if let Some(code) = waiting.acknowledged {
            return if code < 0x80 { Ok(code) } else { Err(Error::unsent(BrokerError::Denied { topic, code })) };
        }
        if let Some((why, _)) = waiting.lost.take() {
            return Err(Error::sent(why));
        }
        if Instant::now() >= until {
            return Err(Error::sent(BrokerError::Silent));
        }
        waiting = guard.slot.wait(waiting, until);
    }
}

/// A call that was encoded.
pub struct Call {
    pub number: u64,
    pub message: Vec<u8>,
    /// Whether it is one-way and its reply is the gateway's, which confirms that it arrived.
    pub confirm: bool,
}

impl Fleet {
    /// Encodes a call, unless the cap forbids its version.
    pub(crate) fn encode(
        &self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<Call, CallError<Error>> {
        if let Some(&highest) = self.inner.shared.directory().caps.get(&id.program)
            && id.version > highest
        {
            let ProcedureId { program, version, .. } = id;
            return Err(transport(Error::Capped { program, version, highest }));
        }
        let number = self.inner.number();
        // The xid is the low half of the number.
        let message = encode(xid(number), id, arguments)?;
        Ok(Call { number, message, confirm: false })
    }

    /// Publishes a call. `expiry` is that of a queued call; others expire with their time-out.
    pub(crate) fn publish(
        &self,
        topic: &Topic,
        call: &Call,
        manner: &Manner,
        left: Duration,
        replied: bool,
        expiry: Option<Duration>,
    ) -> Result<(), Error> {
        let inner = &self.inner;
        let life = expiry.unwrap_or(left);
        let seconds = life.as_secs() + u64::from(life.subsec_nanos() > 0);
        let properties = CallProperties {
            content: Content::Rpc,
            reply_to: replied.then(|| inner.reply_topic.clone()),
            confirm: call.confirm,
            correlation: inner.correlation(call.number),
            expiry: Some(u32::try_from(seconds).unwrap_or(u32::MAX)),
            deadline: Deadline { timeout: Some(left), sent: expiry.is_none().then(unix_ms) },
            traceparent: manner.traceparent.clone(),
            tracestate: None,
        };
        let publication = Publication {
            topic: inner.topics.text(topic),
            payload: call.message.clone(),
            properties: properties.to_properties(),
            retain: false,
            acknowledged: true,
        };
        inner.connection.publish(publication, call.number).map_err(Error::unsent)
    }

    /// Makes one call and returns its reply. `serving` finds who should reply.
    pub(crate) fn exchange(
        &self,
        topic: &Topic,
        call: &mut Call,
        idempotent: bool,
        manner: &Manner,
        serving: impl Fn() -> Result<Vec<(Name, Name, Session)>, Error>,
    ) -> Result<Answer, CallError<Error>> {
        let until = Instant::now() + manner.timeout;
        loop {
            self.inner.connection.wait(until).map_err(|error| transport(Error::unsent(error)))?;
            let guard = self.inner.shared.pending.add(call.number, serving().map_err(transport)?);
            // A gateway that went away before the call was among those that wait.
            guard.slot.check(&self.inner.shared.directory(), |_| true);
            let left = until.saturating_duration_since(Instant::now());
            if let Err(error) = self.publish(topic, call, manner, left, true, None) {
                // Between the check and now the connection was lost: nothing was sent.
                if matches!(error, Error::Broker { error: BrokerError::Lost { .. }, .. }) && !left.is_zero() {
                    std::thread::sleep(Duration::from_millis(1));
                    continue;
                }
                return Err(transport(error));
            }
            match self.wait(&guard, topic, until, manner) {
                Err(Failed::Lost(why, sent)) => {
                    let may_repeat = sent == Sent::No || idempotent;
                    if !may_repeat || Instant::now() >= until {
                        let executed = if sent == Sent::No { Executed::No } else { Executed::Perhaps };
                        return Err(transport(Error::Broker { error: why, executed }));
                    }
                    // It is another call, whose reply is not mistaken for that of the first.
                    drop(guard);
                    call.number = self.inner.number();
                    if let Some(xid_room) = call.message.first_chunk_mut() {
                        *xid_room = xid(call.number).to_be_bytes();
                    }
                }
                Err(Failed::Call(error)) => return Err(error),
                Ok(reply) => return Answer::new(reply, xid(call.number), manner.timeout),
            }
        }
    }

    fn wait(&self, guard: &Guard<'_>, topic: &Topic, until: Instant, manner: &Manner) -> Result<Incoming, Failed> {
        let slot = &guard.slot;
        let mut waiting = slot.lock();
        loop {
            if let Some(reply) = waiting.replies.pop() {
                return Ok(reply);
            }
            if let Some(code) = waiting.acknowledged.filter(|code| *code != 0) {
                return Err(Failed::Call(transport(refused_by_broker(code, topic, &self.inner))));
            }
            if let Some((why, sent)) = waiting.lost.take() {
                return Err(Failed::Lost(why, sent));
            }
            if let Some((device, gateway)) = waiting.gone.pop() {
                return Err(Failed::Call(transport(Error::GatewayLost { device, gateway })));
            }
            if self.is_over(until, manner) {
                drop(waiting);
                let _ = self.inner.connection.take_back(guard.number);
                return Err(Failed::Call(CallError::TimedOut { after: manner.timeout, unframed: 0 }));
            }
            waiting = slot.wait(waiting, next_look(until, manner));
        }
    }

    /// Returns whether the time of a wait is up.
    #[expect(clippy::unused_self, reason = "a wait belongs to a fleet")]
    pub(crate) fn is_over(&self, until: Instant, manner: &Manner) -> bool {
        Instant::now() >= until || manner.interrupt.as_ref().is_some_and(|ask| ask())
    }

    /// Sends a one-way call, and waits until the broker has taken it.
    pub(crate) fn one_way(&self, topic: &Topic, call: &Call, manner: &Manner) -> Result<(), CallError<Error>> {
        let until = Instant::now() + manner.timeout;
        self.inner.connection.wait(until).map_err(|error| transport(Error::unsent(error)))?;
        let guard = self.inner.shared.pending.add(call.number, Vec::new());
        let left = until.saturating_duration_since(Instant::now());
        self.publish(topic, call, manner, left, false, None).map_err(transport)?;
        self.taken(&guard, topic, until, manner)
    }

    /// Waits until the broker has taken a publication.
    pub(crate) fn taken(
        &self,
        guard: &Guard<'_>,
        topic: &Topic,
        until: Instant,
        manner: &Manner,
    ) -> Result<(), CallError<Error>> {
        let mut waiting = guard.slot.lock();
        waiting.until_taken = true;
        loop {
            match waiting.acknowledged {
                Some(0) => return Ok(()),
                Some(code) => return Err(transport(refused_by_broker(code, topic, &self.inner))),
                None => {}
            }
            if let Some((error, sent)) = waiting.lost.take() {
                let executed = if sent == Sent::No { Executed::No } else { Executed::Perhaps };
                return Err(transport(Error::Broker { error, executed }));
            }
            if self.is_over(until, manner) {
                drop(waiting);
                let unsent = self.inner.connection.take_back(guard.number);
                let error = if unsent { Error::unsent(BrokerError::Silent) } else { Error::sent(BrokerError::Silent) };
                return Err(transport(error));
            }
            waiting = guard.slot.wait(waiting, next_look(until, manner));
        }
    }
}

/// Returns when a wait looks again, whatever happens.
pub fn next_look(until: Instant, manner: &Manner) -> Instant {
    if manner.interrupt.is_some() { until.min(Instant::now() + ASK) } else { until }
}

enum Failed {
    /// The connection was lost.
    Lost(BrokerError, Sent),
    Call(CallError<Error>),
}

/// Returns the error of an acknowledgement with a reason other than success.
pub fn refused_by_broker(code: u8, topic: &Topic, inner: &Inner) -> Error {
    if code == NO_SUBSCRIBERS {
        let target = match topic {
            Topic::Call { device, .. } | Topic::Queue { device, .. } => device.to_string(),
            Topic::Any { group, .. } => format!("any of {group}"),
            Topic::Group { group, .. } => format!("the group {group}"),
            _ => String::new(),
        };
        return Error::NoGateway { target };
    }
    Error::unsent(BrokerError::Denied { topic: inner.topics.text(topic), code })
}

#[expect(clippy::cast_possible_truncation, reason = "it is the low half")]
pub const fn xid(number: u64) -> u32 {
    number as u32
}

/// The results of a reply.
pub struct Answer {
    payload: SharedPayload,
    /// Where the results begin.
    start: usize,
    pub device: Option<Name>,
}

impl Answer {
    /// Reads a reply, which comes from a gateway.
    pub fn new(reply: Incoming, xid: u32, timeout: Duration) -> Result<Self, CallError<Error>> {
        let strange = |why: String| transport(Error::Strange { why });
        let properties = ReplyProperties::parse(&reply.properties()).map_err(strange)?;
        let ReplyProperties { device, gateway, error, content, .. } = properties;
        match error {
            Some((Trouble::TimedOut, _)) => return Err(CallError::TimedOut { after: timeout, unframed: 0 }),
            Some((Trouble::Restarted, _)) => return Err(CallError::Restarted),
            Some((trouble, text)) => return Err(transport(Error::Gateway { trouble, text, device, gateway })),
            None if content == Content::Json => return Err(strange("its content is JSON".to_owned())),
            None => {}
        }
        let payload = reply.shared_payload();
        if payload.len() > MESSAGE_MAX {
            return Err(CallError::ReplyTooLarge { size: u32::try_from(payload.len()).unwrap_or(u32::MAX) });
        }
        let parsed = Reply::parse(&payload).map_err(CallError::Reply)?;
        if parsed.xid != xid {
            return Err(strange(format!("it has the xid {:#010x}, and the call {xid:#010x}", parsed.xid)));
        }
        let results = parsed.outcome.map_err(CallError::Refused)?;
        let start = payload.len() - results.len();
        Ok(Self { payload, start, device })
    }

    /// Returns the encoded results.
    pub fn results(&self) -> &[u8] {
        self.payload.get(self.start..).unwrap_or_default()
    }
}

/// Decodes results.
pub fn decoded<'c, R>(
    results: impl FnOnce(&'c [u8]) -> Result<R, DecodeError>,
    bytes: &'c [u8],
) -> Result<R, CallError<Error>> {
    results(bytes).map_err(CallError::Results)
}
