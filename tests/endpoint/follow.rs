//! Real endpoints and simple models side by side: the same plans must lead to the same events, to the microsecond.

use core::time::Duration;
use std::sync::{Arc, Mutex};

use oncilla::{CallError, Endpoint, Link, Received, ReplayCache, Retry, Served, Table, Time, Transport};

use crate::faults::line::{Clock, End, Line, both};
use crate::faults::{Carriage, Carried, Random};
use crate::frames::Sized;
use crate::model::{self, Event, Fate, Kind, LATENCY, Plan, SLOW, Step};

oncilla::program! {
    mod planned = 0x2000_0079, version 1 {
        fn add(amount: u32) -> u32 = 1;
        fn double(amount: u32) -> u32 = 2, idempotent;
        fn note(amount: u32) = 3, oneway;
    }
}

type Events = Arc<Mutex<Vec<Event>>>;

/// The state of the procedures of a real endpoint.
struct Ledger {
    sum: u32,
    clock: Clock,
    events: Events,
}

impl Ledger {
    fn executed(&self, kind: Kind, amount: u32) {
        self.events.lock().unwrap().push(Event::Executed(self.clock.now(), kind, amount));
    }
}

impl planned::Service for Ledger {
    fn add(&mut self, amount: u32) -> u32 {
        self.executed(Kind::Add, amount);
        self.sum = self.sum.wrapping_add(amount);
        self.sum
    }
    fn double(&mut self, amount: u32) -> u32 {
        self.executed(Kind::Double, amount);
        self.clock.pass(SLOW * u64::from(amount));
        amount.wrapping_mul(2)
    }
    fn note(&mut self, amount: u32) {
        self.executed(Kind::Note, amount);
    }
}

static PLANNED: Table<Ledger> = oncilla::table![planned::program()];

/// One end of a line on which a plan decides what happens to each frame.
struct Fated<F> {
    end: End<F>,
    fates: std::vec::IntoIter<Fate>,
    random: Random,
    events: Events,
}

impl<F: Carried> Transport for Fated<F> {
    type Error = &'static str;
    type Framing = F;

    fn now(&mut self) -> Time {
        self.end.now()
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> Result<Received, &'static str> {
        self.end.receive(into, deadline)
    }

    fn send(&mut self, frame: &[u8], _: Time) -> Result<usize, &'static str> {
        self.events.lock().unwrap().push(Event::Sent(self.end.now().as_micros()));
        match self.fates.next().unwrap_or(Fate::Late(0)) {
            Fate::Lost => {}
            // The system checks a checksum.
            Fate::Damaged if F::CARRIAGE == Carriage::Datagrams => {}
            Fate::Damaged => {
                let (mut frame, bit) = (frame.to_vec(), self.random.below(8 * frame.len() as u64) as usize);
                frame[bit / 8] ^= 1 << (bit % 8);
                self.end.send_later(&frame, 0);
            }
            Fate::Late(late) => self.end.send_later(frame, late),
            Fate::Twice(first, second) => {
                self.end.send_later(frame, first);
                self.end.send_later(frame, second);
            }
        }
        Ok(frame.len())
    }
}

/// Follows the plan and returns what happened.
fn follow<F: Sized + Carried>(end: End<F>, plan: &Plan) -> Vec<Event> {
    let (clock, events) = (end.clock(), Events::default());
    let fates = plan.fates.clone().into_iter();
    let transport = Fated { end, fates, random: Random::new(plan.pause), events: events.clone() };
    let size = F::buffer(planned::CALL_MAX.max(planned::REPLY_MAX));
    let ledger = Ledger { sum: 0, clock: clock.clone(), events: events.clone() };
    let link = Link::new(transport, vec![0; size], vec![0; size]);
    // As many slots as there can be calls, because the model never forgets.
    let cache = ReplayCache::<16, { PLANNED.reply_max() }>::new();
    let mut peer = Endpoint::new(link, &PLANNED, ledger, plan.first_xid).with_replay(cache);
    let pause = Duration::from_micros(plan.pause);
    peer.set_retry(if plan.doubling { Retry::doubling(pause) } else { Retry::every(pause) });
    for step in &plan.steps {
        match *step {
            Step::Work(micros) => clock.pass(micros),
            Step::Serve(micros) => {
                let until = Time::from_micros(clock.now() + micros);
                while peer.serve_next(until).unwrap() == Served::Message {}
            }
            Step::Call(kind, amount, timeout) => {
                peer.set_timeout(Duration::from_micros(timeout));
                let mut client = planned::Client::new(&mut peer);
                let result = match kind {
                    Kind::Add => client.add(amount),
                    Kind::Double => client.double(amount),
                    Kind::Note => {
                        client.note(amount).unwrap();
                        continue;
                    }
                };
                let result = match result {
                    Ok(result) => Some(result),
                    Err(CallError::TimedOut { .. }) => None,
                    Err(error) => panic!("{error}"),
                };
                events.lock().unwrap().push(Event::Ended(clock.now(), result));
            }
        }
    }
    peer.serve().unwrap();
    drop(peer);
    Arc::into_inner(events).unwrap().into_inner().unwrap()
}

/// Lets real endpoints and models follow the same plans.
///
/// # Panics
/// When an event differs, or its instant.
pub fn check<F: Sized + Carried>(plans: &[Plan; 2]) {
    let mut plans = plans.clone();
    if F::NOISY {
        // A call with an own xid could be an echo.
        plans[1].first_xid = plans[0].first_xid ^ 1 << 30;
    }
    let [a, b] = Line { latency: LATENCY, ..Line::QUICK }.ends::<F>();
    let real = both(a, b, |end| follow(end, &plans[0]), |end| follow(end, &plans[1]));
    assert_eq!([real.0, real.1], model::run(plans, F::CARRIAGE == Carriage::Line));
}
