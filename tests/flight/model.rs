//! A model of calls in flight: what each step must return, when, and what is sent meanwhile.

use std::collections::{BTreeSet, VecDeque};

/// The number of slots.
pub const SLOTS: usize = 3;

/// A step of a program that has calls in flight. Tickets are chosen from those that it holds.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// With a total time-out and a pause in microseconds, which may double.
    Start(u64, u64, bool),
    Work(u64),
    /// Waits for at most so many microseconds.
    Poll(u64),
    Finish(usize),
    Cancel(usize),
    /// Drops the ticket.
    Drop(usize),
    /// Sets a callback that notes the result.
    Then(usize),
}

/// The fate of a call that is sent: when its replies arrive, in microseconds from then.
#[derive(Clone, Copy, Debug)]
pub enum Fate {
    Lost,
    Answered(u64),
    Twice(u64, u64),
}

impl Fate {
    pub fn replies(self) -> impl Iterator<Item = u64> {
        let (first, second) = match self {
            Self::Lost => (None, None),
            Self::Answered(late) => (Some(late), None),
            Self::Twice(first, second) => (Some(first), Some(second)),
        };
        first.into_iter().chain(second)
    }
}

/// The outcome of a finished call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Right,
    TimedOut,
    Unknown,
}

/// What happens, and when. Calls are numbered from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    Sent(u64, u32),
    /// No slot is free.
    Full,
    /// So many calls wait, so many are done.
    Polled(u64, usize, usize),
    Finished(u64, u32, Outcome),
    Noted(u64, u32, Outcome),
}

struct Call {
    number: u32,
    deadline: u64,
    again: u64,
    pause: u64,
    doubling: bool,
    /// The outcome so far.
    outcome: Option<Outcome>,
    /// Whether a callback notes the outcome.
    noted: bool,
}

#[derive(Default)]
struct Model {
    now: u64,
    next: u32,
    slots: [Option<Call>; SLOTS],
    held: Vec<u32>,
    /// Replies under way: when they arrive, in which order they were sent, and to which call.
    arrivals: BTreeSet<(u64, usize, u32)>,
    fates: VecDeque<Fate>,
    sent: usize,
    events: Vec<Event>,
}

pub fn run(steps: &[Step], fates: &[Fate]) -> Vec<Event> {
    let mut model = Model { fates: fates.iter().copied().collect(), ..Model::default() };
    for step in steps {
        model.step(*step);
    }
    model.events
}

impl Model {
    fn step(&mut self, step: Step) {
        match step {
            Step::Start(timeout, pause, doubling) => self.start(timeout, pause, doubling),
            Step::Work(micros) => self.now += micros,
            Step::Poll(micros) => self.poll(micros),
            Step::Finish(which) => self.with_ticket(which, Self::finish),
            Step::Cancel(which) => self.with_ticket(which, Self::cancel),
            Step::Drop(which) => self.with_ticket(which, |_, _| {}),
            Step::Then(which) => self.with_ticket(which, Self::note),
        }
    }

    fn with_ticket(&mut self, which: usize, act: impl FnOnce(&mut Self, u32)) {
        if !self.held.is_empty() {
            let number = self.held.remove(which % self.held.len());
            act(self, number);
        }
    }

    fn calls(&mut self) -> impl Iterator<Item = &mut Call> {
        self.slots.iter_mut().flatten()
    }

    fn call(&mut self, number: u32) -> Option<&mut Call> {
        self.calls().find(|call| call.number == number)
    }

    fn take(&mut self, number: u32) -> Option<Call> {
        self.slots.iter_mut().find(|slot| slot.as_ref().is_some_and(|call| call.number == number))?.take()
    }

    fn cancel(&mut self, number: u32) {
        let _ = self.take(number);
    }

    fn start(&mut self, timeout: u64, pause: u64, doubling: bool) {
        if self.slots.iter().all(Option::is_some) {
            self.expire(|time, now| time < now);
            let now = self.now;
            let forgotten = self.calls().filter(|call| call.outcome.is_some() && !call.noted && call.deadline < now);
            match forgotten.min_by_key(|call| call.deadline).map(|call| call.number) {
                Some(number) => self.cancel(number),
                None => return self.events.push(Event::Full),
            }
        }
        let number = self.next;
        self.next += 1;
        let (deadline, again) = (self.now + timeout, self.now + pause);
        let call = Call { number, deadline, again, pause, doubling, outcome: None, noted: false };
        self.slots.iter_mut().find(|slot| slot.is_none()).map(|slot| slot.insert(call));
        self.held.push(number);
        self.send(number);
    }

    fn send(&mut self, number: u32) {
        self.events.push(Event::Sent(self.now, number));
        for late in self.fates.pop_front().unwrap_or(Fate::Lost).replies() {
            self.arrivals.insert((self.now + late, self.sent, number));
            self.sent += 1;
        }
    }

    fn poll(&mut self, micros: u64) {
        let until = if self.run_callbacks() || micros == 0 { 0 } else { self.now + micros };
        let before = self.done();
        loop {
            self.advance(until, None);
            if self.done() > before || self.now >= until {
                break;
            }
        }
        self.run_callbacks();
        let done = self.done();
        let waiting = self.calls().count() - done;
        self.events.push(Event::Polled(self.now, waiting, done));
    }

    fn finish(&mut self, number: u32) {
        let mut waited = false;
        let outcome = loop {
            if waited || self.call(number).is_some_and(|call| call.outcome.is_none()) {
                self.run_callbacks();
                waited = true;
            }
            match self.call(number) {
                None => break Outcome::Unknown,
                Some(Call { outcome: Some(outcome), .. }) => break *outcome,
                Some(Call { deadline, .. }) => {
                    let deadline = *deadline;
                    self.advance(deadline, Some(number));
                }
            }
        };
        self.take(number);
        self.events.push(Event::Finished(self.now, number, outcome));
    }

    fn note(&mut self, number: u32) {
        match self.call(number) {
            Some(call) => call.noted = true,
            None => self.events.push(Event::Noted(self.now, number, Outcome::Unknown)),
        }
    }

    fn done(&mut self) -> usize {
        self.calls().filter(|call| call.outcome.is_some()).count()
    }

    /// Notes the outcomes of calls with a callback; returns whether there were any.
    fn run_callbacks(&mut self) -> bool {
        let before = self.events.len();
        for slot in &mut self.slots {
            if let Some(Call { number, outcome: Some(outcome), noted: true, .. }) = *slot {
                self.events.push(Event::Noted(self.now, number, outcome));
                *slot = None;
            }
        }
        self.events.len() > before
    }

    /// Lets time pass until a reply arrives, something is due, or `until`. Replies that have arrived are handled
    /// first, at most one for each slot, up to the wanted one.
    fn advance(&mut self, until: u64, wanted: Option<u32>) {
        let waiting = self.calls().filter(|call| call.outcome.is_none());
        let mut limit = waiting.map(|call| call.again.min(call.deadline)).fold(until, u64::min).max(self.now);
        let mut quiet = false;
        for _ in 0..SLOTS {
            let Some(&arrival) = self.arrivals.first().filter(|(at, ..)| *at <= limit) else {
                (self.now, quiet) = (limit, true);
                break;
            };
            self.arrivals.remove(&arrival);
            self.now = self.now.max(arrival.0);
            limit = self.now;
            if let Some(call) = self.call(arrival.2).filter(|call| call.outcome.is_none()) {
                call.outcome = Some(Outcome::Right);
                if wanted == Some(call.number) {
                    return;
                }
            }
        }
        // A call whose deadline is this very instant is over only if no message was left.
        let over = |time: u64, now: u64| if quiet { time <= now } else { time < now };
        self.expire(over);
        let now = self.now;
        let due = self.calls().filter(|call| call.outcome.is_none() && over(call.again, now));
        let due: Vec<_> = due.map(|call| call.number).collect();
        for number in due {
            self.send(number);
            if let Some(call) = self.call(number) {
                call.pause *= if call.doubling { 2 } else { 1 };
                call.again = now + call.pause;
            }
        }
    }

    fn expire(&mut self, over: impl Fn(u64, u64) -> bool) {
        let now = self.now;
        for call in self.calls().filter(|call| call.outcome.is_none() && over(call.deadline, now)) {
            call.outcome = Some(Outcome::TimedOut);
        }
    }
}
