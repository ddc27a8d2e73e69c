//! Calls and their replies.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use oncilla::message::{AUTH_SYS, AuthSys, Call, CallFault, Reply};
use oncilla::{ProcedureId, Refusal};

use crate::capture::{Carrier, Message, Place, Time};
use crate::sealed::Sealed;

/// The largest number of calls that are remembered.
///
/// They may still get a reply, or be sent again after their reply.
const CALLS_MAX: usize = 1 << 14;
/// The largest number of their bytes.
const BYTES_MAX: usize = 128 << 20;
/// How long a call that has its reply is remembered.
const MEMORY: Duration = Duration::from_secs(60);

/// The key by which a reply is matched to its call.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    client: Place,
    server: Place,
    carrier: Carrier,
    xid: u32,
}

/// A call and its outcome.
#[derive(Clone, Debug)]
pub struct Exchange {
    pub call: Message,
    pub xid: u32,
    pub id: ProcedureId,
    /// The user and group of AUTH_SYS.
    pub user: Option<(u32, u32)>,
    /// How often the call was sent.
    pub sent: u32,
    /// Where the arguments begin.
    arguments: usize,
    pub outcome: Outcome,
    pub reply: Option<Message>,
    /// The time from the first call to the reply.
    pub latency: Option<Duration>,
    /// Whether the call was reported as unanswered before its reply came.
    pub is_late: bool,
}

impl Exchange {
    pub fn arguments(&self) -> &[u8] {
        self.call.bytes.get(self.arguments..).unwrap_or_default()
    }
}

/// The outcome of a call.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The results, and how many of their bytes are missing.
    Results(Vec<u8>, usize),
    Refused(Refusal),
    /// No reply within the time limit, or until the end.
    Unanswered,
    /// A reply that is malformed.
    Malformed,
}

/// The finding from a message.
#[derive(Clone, Debug)]
pub enum Event {
    Exchange(Box<Exchange>),
    /// A call that is sent again after its reply.
    Repeated(Box<Exchange>),
    /// A reply whose call is not in the capture.
    Stray {
        reply: Message,
        xid: u32,
    },
    /// A message of a keyed link, which only the holders of its key can read.
    Sealed(Message, Sealed),
    /// A call with a header that servers refuse, or a message cut within it.
    Malformed(Message),
}

impl Event {
    /// Returns the messages in their order.
    pub fn messages(&self) -> impl Iterator<Item = &Message> {
        let (first, second) = match self {
            Self::Exchange(exchange) | Self::Repeated(exchange) => (&exchange.call, exchange.reply.as_ref()),
            Self::Stray { reply: message, .. } | Self::Malformed(message) | Self::Sealed(message, _) => (message, None),
        };
        std::iter::once(first).chain(second)
    }
}

/// A call that is remembered.
struct Entry {
    exchange: Exchange,
    /// Whether its end was reported.
    is_done: bool,
}

/// Finds the reply of each call.
pub struct Exchanges {
    /// How long a call may wait for its reply.
    patience: Duration,
    calls: HashMap<Key, Entry>,
    /// The keys of all entries in the order of their calls.
    order: VecDeque<(Time, Key)>,
    /// The keys of the calls that may still get a reply, in the same order.
    waiting: VecDeque<(Time, Key)>,
    bytes: usize,
}

impl Exchanges {
    pub fn new(patience: Duration) -> Self {
        Self { patience, calls: HashMap::new(), order: VecDeque::new(), waiting: VecDeque::new(), bytes: 0 }
    }

    /// Takes a message.
    pub fn push(&mut self, message: Message, report: &mut dyn FnMut(Event)) {
        self.expire(message.time, report);
        match Call::parse(&message.bytes) {
            Ok(call) => {
                let exchange = Exchange {
                    xid: call.xid(),
                    id: call.id(),
                    user: user(&call),
                    sent: 1,
                    arguments: message.bytes.len() - call.arguments().len(),
                    outcome: Outcome::Unanswered,
                    reply: None,
                    latency: None,
                    is_late: false,
                    call: message,
                };
                self.call(exchange, report);
            }
            Err(CallFault::NotACall) => match sealed(&message) {
                Some(sealed) => report(Event::Sealed(message, sealed)),
                None => self.reply(message, report),
            },
            Err(CallFault::Refused { .. }) => report(Event::Malformed(message)),
        }
    }

    /// Reports the calls that have waited too long at this time.
    pub fn expire(&mut self, now: Time, report: &mut dyn FnMut(Event)) {
        while let Some((time, _)) = self.waiting.front()
            && now.since(*time) >= self.patience
        {
            let Some((time, key)) = self.waiting.pop_front() else { break };
            let entry = self.calls.get_mut(&key).filter(|entry| !entry.is_done && entry.exchange.call.time == time);
            if let Some(entry) = entry {
                entry.is_done = true;
                report(Event::Exchange(Box::new(entry.exchange.clone())));
            }
        }
        let memory = self.patience.max(MEMORY);
        while let Some((time, _)) = self.order.front()
            && (now.since(*time) >= memory || self.order.len() > CALLS_MAX || self.bytes > BYTES_MAX)
        {
            self.forget_oldest(report);
        }
        // Times may go back, so that the front waits longest.
        self.waiting.truncate(CALLS_MAX * 2);
    }

    /// Reports the calls that have no reply at the end.
    pub fn finish(&mut self, report: &mut dyn FnMut(Event)) {
        while !self.order.is_empty() {
            self.forget_oldest(report);
        }
    }

    fn forget_oldest(&mut self, report: &mut dyn FnMut(Event)) {
        let Some((time, key)) = self.order.pop_front() else { return };
        // The key may have a later call.
        if self.calls.get(&key).is_none_or(|entry| entry.exchange.call.time != time) {
            return;
        }
        let Some(entry) = self.calls.remove(&key) else { return };
        self.bytes = self.bytes.saturating_sub(entry.exchange.call.bytes.len());
        if !entry.is_done {
            report(Event::Exchange(Box::new(entry.exchange)));
        }
    }

    fn call(&mut self, exchange: Exchange, report: &mut dyn FnMut(Event)) {
        let Message { from, to, carrier, .. } = &exchange.call;
        let key = Key { client: from.clone(), server: to.clone(), carrier: *carrier, xid: exchange.xid };
        if let Some(entry) = self.calls.get_mut(&key) {
            if entry.exchange.call.bytes == exchange.call.bytes {
                entry.exchange.sent = entry.exchange.sent.saturating_add(1);
                if entry.is_done {
                    report(Event::Repeated(Box::new(Exchange { sent: entry.exchange.sent, ..exchange })));
                }
                return;
            }
            // Another call with the same xid.
            if !entry.is_done {
                report(Event::Exchange(Box::new(entry.exchange.clone())));
            }
            self.bytes = self.bytes.saturating_sub(entry.exchange.call.bytes.len());
        }
        self.bytes += exchange.call.bytes.len();
        self.order.push_back((exchange.call.time, key.clone()));
        self.waiting.push_back((exchange.call.time, key.clone()));
        self.calls.insert(key, Entry { exchange, is_done: false });
    }

    fn reply(&mut self, message: Message, report: &mut dyn FnMut(Event)) {
        let Some(xid) = message.bytes.first_chunk().map(|xid| u32::from_be_bytes(*xid)) else {
            return report(Event::Malformed(message));
        };
        let key = Key { client: message.to.clone(), server: message.from.clone(), carrier: message.carrier, xid };
        let Some(entry) = self.calls.get_mut(&key) else {
            return report(if is_reply(&message.bytes) {
                Event::Stray { reply: message, xid }
            } else {
                Event::Malformed(message)
            });
        };
        // Replies to repeated calls, and late ones, are reported as the first was.
        let is_repeated = entry.is_done && entry.exchange.latency.is_some();
        if is_repeated {
            return;
        }
        entry.exchange.is_late = entry.is_done;
        entry.is_done = true;
        entry.exchange.latency = Some(message.time.since(entry.exchange.call.time));
        let outcome = match Reply::parse(&message.bytes).map(|reply| reply.outcome) {
            Ok(Ok(results)) => Outcome::Results(results.to_vec(), message.missing),
            Ok(Err(refusal)) => Outcome::Refused(refusal),
            Err(_) => Outcome::Malformed,
        };
        report(Event::Exchange(Box::new(Exchange { outcome, reply: Some(message), ..entry.exchange.clone() })));
    }
}

/// Returns what is known of a message of a keyed link.
fn sealed(message: &Message) -> Option<Sealed> {
    Sealed::parse(&message.bytes).filter(|_| message.missing == 0 && !is_reply(&message.bytes))
}

fn is_reply(bytes: &[u8]) -> bool {
    bytes.get(4..8) == Some(&[0, 0, 0, 1])
}

fn user(call: &Call<'_>) -> Option<(u32, u32)> {
    let credential = call.credential();
    let user = AuthSys::parse(credential.body).filter(|_| credential.flavor == AUTH_SYS)?;
    Some((user.uid, user.gid))
}
