//! The queue in the hub: between the broker, the journal and the workers.

use std::collections::BTreeMap;
use std::time::Instant;

use mqtt_protocol_core::mqtt::IntoPayload;
use oncilla_fleet::wire::{
    CallState, Content, Deadline, Document, Name, Online, Progress, Properties, Topic, Trouble, for_people, unix_ms,
};

use super::Gateway;
use super::inbox::{Inbox, Told};
use super::uplink::{Uplink, Which};
use crate::call::{Back, Call, For, Wrong, open};
use crate::mqtt::{Event, Hello, Publication, Received, Sender};
use crate::queue::{Arrived, Do, End, Key, Peers, Queue, Record, Situation, Stage, Store, Why};
use crate::reply::Answer;
use crate::settings::Settings;
use crate::worker::Job;

/// How long the broker keeps the state of a call after the time of the call, in s.
const STATES: u64 = 3600;

/// The user property of a state: the session of its gateway.
const SESSION: &str = "session";

/// The queue of a gateway with a journal.
pub struct Queueing {
    pub queue: Queue,
    /// Whether other gateways have published what they have done.
    pub peers: Peers,
    store: Store,
    pub uplink: Uplink,
    sender: Sender,
    /// What is acknowledged when the journal has it, by the number of the call.
    unacknowledged: BTreeMap<u64, u16>,
}

impl Queueing {
    /// Opens the journal.
    pub fn open(settings: &Settings, inbox: &Inbox) -> Result<Option<Self>, String> {
        let Some(given) = &settings.queue else { return Ok(None) };
        let told = inbox.clone();
        let (store, stored) =
            Store::open(&given.journal, move |number, stage| told.tell(Told::Written(number, stage)))?;
        let uplink = Uplink::new(Which::Queue);
        Ok(Some(Self {
            queue: Queue::new(given.per_device, stored),
            peers: Peers::default(),
            store,
            sender: uplink.sender(),
            uplink,
            unacknowledged: BTreeMap::new(),
        }))
    }
}

impl Gateway {
    /// Returns how to introduce the link of the queue. The broker keeps its session, so no call is lost.
    pub(super) fn hello_of_queue(&self, hello: Hello) -> Hello {
        let settings = self.settings();
        let session = settings.queue.as_ref().map(|queue| queue.expiry_max).unwrap_or_default();
        let client = format!("oncilla-{}-{}-queue", settings.fleet, settings.gateway);
        Hello { client, session, will: None, by_hand: true, ..hello }
    }

    /// Something happened on the link of the queue.
    pub(super) fn queue_happened(&mut self, event: Event) {
        match event {
            Event::Connected { session } => {
                let filters: Vec<_> =
                    self.settings().devices.keys().map(|device| self.topics.queue_of(device)).collect();
                let Some(queueing) = &mut self.queueing else { return };
                queueing.uplink.accepted();
                if !session && queueing.queue.waiting() > 0 {
                    tracing::warn!(
                        "the broker has lost its sessions, and perhaps queued calls; does it have persistence?"
                    );
                    queueing.queue.announce_again();
                }
                for part in filters.chunks(super::run::FILTERS) {
                    if let Err(error) = queueing.sender.subscribe(part) {
                        tracing::warn!(?error, "cannot subscribe to queues");
                    }
                }
            }
            Event::Received(received) => self.queued(&received),
            Event::Refused(what) => tracing::warn!("{what}"),
            Event::Closed(why) => {
                if let Some(queueing) = &mut self.queueing {
                    queueing.uplink.lost(&why);
                    // The broker sends again what was not acknowledged.
                    queueing.unacknowledged.clear();
                }
            }
        }
    }

    fn acknowledge(&self, id: Option<u16>) {
        if let (Some(queueing), Some(id)) = (&self.queueing, id) {
            // Without a connection the broker sends it again.
            let _ = queueing.sender.acknowledge(id);
        }
    }

    /// A call for the queue arrived.
    fn queued(&mut self, received: &Received) {
        let opened = open(&self.topics, received);
        let (device, call) = match opened {
            Ok((For::Queue(device), call)) => (device, call),
            Ok(_) | Err(Wrong::Dropped(_)) => {
                tracing::warn!(topic = ?received.topic, "dropped: not a call for a queue");
                self.shared.metrics.dropped("malformed");
                return self.acknowledge(received.id);
            }
            Err(Wrong::Told(call, trouble, text)) => {
                self.shared.reply(&call, Answer::Trouble(trouble, text), None);
                return self.acknowledge(received.id);
            }
        };
        let Some(id) = call.correlation else {
            tracing::warn!(topic = ?received.topic, "dropped: a queued call has no correlation data, which names it");
            self.shared.metrics.dropped("malformed");
            return self.acknowledge(received.id);
        };
        let Some(limits) = &self.settings().queue else { return };
        let most = u64::try_from(limits.expiry_max.as_millis()).unwrap_or(u64::MAX);
        let life = call.expiry.map_or(most, |expiry| u64::from(expiry).saturating_mul(1000)).min(most);
        let procedure = crate::worker::id_of(&call).map_or((0, 0), |id| (id.version, id.procedure));
        let record = Record {
            key: Key { device: device.clone(), user: call.user.clone(), id },
            program: call.program,
            procedure,
            content: call.content,
            payload: call.payload.as_slice().to_vec(),
            reply: call.reply.as_ref().map(|back| back.topic.clone()),
            timeout: call.deadline.timeout.map(|timeout| u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX)),
            expires: unix_ms().saturating_add(life),
            trace: (call.trace.clone(), call.trace_state.clone()),
        };
        let Some(queueing) = &mut self.queueing else { return };
        let (id, arrived) = (record.key.id, queueing.queue.arrive(record));
        tracing::debug!(%device, %id, ?arrived, "a call for the queue");
        match arrived {
            Arrived::New(number) => {
                if let Some(packet) = received.id {
                    queueing.unacknowledged.insert(number, packet);
                }
                if let Some((record, stage)) = queueing.queue.get(number) {
                    queueing.store.put(number, record, stage, true);
                }
            }
            Arrived::Known => {
                self.shared.metrics.dropped("repeated");
                self.acknowledge(received.id);
            }
            Arrived::Full => {
                if self.held.contains_key(&device) {
                    let what = "the queue of the device is full".to_owned();
                    self.shared.reply(&call, Answer::Trouble(Trouble::Busy, what), Some(&device));
                } else {
                    self.shared.metrics.dropped("full");
                }
                self.acknowledge(received.id);
            }
        }
    }

    /// The journal has a stage of a call.
    pub(super) fn written(&mut self, number: u64, stage: &Stage) {
        let session = self.session.0;
        let Some(queueing) = &mut self.queueing else { return };
        let packet = queueing.unacknowledged.remove(&number);
        if self.stopping.is_some() && matches!(stage, Stage::Delivering(_)) {
            // No gateway knows of it: another one delivers it.
            return;
        }
        let acts = queueing.queue.written(number, stage, session);
        let device = queueing.queue.get(number).map(|(record, _)| record.key.device.clone());
        self.acknowledge(packet);
        self.queue_acts(acts);
        device.iter().for_each(|device| self.look(device));
    }

    /// The state of a queued call was seen.
    pub(super) fn call_state(&mut self, key: &Key, received: &Received) {
        let own = self.session.0;
        let Some(queueing) = &mut self.queueing else { return };
        let Ok(state) = CallState::parse(received.payload.as_slice()) else { return };
        let given = received.properties.user.iter().find(|(name, _)| name == SESSION);
        let session =
            given.and_then(|(_, text)| text.parse().ok()).map_or(0, |session: oncilla_fleet::wire::Session| session.0);
        tracing::debug!(device = %key.device, id = %key.id, state = ?state.state, gateway = %state.gateway, session, own, "a state");
        let acts = queueing.queue.state(key, state.state, (&state.gateway, session), own);
        self.queue_acts(acts);
        self.look(&key.device);
    }

    /// All that the broker retains was seen: publishes what it does not have of this gateway's calls, and that it has
    /// all now.
    pub(super) fn settle(&mut self) {
        let session = self.session.0;
        let Some(queueing) = &mut self.queueing else { return };
        let acts = queueing.queue.synced(session);
        self.queue_acts(acts);
        let gateway = self.settings().gateway.clone();
        self.retain(&Topic::Gateway { gateway }, self.state(Online::Online).to_bytes(), Properties::default());
    }

    /// Looks at the queued calls of a device.
    pub(super) fn look(&mut self, device: &Name) {
        if !self.synced || self.stopping.is_some() {
            return;
        }
        let held = self.held.get(device);
        let alive = |gateway: &str, session: u64| {
            self.ownership.is_alive(gateway, &oncilla_fleet::wire::Session(session).to_string())
        };
        let situation = Situation {
            held: held.is_some(),
            online: held.is_some_and(|held| held.known.is_some()),
            settled: self.queueing.as_ref().is_some_and(|queueing| queueing.peers.are_settled(self.now())),
            session: self.session.0,
            now: unix_ms(),
            alive: &alive,
        };
        let Some(queueing) = &mut self.queueing else { return };
        let acts = queueing.queue.look(device, &situation);
        self.queue_acts(acts);
    }

    /// Looks at all queued calls, after something happened that may concern all.
    pub(super) fn look_at_all(&mut self) {
        let Some(queueing) = &mut self.queueing else { return };
        let devices = queueing.queue.devices();
        self.shared.metrics.queued(queueing.queue.waiting());
        devices.iter().for_each(|device| self.look(device));
    }

    /// Forgets old calls, and ends those whose time is over. It is called each second.
    pub(super) fn queue_tick(&mut self) {
        let Some(queueing) = &mut self.queueing else { return };
        let now = unix_ms();
        let acts = queueing.queue.expire(now).into_iter().chain(queueing.queue.forget(now)).collect();
        self.queue_acts(acts);
        self.look_at_all();
    }

    /// A call of the queue has ended, or was not made.
    pub(super) fn ended(&mut self, device: &Name, number: u64, answer: Answer) {
        let Some(queueing) = &mut self.queueing else { return };
        let Some((record, _)) = queueing.queue.get(number) else { return };
        let call = call_of(record);
        let end = match &answer {
            Answer::Results(_) | Answer::Json(_) => End::Done,
            Answer::Refused(refusal) => End::Failed(None, oncilla_device::refusal::name(refusal).to_owned()),
            // It waits until the device returns.
            Answer::Trouble(Trouble::Away | Trouble::Busy, _) => End::NotExecuted,
            Answer::Trouble(trouble, text) => End::Failed(Some(*trouble), text.clone()),
        };
        let replies = end != End::NotExecuted;
        let acts = queueing.queue.ended(number, end);
        if acts.is_empty() {
            return;
        }
        self.queue_acts(acts);
        if replies {
            self.shared.reply(&call, answer, Some(device));
        }
        self.look(device);
    }

    fn queue_acts(&mut self, acts: Vec<Do>) {
        for act in acts {
            let Some(queueing) = &mut self.queueing else { return };
            tracing::debug!(?act, "queue");
            match act {
                Do::Write(number) => {
                    if let Some((record, stage)) = queueing.queue.get(number) {
                        queueing.store.put(number, record, stage, false);
                    }
                }
                Do::Forget(number) => queueing.store.remove(number),
                Do::Publish(number, progress, why) => {
                    if let Some(record) = queueing.queue.get(number).map(|(record, _)| record.clone()) {
                        let publication = self.state_of(&record, progress, why);
                        if let Err(error) = self.sender.publish(publication) {
                            tracing::debug!(?error, "a state was not published");
                        }
                    }
                }
                Do::Reply(number, trouble, text) => {
                    if let Some((record, _)) = queueing.queue.get(number) {
                        let (call, device) = (call_of(record), record.key.device.clone());
                        self.shared.reply(&call, Answer::Trouble(trouble, text), Some(&device));
                    }
                }
                Do::Execute(number) => self.execute(number),
            }
        }
    }

    fn execute(&mut self, number: u64) {
        let Some(queueing) = &self.queueing else { return };
        let Some((record, _)) = queueing.queue.get(number) else { return };
        let device = record.key.device.clone();
        let job = Job { call: call_of(record), queued: Some(number) };
        let refused = match self.held.get(&device).filter(|held| held.known.is_some()) {
            Some(held) => held.lane.offer(job).err(),
            None => Some(Box::new(job)),
        };
        if refused.is_some() {
            let answer = Answer::Trouble(Trouble::Away, "the device is away, or has no room for a call".to_owned());
            self.ended(&device, number, answer);
        }
    }

    /// Returns the state of a queued call, to publish it.
    fn state_of(&self, record: &Record, progress: Progress, why: Option<Why>) -> Publication {
        let now = unix_ms();
        let (error, text) = why.unwrap_or_default();
        let numbers = (record.content == Content::Rpc).then_some(record.procedure);
        let state = CallState {
            state: progress,
            since: now,
            expires: record.expires,
            gateway: self.settings().gateway.clone(),
            program: record.program,
            version: numbers.map(|(version, _)| version),
            procedure: numbers.map(|(_, procedure)| procedure),
            error,
            text: for_people(&text),
        };
        let key = &record.key;
        let topic = Topic::State { device: key.device.clone(), user: key.user.clone(), id: key.id };
        let expiry = record.expires.saturating_sub(now) / 1000 + STATES;
        let properties = Properties {
            expiry: Some(u32::try_from(expiry).unwrap_or(u32::MAX)),
            user: vec![(SESSION.to_owned(), self.session.to_string())],
            ..Properties::default()
        };
        Publication { topic: self.topics.text(&topic), payload: state.to_bytes(), retain: true, properties }
    }
}

/// Returns the call of a record. Its time begins now.
fn call_of(record: &Record) -> Call {
    Call {
        content: record.content,
        payload: record.payload.clone().into_payload(),
        program: record.program,
        user: record.key.user.clone(),
        reply: record.reply.clone().map(|topic| Back { topic, correlation: record.key.id }),
        confirm: false,
        correlation: Some(record.key.id),
        deadline: Deadline { timeout: record.timeout.map(std::time::Duration::from_millis), sent: None },
        expiry: None,
        trace: record.trace.0.clone(),
        trace_state: record.trace.1.clone(),
        arrived: Instant::now(),
    }
}
