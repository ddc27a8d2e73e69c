//! A model of two endpoints: which calls were executed, and which wait. The endpoints exchange values over a line with
//! a plan for every frame, remember every reply, and know nothing of bytes.

use std::collections::{HashMap, VecDeque};

/// How long an undisturbed frame takes, in microseconds.
pub const LATENCY: u64 = 1_000;

/// How long a call of [`Kind::Double`] takes for each unit of its amount, in microseconds.
pub const SLOW: u64 = 100;

/// What one endpoint does, step by step. After the last step it serves for ever.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// Calls, with a total time-out.
    Call(Kind, u32, u64),
    /// Serves for so many microseconds.
    Serve(u64),
    /// Does other work for so many microseconds, and serves nothing.
    Work(u64),
}

/// The called procedure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Returns the sum of all amounts.
    Add,
    /// Returns twice the amount, and takes longer for a larger amount; idempotent.
    Double,
    /// One-way.
    Note,
}

/// What happens to a frame.
#[derive(Clone, Copy, Debug)]
pub enum Fate {
    Lost,
    Damaged,
    /// It is late by so many microseconds.
    Late(u64),
    /// It arrives twice.
    Twice(u64, u64),
}

/// Everything that is decided about one endpoint in advance.
#[derive(Clone, Debug)]
pub struct Plan {
    pub steps: Vec<Step>,
    /// What happens to the first frames that it sends; the others arrive in time.
    pub fates: Vec<Fate>,
    pub first_xid: u32,
    /// Microseconds until a call is retransmitted.
    pub pause: u64,
    pub doubling: bool,
}

/// What an endpoint shows, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    Sent(u64),
    Executed(u64, Kind, u32),
    /// A call ended, with a result or without.
    Ended(u64, Option<u32>),
}

#[derive(Clone, Copy)]
enum Message {
    Call {
        xid: u32,
        kind: Kind,
        amount: u32,
    },
    Reply {
        xid: u32,
        result: u32,
    },
    /// A damaged frame.
    Noise,
}

#[derive(Clone, Copy)]
enum Doing {
    Nothing,
    Works { until: u64 },
    Serves { until: u64 },
    Waits { call: Message, xid: u32, until: u64, deadline: u64, pause: u64 },
}

struct Side {
    plan: Plan,
    steps: VecDeque<Step>,
    fates: VecDeque<Fate>,
    next_xid: u32,
    doing: Doing,
    /// The reply to the call that is being executed, and when its execution ends.
    executing: Option<(u64, Message)>,
    arrivals: Vec<(u64, Message)>,
    sum: u32,
    /// The executed calls, which must not be executed again; one-way calls have no reply.
    replies: HashMap<u32, Option<u32>>,
    events: Vec<Event>,
}

struct Model {
    now: u64,
    /// Whether damaged frames arrive, and are recognised as damaged.
    noisy: bool,
    sides: [Side; 2],
}

/// Returns what both endpoints show until nothing more happens. On a `noisy` line damaged frames arrive; on others the
/// system drops them.
pub fn run(plans: [Plan; 2], noisy: bool) -> [Vec<Event>; 2] {
    let sides = plans.map(|plan| Side {
        steps: plan.steps.clone().into(),
        fates: plan.fates.clone().into(),
        next_xid: plan.first_xid,
        doing: Doing::Nothing,
        executing: None,
        arrivals: Vec::new(),
        sum: 0,
        replies: HashMap::new(),
        events: Vec::new(),
        plan,
    });
    let mut model = Model { now: 0, noisy, sides };
    loop {
        for side in [0, 1] {
            while model.act(side) {}
        }
        match model.sides.iter().map(Side::wakes).min() {
            None | Some(u64::MAX) => return model.sides.map(|side| side.events),
            Some(at) => model.now = at,
        }
    }
}

impl Side {
    fn wakes(&self) -> u64 {
        if let Some((until, _)) = self.executing {
            return until;
        }
        let arrival = self.arrivals.first().map_or(u64::MAX, |(at, _)| *at);
        match self.doing {
            Doing::Nothing => unreachable!("it has always something to do"),
            Doing::Works { until } => until,
            Doing::Serves { until } | Doing::Waits { until, .. } => until.min(arrival),
        }
    }

    fn arrived(&mut self, now: u64) -> Option<Message> {
        let (at, _) = self.arrivals.first()?;
        (*at <= now).then(|| self.arrivals.remove(0).1)
    }
}

impl Model {
    /// Does the next step of a side at this instant, if there is one.
    fn act(&mut self, number: usize) -> bool {
        let now = self.now;
        let side = &mut self.sides[number];
        if let Some((until, reply)) = side.executing {
            if until > now {
                return false;
            }
            side.executing = None;
            self.send(number, reply);
            self.look_at_the_clock(number);
            return true;
        }
        match side.doing {
            Doing::Nothing => match side.steps.pop_front() {
                None => side.doing = Doing::Serves { until: u64::MAX },
                Some(Step::Serve(micros)) => side.doing = Doing::Serves { until: now + micros },
                Some(Step::Work(micros)) => side.doing = Doing::Works { until: now + micros },
                Some(Step::Call(kind, amount, timeout)) => self.call(number, kind, amount, timeout),
            },
            Doing::Works { until } => {
                if until > now {
                    return false;
                }
                side.doing = Doing::Nothing;
            }
            // When the time is up, messages that have arrived are still handled; noise does not extend the time.
            Doing::Serves { until } => match side.arrived(now) {
                Some(Message::Noise) if now > until => side.doing = Doing::Nothing,
                Some(message) => self.serve(number, message),
                None if until > now => return false,
                None => side.doing = Doing::Nothing,
            },
            Doing::Waits { xid, until, .. } => match side.arrived(now) {
                Some(Message::Reply { xid: answered, result }) if answered == xid => self.end(number, Some(result)),
                Some(message) => self.serve(number, message),
                None if until > now => return false,
                None => self.time_is_up(number),
            },
        }
        true
    }

    fn call(&mut self, number: usize, kind: Kind, amount: u32, timeout: u64) {
        let side = &mut self.sides[number];
        let (xid, pause) = (side.next_xid, side.plan.pause);
        side.next_xid = xid.wrapping_add(1);
        let call = Message::Call { xid, kind, amount };
        if kind == Kind::Note {
            self.send(number, call);
        } else {
            self.wait(number, call, xid, self.now + timeout, pause);
        }
    }

    /// Sends a call and waits until it is retransmitted or the time is up.
    fn wait(&mut self, number: usize, call: Message, xid: u32, deadline: u64, pause: u64) {
        self.send(number, call);
        let until = deadline.min(self.now + pause);
        self.sides[number].doing = Doing::Waits { call, xid, until, deadline, pause };
    }

    /// Nothing arrived until a call was to be retransmitted or given up.
    fn time_is_up(&mut self, number: usize) {
        let side = &mut self.sides[number];
        let Doing::Waits { call, xid, until, deadline, pause } = side.doing else { return };
        if until == deadline {
            self.end(number, None);
        } else {
            let pause = if side.plan.doubling { 2 * pause } else { pause };
            self.wait(number, call, xid, deadline, pause);
        }
    }

    /// A procedure may have taken longer than the time-out.
    fn look_at_the_clock(&mut self, number: usize) {
        let Doing::Waits { until, deadline, .. } = self.sides[number].doing else { return };
        if self.now > deadline {
            self.end(number, None);
        } else if self.now > until {
            self.time_is_up(number);
        }
    }

    fn end(&mut self, number: usize, result: Option<u32>) {
        self.sides[number].events.push(Event::Ended(self.now, result));
        self.sides[number].doing = Doing::Nothing;
    }

    fn serve(&mut self, number: usize, message: Message) {
        let Message::Call { xid, kind, amount } = message else { return };
        let side = &mut self.sides[number];
        if let Some(known) = side.replies.get(&xid).copied() {
            known.into_iter().for_each(|result| self.send(number, Message::Reply { xid, result }));
            return;
        }
        side.events.push(Event::Executed(self.now, kind, amount));
        match kind {
            Kind::Add => {
                side.sum = side.sum.wrapping_add(amount);
                let result = side.sum;
                side.replies.insert(xid, Some(result));
                self.send(number, Message::Reply { xid, result });
            }
            Kind::Double => {
                let reply = Message::Reply { xid, result: amount.wrapping_mul(2) };
                side.executing = Some((self.now + SLOW * u64::from(amount), reply));
            }
            Kind::Note => {
                side.replies.insert(xid, None);
            }
        }
    }

    fn send(&mut self, number: usize, message: Message) {
        let side = &mut self.sides[number];
        side.events.push(Event::Sent(self.now));
        let (message, late) = match side.fates.pop_front().unwrap_or(Fate::Late(0)) {
            Fate::Lost => return,
            Fate::Damaged if self.noisy => (Message::Noise, vec![0]),
            Fate::Damaged => return,
            Fate::Late(late) => (message, vec![late]),
            Fate::Twice(first, second) => (message, vec![first, second]),
        };
        for late in late {
            let (at, arrivals) = (self.now + LATENCY + late, &mut self.sides[1 - number].arrivals);
            arrivals.insert(arrivals.partition_point(|(other, _)| *other <= at), (at, message));
        }
    }
}
