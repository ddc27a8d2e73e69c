//! What happens to frames on their way.

use core::ops::AddAssign;

use oncilla::Time;
use oncilla::framing::{Cobs, Datagram, Framing, Record, RecordAhead, Serial};
use serde::{Deserialize, Serialize};

use super::random::Random;

/// In how many cases of a hundred each thing happens to a frame. Several may happen to one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// It is lost.
    pub drop: u8,
    /// It arrives twice.
    pub repeat: u8,
    /// Some of its bits arrive as others.
    pub flip: u8,
    /// Its beginning or end is lost.
    pub cut: u8,
    /// Something arrives before it that nobody sent.
    pub garbage: u8,
    /// It arrives after the next one, or after [`late`](Self::late) when there is none.
    pub reorder: u8,
    /// It arrives later, by [`late`](Self::late) at most.
    pub delay: u8,
    /// The longest delay, in microseconds.
    pub late: u64,
}

impl Faults {
    /// Everything arrives as it was sent.
    pub const NONE: Self = Self { drop: 0, repeat: 0, flip: 0, cut: 0, garbage: 0, reorder: 0, delay: 0, late: 0 };

    /// A bad line: a tenth is lost, and a twentieth is damaged.
    pub const BAD: Self = Self { drop: 10, repeat: 5, flip: 3, cut: 2, garbage: 5, reorder: 5, delay: 5, late: 3_000 };
}

/// How often something happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub frames: u64,
    pub dropped: u64,
    pub repeated: u64,
    pub flipped: u64,
    pub cut: u64,
    pub garbage: u64,
    pub reordered: u64,
    pub delayed: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.frames += other.frames;
        self.dropped += other.dropped;
        self.repeated += other.repeated;
        self.flipped += other.flipped;
        self.cut += other.cut;
        self.garbage += other.garbage;
        self.reordered += other.reordered;
        self.delayed += other.delayed;
    }
}

/// What can happen on the carriers of a framing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carriage {
    /// A serial line: anything.
    Line,
    /// Datagrams, whose checksum the system looks at: what is damaged is lost.
    Datagrams,
    /// A connection: whatever happens to it, the system delivers every byte in its order. Only delays.
    Connection,
}

/// A framing and what can happen to it.
pub trait Carried: Framing + Send {
    const CARRIAGE: Carriage;
}

impl Carried for Cobs {
    const CARRIAGE: Carriage = Carriage::Line;
}

impl Carried for Serial {
    const CARRIAGE: Carriage = Carriage::Line;
}

impl Carried for Datagram {
    const CARRIAGE: Carriage = Carriage::Datagrams;
}

impl Carried for Record {
    const CARRIAGE: Carriage = Carriage::Connection;
}

impl Carried for RecordAhead {
    const CARRIAGE: Carriage = Carriage::Connection;
}

/// Frames under way, in one direction.
#[derive(Debug)]
pub struct Mangle {
    carriage: Carriage,
    faults: Faults,
    random: Random,
    /// In the order of their arrival, as far as nothing overtakes them.
    under_way: Vec<UnderWay>,
    pub counts: Counts,
}

#[derive(Debug)]
struct UnderWay {
    at: Time,
    bytes: Vec<u8>,
    /// Arrives right after the next.
    lets_pass: bool,
}

impl Mangle {
    pub fn new(carriage: Carriage, faults: Faults, random: Random) -> Self {
        Self { carriage, faults, random, under_way: Vec::new(), counts: Counts::default() }
    }

    /// From now on, these.
    pub const fn set(&mut self, faults: Faults) {
        self.faults = faults;
    }

    /// Whether frames can be passed on as they are.
    pub fn is_transparent(&self) -> bool {
        self.faults == Faults::NONE && self.under_way.is_empty()
    }

    /// Takes a frame that was sent.
    pub fn take(&mut self, now: Time, frame: &[u8]) {
        self.counts.frames += 1;
        if self.carriage == Carriage::Connection {
            return self.take_in_order(now, frame);
        }
        let passing: Vec<_> = self.under_way.extract_if(.., |frame| frame.lets_pass).collect();
        if self.happens(self.faults.garbage, |counts| &mut counts.garbage) {
            let garbage = self.random.bytes(40);
            self.put(now, garbage, false);
        }
        if !self.happens(self.faults.drop, |counts| &mut counts.dropped) {
            let copies = if self.happens(self.faults.repeat, |counts| &mut counts.repeated) { 2 } else { 1 };
            for _ in 0..copies {
                self.take_copy(now, frame);
            }
        }
        for UnderWay { bytes, .. } in passing {
            self.put(now, bytes, false);
        }
    }

    fn take_in_order(&mut self, now: Time, frame: &[u8]) {
        let earliest = self.under_way.last().map_or(now, |last| last.at);
        let at = self.arrival(now).max(earliest);
        self.put(at, frame.to_vec(), false);
    }

    fn take_copy(&mut self, now: Time, frame: &[u8]) {
        let mut frame = frame.to_vec();
        let flipped = self.happens(self.faults.flip, |counts| &mut counts.flipped);
        let cut = self.happens(self.faults.cut, |counts| &mut counts.cut);
        if (flipped || cut) && self.carriage == Carriage::Datagrams {
            return;
        }
        if flipped {
            for _ in 0..=self.random.below(8) {
                let bit = self.random.below(8 * frame.len() as u64);
                frame[bit as usize / 8] ^= 1 << (bit % 8);
            }
        }
        if cut {
            let at = self.random.below(frame.len() as u64) as usize;
            if self.random.percent(50) { frame.truncate(at) } else { drop(frame.drain(..at)) }
        }
        if self.happens(self.faults.reorder, |counts| &mut counts.reordered) {
            let at = Time::from_micros(now.as_micros() + self.faults.late);
            return self.put(at, frame, true);
        }
        let at = self.arrival(now);
        self.put(at, frame, false);
    }

    fn arrival(&mut self, now: Time) -> Time {
        let late = self.faults.late.max(1);
        let delayed = self.happens(self.faults.delay, |counts| &mut counts.delayed);
        Time::from_micros(now.as_micros() + if delayed { 1 + self.random.below(late) } else { 0 })
    }

    fn happens(&mut self, percent: u8, count: impl FnOnce(&mut Counts) -> &mut u64) -> bool {
        let happens = self.random.percent(percent);
        *count(&mut self.counts) += u64::from(happens);
        happens
    }

    fn put(&mut self, at: Time, bytes: Vec<u8>, lets_pass: bool) {
        let place = self.under_way.partition_point(|other| other.at <= at);
        self.under_way.insert(place, UnderWay { at, bytes, lets_pass });
    }

    /// When the next frame arrives.
    pub fn next(&self) -> Time {
        self.under_way.first().map_or(Time::NEVER, |frame| frame.at)
    }

    /// The next frame that has arrived.
    pub fn arrived(&mut self, now: Time) -> Option<Vec<u8>> {
        if self.next() <= now && !self.under_way.is_empty() { Some(self.under_way.remove(0).bytes) } else { None }
    }
}
