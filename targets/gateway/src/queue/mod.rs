//! Calls that wait for devices that are away: what becomes of each.
//!
//! It knows no broker, no file, no clock and no thread: it takes what happened and the time, and returns what to do.
//! Every gateway of a device has all its queued calls. The one that holds the device executes them, in order:
//!
//! 1. It writes to its journal that it is about to.
//! 2. It publishes the state `delivered`, with its session, and waits until the message comes back. All gateways see all
//!    states of a call in one order, that of the broker: only the gateway whose `delivered` came first executes the call.
//! 3. It executes the call, and publishes how it ended.
//!
//! A call that is `delivered` by a gateway that is gone, without an end, has failed: whether it was executed is unknown.
//!
//! After each new connection the gateways first tell each other what they have done, since the broker may have lost it.

mod connection;
mod early;
mod peers;
mod record;
mod store;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use oncilla_fleet::wire::{Name, Progress, Trouble};

use early::Early;
pub use peers::Peers;
pub use record::{Key, Record, Stage, decode, encode};
pub use store::Store;

/// How long the end of a call is remembered after its time, in ms.
const REMEMBERED: u64 = 60_000;

/// How long a gateway that does not serve a device leaves the end of its calls to the one that does, in ms.
const OVER: u64 = 5000;

/// The most bytes of payloads in the journal.
const BYTES_MAX: usize = 256 << 20;

/// Why a call has failed. What the device refused has the name of the refusal alone.
pub type Why = (Option<Trouble>, String);

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Do {
    /// Write the stage of a call to the journal, and report when it is written.
    Write(u64),
    /// Remove a call from the journal.
    Forget(u64),
    /// Publish the state of a call.
    Publish(u64, Progress, Option<Why>),
    /// Reply to the caller that its call was not executed, or perhaps was.
    Reply(u64, Trouble, String),
    /// Execute a call.
    Execute(u64),
}

/// What is known of a device and of others when its calls are looked at.
pub struct Situation<'s> {
    /// Whether this gateway holds the device.
    pub held: bool,
    /// Whether the device is online.
    pub online: bool,
    /// Whether what other gateways have done is known.
    pub settled: bool,
    /// The session of this gateway.
    pub session: u64,
    /// The time in ms of Unix time.
    pub now: u64,
    /// Whether a gateway is there with a session.
    pub alive: &'s dyn Fn(&str, u64) -> bool,
}

/// What became of a call that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrived {
    /// It is new, and must be written.
    New(u64),
    /// It is known already.
    Known,
    /// There is no room.
    Full,
}

/// How the execution of a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The device has executed it.
    Done,
    /// The device refused it, or did not reply.
    Failed(Option<Trouble>, String),
    /// The device was not asked.
    NotExecuted,
}

/// The queued calls of a gateway.
#[derive(Debug, Default)]
pub struct Queue {
    entries: BTreeMap<u64, Entry>,
    keys: HashMap<Key, u64>,
    /// The calls that have not ended, or whose end is not published, by device.
    open: HashMap<Name, BTreeSet<u64>>,
    /// What others have done with calls that have not arrived here.
    early: Early,
    next: u64,
    bytes: usize,
    per_device: usize,
}

/// A call with its stage.
#[derive(Debug)]
struct Entry {
    record: Record,
    stage: Stage,
    /// Whether the journal has this stage.
    written: bool,
    /// Whether callers know that it is queued, or how it has ended.
    announced: bool,
    /// Whether this process has begun to deliver it, and the message has not come back.
    published: bool,
    /// Whether this process executes it.
    running: bool,
}

impl Queue {
    /// Returns the queue of a journal, with room for this number of calls per device.
    pub fn new(per_device: usize, stored: Vec<(u64, Record, Stage)>) -> Self {
        let mut queue = Self { per_device, ..Self::default() };
        for (number, record, stage) in stored {
            queue.insert(number, record, stage, true);
        }
        queue
    }

    fn insert(&mut self, number: u64, record: Record, stage: Stage, written: bool) {
        self.next = self.next.max(number.saturating_add(1));
        self.bytes += record.payload.len();
        self.keys.insert(record.key.clone(), number);
        self.open.entry(record.key.device.clone()).or_default().insert(number);
        let entry = Entry { record, stage, written, announced: false, published: false, running: false };
        self.entries.insert(number, entry);
    }

    /// Returns a call with its stage.
    pub fn get(&self, number: u64) -> Option<(&Record, &Stage)> {
        self.entries.get(&number).map(|entry| (&entry.record, &entry.stage))
    }

    /// Returns the number of calls that have not ended.
    pub fn waiting(&self) -> usize {
        let numbers = self.open.values().flatten();
        numbers.filter(|number| self.is_waiting(**number)).count()
    }

    /// Returns whether this process is delivering a call: others know, and its end is not published.
    pub fn is_delivering(&self) -> bool {
        self.entries.values().any(|entry| entry.published || entry.running)
    }

    /// Returns the devices with calls that are not settled.
    pub fn devices(&self) -> Vec<Name> {
        self.open.keys().cloned().collect()
    }

    fn is_waiting(&self, number: u64) -> bool {
        self.entries.get(&number).is_some_and(|entry| !entry.stage.is_end())
    }

    /// Opens or closes a call, after it has changed.
    fn settle(&mut self, number: u64) {
        let Some(entry) = self.entries.get(&number) else { return };
        let device = &entry.record.key.device;
        if !(entry.stage.is_end() && entry.announced) {
            self.open.entry(device.clone()).or_default().insert(number);
        } else if let Some(list) = self.open.get_mut(device) {
            list.remove(&number);
            if list.is_empty() {
                self.open.remove(device);
            }
        }
    }

    /// A call arrived.
    pub fn arrive(&mut self, record: Record) -> Arrived {
        if self.keys.contains_key(&record.key) {
            return Arrived::Known;
        }
        let numbers = self.open.get(&record.key.device);
        let waiting = numbers.map_or(0, |numbers| numbers.iter().filter(|number| self.is_waiting(**number)).count());
        if waiting >= self.per_device || self.bytes.saturating_add(record.payload.len()) > BYTES_MAX {
            return Arrived::Full;
        }
        let number = self.next;
        let stage = self.early.take(&record.key).unwrap_or(Stage::Queued);
        let is_end = stage.is_end();
        self.insert(number, record, stage, false);
        if let Some(entry) = self.entries.get_mut(&number) {
            // Its state is with the broker already.
            entry.announced = is_end;
        }
        self.settle(number);
        Arrived::New(number)
    }

    /// The journal has a stage of a call.
    pub fn written(&mut self, number: u64, stage: &Stage, session: u64) -> Vec<Do> {
        let Some(entry) = self.entries.get_mut(&number) else { return Vec::new() };
        // It may have another stage by now, which is written next.
        if entry.stage != *stage {
            return Vec::new();
        }
        entry.written = true;
        if entry.stage == Stage::Delivering(session) && !entry.published && !entry.running {
            entry.published = true;
            return vec![Do::Publish(number, Progress::Delivered, None)];
        }
        Vec::new()
    }

    /// The state of a call was seen. `by` is the gateway that published it, with its session.
    pub fn state(&mut self, key: &Key, progress: Progress, by: (&str, u64), session: u64) -> Vec<Do> {
        let acts = self.see(key, progress, by, session);
        if let Some(number) = self.keys.get(key) {
            self.settle(*number);
        }
        acts
    }

    fn see(&mut self, key: &Key, progress: Progress, by: (&str, u64), session: u64) -> Vec<Do> {
        let Some((number, entry)) =
            self.keys.get(key).and_then(|number| Some((*number, self.entries.get_mut(number)?)))
        else {
            self.early.see(key, progress, by);
            return Vec::new();
        };
        let mine = by.1 == session;
        match progress {
            // A state that another gateway published too late has overwritten the end, which is published again.
            _ if entry.stage.is_end() => entry.announced = progress.is_end(),
            _ if entry.running => {}
            Progress::Delivered if mine => {
                if entry.stage == Stage::Delivering(session) && entry.published {
                    entry.running = true;
                    return vec![Do::Execute(number)];
                }
            }
            Progress::Delivered => {
                // A state of this process's older session is of no interest: it knows better.
                let own = matches!(entry.stage, Stage::Delivering(older) if older == by.1);
                if !own && matches!(entry.stage, Stage::Queued | Stage::Delivering(_)) {
                    entry.stage = Stage::Foreign(by.0.to_owned(), by.1);
                    entry.written = false;
                    return vec![Do::Write(number)];
                }
            }
            Progress::Queued => {
                // Its gateway has not executed it.
                if matches!(&entry.stage, Stage::Foreign(gateway, _) if gateway == by.0) {
                    entry.stage = Stage::Queued;
                    return vec![Do::Write(number)];
                }
            }
            end => {
                entry.stage = Stage::Ended(end);
                entry.announced = true;
                return vec![Do::Write(number)];
            }
        }
        Vec::new()
    }

    /// The execution of a call has ended.
    pub fn ended(&mut self, number: u64, end: End) -> Vec<Do> {
        let Some(entry) = self.entries.get_mut(&number).filter(|entry| entry.running) else { return Vec::new() };
        (entry.running, entry.published) = (false, false);
        let (stage, progress, why) = match end {
            End::NotExecuted => (Stage::Queued, Progress::Queued, None),
            End::Done => (Stage::Ended(Progress::Done), Progress::Done, None),
            End::Failed(trouble, text) => (Stage::Ended(Progress::Failed), Progress::Failed, Some((trouble, text))),
        };
        entry.stage = stage;
        entry.announced = true;
        self.settle(number);
        vec![Do::Write(number), Do::Publish(number, progress, why)]
    }

    /// Looks at the calls of a device: delivers the next one, ends those whose time is over, and those of dead gateways.
    pub fn look(&mut self, device: &Name, situation: &Situation<'_>) -> Vec<Do> {
        let mut acts = Vec::new();
        if !situation.held {
            return acts;
        }
        let numbers = self.open.get(device).cloned().unwrap_or_default();
        let mut first = true;
        for number in &numbers {
            let number = *number;
            let Some(entry) = self.entries.get_mut(&number) else { continue };
            match &entry.stage {
                Stage::Ended(_) if entry.announced => continue,
                Stage::Ended(end) => {
                    acts.push(Do::Publish(number, *end, None));
                    entry.announced = true;
                    continue;
                }
                Stage::Queued if !entry.written => {}
                Stage::Queued if entry.record.expires <= situation.now => {
                    acts.extend(entry.expire(number));
                    continue;
                }
                Stage::Queued => {
                    if !entry.announced {
                        entry.announced = true;
                        acts.push(Do::Publish(number, Progress::Queued, None));
                    }
                    if first && situation.online && situation.settled {
                        entry.stage = Stage::Delivering(situation.session);
                        entry.written = false;
                        acts.push(Do::Write(number));
                    }
                }
                Stage::Delivering(session) if *session == situation.session || entry.running || entry.published => {}
                Stage::Foreign(gateway, session) if (situation.alive)(gateway, *session) => {}
                Stage::Delivering(_) | Stage::Foreign(..) => {
                    acts.extend(entry.fail(number));
                    continue;
                }
            }
            first = false;
        }
        numbers.into_iter().for_each(|number| self.settle(number));
        acts
    }

    /// Ends the calls whose time was over a while ago, whoever serves their devices: that gateway may not have them.
    pub fn expire(&mut self, now: u64) -> Vec<Do> {
        let mut acts = Vec::new();
        for (number, entry) in &mut self.entries {
            let over = entry.record.expires.saturating_add(OVER) <= now;
            if over && entry.written && entry.stage == Stage::Queued {
                acts.extend(entry.expire(*number));
            }
        }
        acts.iter().for_each(|act| {
            if let Do::Write(number) = act {
                self.settle(*number);
            }
        });
        acts
    }

    /// Forgets the calls whose time is over for long.
    pub fn forget(&mut self, now: u64) -> Vec<Do> {
        let old = |entry: &Entry| !entry.running && entry.record.expires.saturating_add(REMEMBERED) <= now;
        let numbers: Vec<_> = self.entries.iter().filter(|(_, entry)| old(entry)).map(|(number, _)| *number).collect();
        for number in &numbers {
            let Some(entry) = self.entries.remove(number) else { continue };
            self.bytes = self.bytes.saturating_sub(entry.record.payload.len());
            self.keys.remove(&entry.record.key);
            if let Some(list) = self.open.get_mut(&entry.record.key.device) {
                list.remove(number);
                if list.is_empty() {
                    self.open.remove(&entry.record.key.device);
                }
            }
        }
        numbers.into_iter().map(Do::Forget).collect()
    }
}

#[cfg(test)]
mod schedules;
#[cfg(test)]
mod tests;
