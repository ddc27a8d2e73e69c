//! A line in memory, whose two ends share a clock.
//!
//! The clock stands still while an end works and moves on when both wait: to the first arrival or deadline
//! that one of them waits for. What is sent takes a while to arrive, so that what an end receives, and
//! when, does not depend on which of two threads is faster: the same calls take the same course every time.
//! When both wait for ever and nothing is under way, nothing can happen any more, and both are told that it is the
//! end.

use std::collections::VecDeque;
use std::marker::PhantomData;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use oncilla::{Received, Time, Transport};

use super::{Carriage, Carried, Random};

/// What a line is like.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// Microseconds until a byte that is sent arrives; at least one.
    pub latency: u64,
    /// Microseconds that each byte takes, one after another. Bytes of a stream arrive in pieces then.
    pub byte: u64,
    /// Decides about the pieces.
    pub seed: u64,
}

impl Line {
    /// Everything arrives whole after a millisecond.
    pub const QUICK: Self = Self { latency: 1_000, byte: 0, seed: 0 };

    /// 115 200 baud: bytes arrive a few at a time.
    pub const SERIAL: Self = Self { latency: 1, byte: 87, seed: 0 };

    /// The two ends. Each is to be used by a thread of its own, and as long as it is not dropped, the clock
    /// waits for it.
    pub fn ends<F: Carried>(self) -> [End<F>; 2] {
        let world = Arc::new(World::default());
        [0, 1].map(|side| End {
            line: self,
            random: Random::new(2 * self.seed + side as u64),
            world: world.clone(),
            side,
            framing: PhantomData,
        })
    }
}

/// Runs both ends at the same time until both are done.
pub fn both<A: Send, B, RA: Send, RB>(
    a: A,
    b: B,
    run_a: impl FnOnce(A) -> RA + Send,
    run_b: impl FnOnce(B) -> RB,
) -> (RA, RB) {
    thread::scope(|scope| {
        let a = scope.spawn(move || run_a(a));
        let b = run_b(b);
        match a.join() {
            Ok(a) => (a, b),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

#[derive(Default)]
struct World {
    state: Mutex<State>,
    woken: [Condvar; 2],
}

#[derive(Default)]
struct State {
    now: u64,
    sides: [Side; 2],
}

#[derive(Default)]
struct Side {
    doing: Doing,
    /// What is on its way to this side, and when it arrives.
    arrivals: VecDeque<(u64, Vec<u8>)>,
    /// When the last byte that this side sent has left.
    busy: u64,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Doing {
    #[default]
    Working,
    Waiting(u64),
    /// It waits for nothing but this instant.
    Sleeping(u64),
    /// It waited, and nothing can happen any more.
    AtEnd,
    Gone,
    /// A test has both ends in one thread: the clock does not wait for this one.
    ByHand,
}

impl State {
    /// When something happens for which a side waits.
    fn wakes(&self, side: usize) -> Option<u64> {
        let deadline = match self.sides[side].doing {
            Doing::Waiting(deadline) => deadline,
            Doing::Sleeping(until) => return Some(until),
            _ => return None,
        };
        Some(match self.sides[side].arrivals.front() {
            Some((at, _)) => deadline.min(*at),
            None if self.sides[1 - side].doing == Doing::Gone => self.now,
            None => deadline,
        })
    }

    /// Moves the clock on when nobody works.
    fn go_on(&mut self, woken: &[Condvar; 2]) {
        if self.sides.iter().any(|side| side.doing == Doing::Working) {
            return;
        }
        let wakes = [self.wakes(0), self.wakes(1)];
        let Some(next) = wakes.into_iter().flatten().min() else { return };
        let end = next == Time::NEVER.as_micros();
        if !end {
            self.now = self.now.max(next);
        }
        for side in [0, 1] {
            if wakes[side].is_some_and(|at| at <= self.now || end) {
                self.sides[side].doing = if end { Doing::AtEnd } else { Doing::Working };
                woken[side].notify_one();
            }
        }
    }
}

/// One end of a line.
pub struct End<F> {
    line: Line,
    random: Random,
    world: Arc<World>,
    side: usize,
    framing: PhantomData<F>,
}

/// The clock that an end waits by, for procedures that take a while.
#[derive(Clone)]
pub struct Clock {
    world: Arc<World>,
    side: usize,
}

impl Clock {
    /// Works for so many microseconds.
    pub fn pass(&self, micros: u64) {
        let mut state = self.world.state();
        let until = state.now + micros;
        state.sides[self.side].doing = Doing::Sleeping(until);
        state.go_on(&self.world.woken);
        while state.sides[self.side].doing == Doing::Sleeping(until) {
            state = self.world.wait(self.side, state);
        }
    }

    /// Microseconds since the beginning.
    pub fn now(&self) -> u64 {
        self.world.state().now
    }
}

impl World {
    fn state(&self) -> MutexGuard<'_, State> {
        // A thread that panicked shows what is wrong, the other only what follows.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'s>(&self, side: usize, state: MutexGuard<'s, State>) -> MutexGuard<'s, State> {
        self.woken[side].wait(state).unwrap_or_else(PoisonError::into_inner)
    }
}

impl<F: Carried> End<F> {
    /// The clock of this end.
    pub fn clock(&self) -> Clock {
        Clock { world: self.world.clone(), side: self.side }
    }

    /// Sends a frame that arrives so many microseconds later than others. Those that are sent meanwhile overtake it.
    pub fn send_later(&mut self, frame: &[u8], late: u64) {
        let Line { latency, byte, .. } = self.line;
        let mut state = self.world.state();
        let mut leaves = state.now.max(state.sides[self.side].busy);
        let mut rest = frame;
        while !rest.is_empty() {
            let piece = match F::CARRIAGE {
                Carriage::Line | Carriage::Connection if byte > 0 => 1 + self.random.below(16) as usize,
                _ => rest.len(),
            };
            let (piece, after) = rest.split_at(piece.min(rest.len()));
            leaves += byte * piece.len() as u64;
            let arrivals = &mut state.sides[1 - self.side].arrivals;
            let at = leaves + latency + late;
            arrivals.insert(arrivals.partition_point(|(other, _)| *other <= at), (at, piece.to_vec()));
            rest = after;
        }
        state.sides[self.side].busy = leaves;
    }

    /// A first xid for this end, which is never that of the other: without boot numbers, a call with an end's own xid
    /// is taken for its echo on serial lines.
    #[allow(dead_code)] // Not every test has ends that both call.
    pub const fn first_xid(&self, of_the_first: u32) -> u32 {
        of_the_first ^ (self.side as u32) << 30
    }

    /// Lets the clock go on without this end, for tests that have both in one thread.
    pub fn by_hand(self) -> Self {
        self.world.state().sides[self.side].doing = Doing::ByHand;
        self
    }
}

impl<F> Drop for End<F> {
    fn drop(&mut self) {
        let mut state = self.world.state();
        state.sides[self.side].doing = Doing::Gone;
        state.go_on(&self.world.woken);
    }
}

impl<F: Carried> Transport for End<F> {
    type Error = &'static str;
    type Framing = F;

    fn now(&mut self) -> Time {
        Time::from_micros(self.world.state().now)
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> Result<Received, &'static str> {
        assert!(!into.is_empty(), "a transport is never asked for nothing");
        let mut state = self.world.state();
        let by_hand = state.sides[self.side].doing == Doing::ByHand;
        loop {
            let now = state.now;
            let gone = state.sides[1 - self.side].doing == Doing::Gone;
            let mine = &mut state.sides[self.side];
            let at_end = mine.doing == Doing::AtEnd;
            mine.doing = if by_hand { Doing::ByHand } else { Doing::Working };
            if mine.arrivals.front().is_some_and(|(at, _)| *at <= now) {
                return Ok(Received::Bytes(give::<F>(&mut mine.arrivals, into)));
            }
            if at_end || gone && mine.arrivals.is_empty() {
                return Ok(Received::End);
            }
            if deadline.as_micros() <= now {
                return Ok(Received::TimeUp);
            }
            mine.doing = Doing::Waiting(deadline.as_micros());
            state.go_on(&self.world.woken);
            while matches!(state.sides[self.side].doing, Doing::Waiting(_)) {
                state = self.world.wait(self.side, state);
            }
        }
    }

    fn send(&mut self, frame: &[u8], _: Time) -> Result<usize, &'static str> {
        self.send_later(frame, 0);
        Ok(frame.len())
    }
}

/// Takes what has arrived first.
fn give<F: Carried>(arrivals: &mut VecDeque<(u64, Vec<u8>)>, into: &mut [u8]) -> usize {
    let Some((at, mut bytes)) = arrivals.pop_front() else { return 0 };
    let length = bytes.len().min(into.len());
    into[..length].copy_from_slice(&bytes[..length]);
    // The rest of a datagram is lost.
    if length < bytes.len() && F::CARRIAGE != Carriage::Datagrams {
        arrivals.push_front((at, bytes.split_off(length)));
    }
    length
}
