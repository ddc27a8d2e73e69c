//! The queues of several gateways and a broker, under random schedules.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::tests::record;
use super::*;

/// A gateway: its journal outlives it.
struct Simulated {
    name: String,
    queue: Queue,
    session: u64,
    up: bool,
    held: bool,
    inbox: VecDeque<Message>,
    /// The calls that the broker keeps for it until it has acknowledged them.
    arrivals: VecDeque<Record>,
    unacknowledged: BTreeMap<u64, Record>,
    journal: BTreeMap<u64, (Record, Stage)>,
    writing: VecDeque<(u64, Stage)>,
    executing: Option<u64>,
    /// Whether it has published all that it has done, in this session.
    settled: bool,
    /// The others that have, as far as it has seen since it is connected.
    peers: BTreeMap<String, u64>,
}

/// The state of a call, or that a gateway has published what it has done.
type Message = (Option<(Key, Progress)>, String, u64);

struct World {
    all: Vec<Simulated>,
    retained: BTreeMap<Key, Message>,
    executed: BTreeMap<Key, u32>,
    random: fastrand::Rng,
    sessions: u64,
    /// What the broker has on its disk.
    saved: Saved,
}

/// What a broker has when it returns after it was killed.
#[derive(Default)]
struct Saved {
    retained: BTreeMap<Key, Message>,
    arrivals: Vec<VecDeque<Record>>,
}

impl World {
    fn publish(&mut self, message: Message) {
        if let Some((key, _)) = &message.0 {
            self.retained.insert(key.clone(), message.clone());
        }
        self.all.iter_mut().filter(|one| one.up).for_each(|one| one.inbox.push_back(message.clone()));
    }

    fn act(&mut self, index: usize, acts: Vec<Do>) {
        for act in acts {
            let one = &mut self.all[index];
            match act {
                Do::Write(number) => {
                    let stage = one.queue.get(number).unwrap().1.clone();
                    one.writing.push_back((number, stage));
                }
                Do::Forget(number) => drop(one.journal.remove(&number)),
                Do::Publish(number, progress, _) => {
                    let key = one.queue.get(number).unwrap().0.key.clone();
                    let message = (Some((key, progress)), one.name.clone(), one.session);
                    if one.up {
                        self.publish(message);
                    }
                }
                Do::Reply(..) => {}
                Do::Execute(number) => {
                    assert_eq!(one.executing, None, "one at a time");
                    one.executing = Some(number);
                }
            }
        }
    }

    fn connect(&mut self, index: usize) {
        self.sessions += 1;
        let settled = self.all.iter().filter(|one| one.up && one.settled);
        let settled: Vec<_> = settled.map(|one| (None, one.name.clone(), one.session)).collect();
        let one = &mut self.all[index];
        (one.up, one.settled, one.session) = (true, false, self.sessions);
        one.peers.clear();
        one.queue.announce_again();
        one.inbox = self.retained.values().cloned().chain(settled).collect();
        let unacknowledged = std::mem::take(&mut one.unacknowledged);
        unacknowledged.into_values().rev().for_each(|record| one.arrivals.push_front(record));
    }

    fn lose(&mut self, index: usize) {
        let one = &mut self.all[index];
        one.up = false;
        one.inbox.clear();
        one.queue.lost();
    }

    /// The broker writes to its disk.
    fn save(&mut self) {
        let arrivals = |one: &Simulated| one.unacknowledged.values().chain(&one.arrivals).cloned().collect();
        self.saved = Saved { retained: self.retained.clone(), arrivals: self.all.iter().map(arrivals).collect() };
    }

    /// The broker is killed, and returns with what it had written.
    fn kill_broker(&mut self) {
        (0..self.all.len()).for_each(|index| self.lose(index));
        self.retained = self.saved.retained.clone();
        for (one, arrivals) in self.all.iter_mut().zip(&self.saved.arrivals) {
            one.unacknowledged.clear();
            one.arrivals = arrivals.clone();
        }
    }

    /// The process ends: what is not in the journal is gone.
    fn kill(&mut self, index: usize) {
        self.lose(index);
        let one = &mut self.all[index];
        one.writing.clear();
        one.executing = None;
        let stored = one.journal.iter().map(|(number, (record, stage))| (*number, record.clone(), stage.clone()));
        one.queue = Queue::new(1000, stored.collect());
    }

    /// Finishes what a device executes. The device has executed it in any case, or in none.
    fn finish(&mut self, index: usize) {
        let Some(number) = self.all[index].executing.take() else { return };
        let Some((record, _)) = self.all[index].queue.get(number) else { return };
        let key = record.key.clone();
        let end = match self.random.u32(..4) {
            0 => End::NotExecuted,
            1 => End::Failed(Some(Trouble::TimedOut), String::new()),
            _ => End::Done,
        };
        if end != End::NotExecuted {
            *self.executed.entry(key).or_default() += 1;
        }
        let acts = self.all[index].queue.ended(number, end);
        self.act(index, acts);
    }

    fn step(&mut self, index: usize, device: &Name, now: u64) {
        let sessions: BTreeSet<_> =
            self.all.iter().filter(|one| one.up).map(|one| (one.name.clone(), one.session)).collect();
        let names: Vec<_> = self.all.iter().map(|one| one.name.clone()).collect();
        let one = &mut self.all[index];
        if let Some((number, stage)) = one.writing.pop_front()
            && let Some((record, _)) = one.queue.get(number)
        {
            one.journal.insert(number, (record.clone(), stage.clone()));
            one.unacknowledged.remove(&number);
            let session = if one.up { one.session } else { 0 };
            let acts = one.queue.written(number, &stage, session);
            self.act(index, acts);
        }
        let one = &mut self.all[index];
        if !one.up {
            return;
        }
        if let Some(record) = one.arrivals.pop_front()
            && let Arrived::New(number) = one.queue.arrive(record.clone())
        {
            one.unacknowledged.insert(number, record);
            let stage = one.queue.get(number).unwrap().1.clone();
            one.writing.push_back((number, stage));
        }
        let one = &mut self.all[index];
        match one.inbox.pop_front() {
            Some((Some((key, progress)), gateway, session)) => {
                let own = one.session;
                let acts = one.queue.state(&key, progress, (&gateway, session), own);
                self.act(index, acts);
            }
            Some((None, gateway, session)) => drop(one.peers.insert(gateway, session)),
            None if !one.settled => {
                let acts = one.queue.synced(one.session);
                let settled = (None, one.name.clone(), one.session);
                one.settled = true;
                self.act(index, acts);
                self.publish(settled);
            }
            None => {}
        }
        let one = &mut self.all[index];
        // Presence is known after all retained messages.
        if one.held && one.settled && one.inbox.is_empty() {
            // One that is there has published what it has done; of one that is not, all was seen before it went.
            let is_settled = |name: &String| match sessions.iter().find(|(there, _)| there == name) {
                Some((_, session)) => one.peers.get(name) == Some(session),
                None => one.peers.contains_key(name),
            };
            let settled = names.iter().all(is_settled);
            let alive = |gateway: &str, session| sessions.contains(&(gateway.to_owned(), session));
            let situation = Situation { held: true, online: true, settled, session: one.session, now, alive: &alive };
            let acts = one.queue.look(device, &situation);
            self.act(index, acts);
        }
    }
}

#[test]
fn under_random_schedules_no_call_is_executed_twice_and_all_end() {
    let device = Name::new("oven").unwrap();
    let mut wrong = Vec::new();
    for seed in 0..80 {
        let mut random = fastrand::Rng::with_seed(seed);
        let count = random.usize(1..=3);
        let all = (0..count).map(|index| Simulated {
            name: format!("g{index}"),
            queue: Queue::new(1000, Vec::new()),
            session: 0,
            up: false,
            held: false,
            inbox: VecDeque::new(),
            arrivals: VecDeque::new(),
            unacknowledged: BTreeMap::new(),
            journal: BTreeMap::new(),
            writing: VecDeque::new(),
            executing: None,
            settled: false,
            peers: BTreeMap::new(),
        });
        let mut world = World {
            all: all.collect(),
            retained: BTreeMap::new(),
            executed: BTreeMap::new(),
            random,
            sessions: 0,
            saved: Saved::default(),
        };
        world.save();
        let mut sent = 0;
        for time in 0..6000 {
            let calm = time > 4000;
            let index = world.random.usize(..count);
            if sent < 60 && world.random.u32(..20) == 0 {
                sent += 1;
                world.all.iter_mut().for_each(|one| one.arrivals.push_back(record("oven", sent)));
            }
            if calm {
                (0..count).filter(|index| !world.all[*index].up).collect::<Vec<_>>().into_iter().for_each(|index| {
                    world.connect(index);
                });
                world.all.iter_mut().enumerate().for_each(|(index, one)| one.held = index == 0);
            } else {
                match world.random.u32(..300) {
                    0 => world.kill(index),
                    20..=25 => world.save(),
                    26 => world.kill_broker(),
                    1 | 2 => world.lose(index),
                    // More than one may hold it for a moment, or none.
                    3..20 => world.all[index].held ^= true,
                    _ => {}
                }
                if !world.all[index].up && world.random.u32(..10) == 0 {
                    world.connect(index);
                }
            }
            if world.random.u32(..3) == 0 {
                world.finish(index);
            }
            world.step(index, &device, 1000);
        }
        for _ in 0..4000 {
            (0..count).for_each(|index| {
                world.finish(index);
                world.step(index, &device, 1000);
            });
        }
        for id in 1..=sent {
            let key = record("oven", id).key;
            let times = world.executed.get(&key).copied().unwrap_or_default();
            if times > 1 {
                wrong.push(format!("seed {seed}: call {id} was executed {times} times"));
            }
            // What the broker has lost before the gateway of the device had it waits until its time is over.
            if !world.all[0].queue.keys.contains_key(&key) {
                continue;
            }
            let state = world.retained.get(&key).and_then(|message| Some(message.0.as_ref()?.1));
            if !state.is_some_and(Progress::is_end) {
                wrong.push(format!("seed {seed}: call {id} is {state:?}"));
            }
        }
        if world.all[0].queue.waiting() > 0 {
            wrong.push(format!("seed {seed}: calls wait"));
        }
        // Faults cost some calls, not most of them.
        assert!(world.executed.len() * 2 > usize::from(sent), "seed {seed}: {} of {sent}", world.executed.len());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
