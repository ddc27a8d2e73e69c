//! Real calls in flight and a simple model side by side: the same steps must lead to the same events, to the
//! microsecond.

use std::collections::{BTreeMap, VecDeque};
use std::marker::PhantomData;

use oncilla::framing::{Cobs, Datagram};
use oncilla::{Received, Time, Transport};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::counter::{finish, start};
use crate::model::{self, Event, Fate, Outcome, SLOTS, Step};
use crate::script::framed;
use crate::*;

/// A transport with a server at its other end, which answers as the fates say.
struct World<F> {
    now: u64,
    arrivals: BTreeMap<(u64, usize), Vec<u8>>,
    fates: VecDeque<Fate>,
    sent: usize,
    /// The frames that were sent, by the number of their call.
    frames: Vec<Vec<u8>>,
    events: Vec<Event>,
    framing: PhantomData<F>,
}

impl<F: Framing> Transport for World<F> {
    type Error = &'static str;
    type Framing = F;

    fn now(&mut self) -> Time {
        Time::from_micros(self.now)
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> Result<Received, &'static str> {
        let limit = deadline.as_micros().max(self.now);
        match self.arrivals.first_entry().filter(|arrival| arrival.key().0 <= limit) {
            Some(arrival) => {
                self.now = self.now.max(arrival.key().0);
                let frame = arrival.remove();
                into[..frame.len()].copy_from_slice(&frame);
                Ok(Received::Bytes(frame.len()))
            }
            None => {
                self.now = limit;
                Ok(Received::TimeUp)
            }
        }
    }

    fn send(&mut self, frame: &[u8], _: Time) -> Result<usize, &'static str> {
        let number = self.frames.iter().position(|known| known == frame).unwrap_or_else(|| {
            self.frames.push(frame.to_vec());
            self.frames.len() - 1
        });
        self.events.push(Event::Sent(self.now, number as u32));
        for late in self.fates.pop_front().unwrap_or(Fate::Lost).replies() {
            let reply = sum(XID.wrapping_add(number as u32), result(number as u32) as u32);
            self.arrivals.insert((self.now + late, self.sent), framed::<F>(&reply));
            self.sent += 1;
        }
        Ok(frame.len())
    }
}

type Real<F> = CallsInFlight<Client<World<F>, Vec<u8>>, SLOTS, 8>;

/// The expected result of a call.
fn result(number: u32) -> i32 {
    1_000 + number as i32
}

fn outcome(number: u32, result: Result<i32, Error>) -> Outcome {
    match result {
        Ok(sum) => {
            assert_eq!(sum, self::result(number), "the results of another call");
            Outcome::Right
        }
        Err(CallError::TimedOut { .. }) => Outcome::TimedOut,
        Err(CallError::UnknownTicket { .. }) => Outcome::Unknown,
        Err(error) => panic!("{error}"),
    }
}

fn number<P>(ticket: &Ticket<P>) -> u32 {
    ticket.xid().wrapping_sub(XID)
}

fn noted<F: Framing>(calls: &mut Real<F>, ticket: Ticket) {
    let number = number(&ticket);
    let outcome = outcome(number, finish::add(calls, ticket.typed()));
    let world = calls.caller().link().transport();
    world.events.push(Event::Noted(world.now, number, outcome));
}

/// Follows the steps and returns what happened.
fn follow<F: Framing>(steps: &[Step], fates: &[Fate]) -> Vec<Event> {
    let world = World::<F> {
        now: 0,
        arrivals: BTreeMap::new(),
        fates: fates.iter().copied().collect(),
        sent: 0,
        frames: Vec::new(),
        events: Vec::new(),
        framing: PhantomData,
    };
    let client = Client::new(Link::new(world, vec![0; 100], vec![0; 100]), XID);
    let mut calls = Real::new(client);
    let mut held: Vec<Adding> = Vec::new();
    for step in steps {
        if let Step::Finish(which) | Step::Cancel(which) | Step::Drop(which) | Step::Then(which) = *step {
            if held.is_empty() {
                continue;
            }
            let ticket = held.remove(which % held.len());
            let number = number(&ticket);
            match step {
                Step::Finish(_) => {
                    let outcome = outcome(number, finish::add(&mut calls, ticket));
                    let world = calls.caller().link().transport();
                    world.events.push(Event::Finished(world.now, number, outcome));
                }
                Step::Cancel(_) => calls.cancel(ticket),
                Step::Then(_) => calls.then(ticket, noted),
                _ => drop(ticket),
            }
            continue;
        }
        match *step {
            Step::Start(timeout, pause, doubling) => {
                calls.caller().set_timeout(Duration::from_micros(timeout));
                calls.caller().set_retry(Retry { pause: Duration::from_micros(pause), doubling });
                match start::add(&mut calls, 0, held.len() as i32) {
                    Ok(ticket) => held.push(ticket),
                    Err(CallError::NoSlot { slots: SLOTS }) => {
                        calls.caller().link().transport().events.push(Event::Full)
                    }
                    Err(error) => panic!("{error}"),
                }
            }
            Step::Work(micros) => calls.caller().link().transport().now += micros,
            Step::Poll(micros) => {
                let now = calls.caller().link().transport().now;
                let until = if micros == 0 { Time::ZERO } else { Time::from_micros(now + micros) };
                let Tally { in_flight, done, .. } = calls.poll_until(until).unwrap();
                let world = calls.caller().link().transport();
                world.events.push(Event::Polled(world.now, in_flight, done));
            }
            _ => unreachable!(),
        }
    }
    std::mem::take(&mut calls.caller().link().transport().events)
}

/// Whole milliseconds make it likely that events fall on the same instant.
fn micros(most: u64) -> impl Strategy<Value = u64> {
    prop_oneof![(0..=most).prop_map(|millis| 1_000 * millis), 0..=1_000 * most]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let pause = prop_oneof![(1..10u64).prop_map(|millis| 1_000 * millis), 1_000..20_000u64];
    let start = (micros(40), pause, any::<bool>());
    let step = prop_oneof![
        5 => start.prop_map(|(timeout, pause, doubling)| Step::Start(timeout, pause, doubling)),
        1 => micros(30).prop_map(Step::Work),
        1 => Just(Step::Poll(0)),
        2 => micros(20).prop_map(Step::Poll),
        3 => (0..SLOTS).prop_map(Step::Finish),
        1 => (0..SLOTS).prop_map(Step::Cancel),
        1 => (0..SLOTS).prop_map(Step::Drop),
        1 => (0..SLOTS).prop_map(Step::Then),
    ];
    vec(step, 0..40)
}

fn fates() -> impl Strategy<Value = Vec<Fate>> {
    let fate = prop_oneof![
        2 => Just(Fate::Lost),
        4 => micros(20).prop_map(Fate::Answered),
        2 => (micros(20), micros(20)).prop_map(|(first, second)| Fate::Twice(first, second)),
    ];
    vec(fate, 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn frames_behave_as_the_model(steps in steps(), fates in fates()) {
        prop_assert_eq!(follow::<Cobs>(&steps, &fates), model::run(&steps, &fates));
    }

    #[test]
    fn datagrams_behave_as_the_model(steps in steps(), fates in fates()) {
        prop_assert_eq!(follow::<Datagram>(&steps, &fates), model::run(&steps, &fates));
    }
}
