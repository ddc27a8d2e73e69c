//! TCP segments in their order.

use std::collections::{BTreeMap, HashMap};

use super::packet::{Ends, Segment};
use super::records::{Records, Take};

/// The largest number of directions of connections.
const FLOWS_MAX: usize = 2048;
/// The largest number of bytes that are kept for all of them.
const BYTES_MAX: usize = 128 << 20;
/// The largest number of waiting segments in one direction, and of their bytes.
const AHEAD_MAX: usize = 1024;
const AHEAD_BYTES_MAX: usize = 4 << 20;
/// A sequence number that is farther away belongs to another connection with the same ports.
const FAR: u32 = 1 << 27;

/// All connections.
#[derive(Debug)]
pub struct Streams {
    largest: usize,
    flows: HashMap<Ends, Flow>,
    /// The bytes that are kept.
    bytes: usize,
    /// Counts segments, to find the flow that was used least recently.
    now: u64,
}

/// One direction of a connection.
#[derive(Debug)]
struct Flow {
    /// The sequence number of the next byte.
    next: u32,
    /// The same as a position that does not wrap around.
    position: u64,
    /// Segments after a gap, by their positions.
    ahead: BTreeMap<u64, Vec<u8>>,
    ahead_bytes: usize,
    records: Records,
    last: u64,
}

impl Streams {
    /// `largest` is the size of the largest message that is kept whole.
    pub fn new(largest: usize) -> Self {
        Self { largest, flows: HashMap::new(), bytes: 0, now: 0 }
    }

    /// Takes a segment. `take` receives the messages that it completes, with their ends.
    pub fn push(&mut self, segment: &Segment<'_>, take: &mut dyn FnMut(Ends, Vec<u8>, usize)) {
        let ends = segment.ends;
        let back = Ends { from: ends.to, to: ends.from };
        self.now += 1;
        if segment.syn || segment.rst {
            self.forget(ends);
        }
        if segment.rst {
            self.forget(back);
            return;
        }
        // Bytes that the receiver has and the capture lacks are lost.
        if let Some(acknowledged) = segment.acknowledged {
            self.with(back, |flow| {
                flow.acknowledge(acknowledged, &mut |message, missing| take(back, message, missing))
            });
        }
        if !segment.syn && segment.bytes.is_empty() && !segment.fin {
            return;
        }
        let is_new = !self.flows.contains_key(&ends);
        if is_new {
            self.make_room();
            let next = if segment.syn { segment.sequence.wrapping_add(1) } else { segment.sequence };
            let records = Records::new(self.largest, segment.syn);
            // Far from 0, so that positions before it exist.
            let flow =
                Flow { next, position: 1 << 40, ahead: BTreeMap::new(), ahead_bytes: 0, records, last: self.now };
            self.flows.insert(ends, flow);
        }
        let (now, largest) = (self.now, self.largest);
        let first = if segment.syn { segment.sequence.wrapping_add(1) } else { segment.sequence };
        self.with(ends, |flow| {
            flow.last = now;
            flow.add(first, segment.bytes, largest, &mut |message, missing| take(ends, message, missing));
        });
        let end = first.wrapping_add(segment.bytes.len() as u32);
        if segment.fin && self.flows.get(&ends).is_some_and(|flow| flow.next == end) {
            self.forget(ends);
        }
    }

    /// Completes what still waits for lost segments.
    pub fn finish(&mut self, take: &mut dyn FnMut(Ends, Vec<u8>, usize)) {
        let all: Vec<_> = self.flows.keys().copied().collect();
        for ends in all {
            self.with(ends, |flow| {
                while !flow.ahead.is_empty() {
                    flow.jump(&mut |message, missing| take(ends, message, missing));
                }
            });
        }
    }

    /// Changes a flow, and counts the bytes that it keeps.
    fn with(&mut self, ends: Ends, change: impl FnOnce(&mut Flow)) {
        if let Some(flow) = self.flows.get_mut(&ends) {
            let before = flow.size();
            change(flow);
            self.bytes = (self.bytes + flow.size()).saturating_sub(before);
        }
    }

    fn forget(&mut self, ends: Ends) {
        if let Some(flow) = self.flows.remove(&ends) {
            self.bytes = self.bytes.saturating_sub(flow.size());
        }
    }

    /// Forgets the flows that were used least recently, until there is room for one more.
    fn make_room(&mut self) {
        while self.flows.len() >= FLOWS_MAX || self.bytes > BYTES_MAX {
            let oldest = self.flows.iter().min_by_key(|(_, flow)| flow.last).map(|(ends, _)| *ends);
            let Some(oldest) = oldest else { return };
            self.forget(oldest);
        }
    }
}

impl Flow {
    fn size(&self) -> usize {
        self.ahead_bytes + self.records.size()
    }

    fn add(&mut self, sequence: u32, bytes: &[u8], largest: usize, take: &mut Take<'_>) {
        let distance = sequence.wrapping_sub(self.next).cast_signed();
        if distance.unsigned_abs() > FAR {
            self.ahead.clear();
            self.ahead_bytes = 0;
            self.records = Records::new(largest, false);
            self.next = sequence;
            return self.deliver(bytes, take);
        }
        let start = self.position.wrapping_add_signed(distance.into());
        match u64::checked_sub(start, self.position) {
            Some(0) => self.deliver(bytes, take),
            Some(_) if !bytes.is_empty() => self.keep(start, bytes, take),
            Some(_) => {}
            // Sent again: only what is new.
            None => {
                let known = usize::try_from(self.position - start).unwrap_or(usize::MAX);
                self.deliver(bytes.get(known..).unwrap_or_default(), take);
            }
        }
    }

    /// Keeps a segment that is ahead of a gap.
    fn keep(&mut self, start: u64, bytes: &[u8], take: &mut Take<'_>) {
        let known = self.ahead.get(&start).map_or(0, Vec::len);
        if bytes.len() > known {
            self.ahead.insert(start, bytes.to_vec());
            self.ahead_bytes += bytes.len() - known;
        }
        while self.ahead.len() > AHEAD_MAX || self.ahead_bytes > AHEAD_BYTES_MAX {
            self.jump(take);
        }
    }

    /// Delivers the next bytes, and the segments that follow them without a gap.
    fn deliver(&mut self, bytes: &[u8], take: &mut Take<'_>) {
        self.advance(bytes.len());
        if !bytes.is_empty() {
            self.records.push(bytes, take);
        }
        while let Some(entry) = self.ahead.first_entry()
            && *entry.key() <= self.position
        {
            let (start, bytes) = entry.remove_entry();
            self.ahead_bytes -= bytes.len();
            let known = usize::try_from(self.position - start).unwrap_or(usize::MAX);
            let new = bytes.get(known..).unwrap_or_default();
            self.advance(new.len());
            if !new.is_empty() {
                self.records.push(new, take);
            }
        }
    }

    fn advance(&mut self, count: usize) {
        // A segment has fewer bytes, and a jump stays within `FAR`.
        self.next = self.next.wrapping_add(count as u32);
        self.position += count as u64;
    }

    /// Skips the bytes before the first segment that waits.
    fn jump(&mut self, take: &mut Take<'_>) {
        let Some((&start, _)) = self.ahead.first_key_value() else { return };
        let gap = usize::try_from(start.saturating_sub(self.position)).unwrap_or(usize::MAX);
        self.advance(gap);
        self.records.skip(gap, take);
        self.deliver(&[], take);
    }

    /// Skips bytes that the receiver has acknowledged: they will not be sent again.
    fn acknowledge(&mut self, acknowledged: u32, take: &mut Take<'_>) {
        let distance = acknowledged.wrapping_sub(self.next).cast_signed();
        if distance <= 0 || distance.unsigned_abs() > FAR {
            return;
        }
        let end = self.position + u64::from(distance.unsigned_abs());
        while self.ahead.first_key_value().is_some_and(|(&start, _)| start < end) {
            self.jump(take);
        }
    }
}
