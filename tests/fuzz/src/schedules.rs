//! What two endpoints do at the same time, and what happens to the frames between them.

use oncilla::framing::{Cobs, Datagram};

use crate::follow::check;
use crate::model::{Fate, Kind, Plan, Step};

/// No more than this, and so no more calls than a replay cache of the ends has slots.
const STEPS: usize = 16;

/// The first so many frames of an end have a fate of their own.
const FATES: usize = 64;

/// Both ends have the course of the model, whatever the schedule.
///
/// Four bytes decide about the framing and the ends as a whole. Then each three are a thing that an end does, or the
/// fate of a frame that it sends; the order matters among those of one end only.
pub fn endpoint(data: &[u8]) {
    let Some(([options, pauses @ .., xids], items)) = data.split_first_chunk::<4>() else { return };
    let plan = |side: u8| Plan {
        steps: Vec::new(),
        fates: Vec::new(),
        first_xid: xid(xids >> (4 * side) & 0x0f),
        // `Retry::PAUSE_MIN`, below which an end keeps no pause.
        pause: micros(pauses[usize::from(side)]).max(1_000),
        doubling: options >> (1 + side) & 1 == 1,
    };
    let mut plans = [plan(0), plan(1)];
    for &[what, first, second] in items.as_chunks().0 {
        plans[usize::from(what >> 7)].add(what & 0x0f, first, second);
    }
    if options & 1 == 0 { check::<Cobs>(&plans) } else { check::<Datagram>(&plans) }
}

impl Plan {
    fn add(&mut self, what: u8, first: u8, second: u8) {
        let call = |kind| Step::Call(kind, first.into(), micros(second));
        let step = match what {
            0..4 => call(Kind::Add),
            4 => call(Kind::Double),
            5 => call(Kind::Note),
            6 => Step::Serve(micros(first)),
            7 => Step::Work(micros(first)),
            _ => return self.add_fate(what, first, second),
        };
        if self.steps.len() < STEPS {
            self.steps.push(step);
        }
    }

    fn add_fate(&mut self, what: u8, first: u8, second: u8) {
        let fate = match what {
            8 => Fate::Late(0),
            9..11 => Fate::Lost,
            11 => Fate::Damaged,
            12..14 => Fate::Late(micros(first)),
            _ => Fate::Twice(micros(first), micros(second)),
        };
        if self.fates.len() < FATES {
            self.fates.push(fate);
        }
    }
}

/// Half of all are whole milliseconds, so that things are likely to happen at the same moment.
fn micros(byte: u8) -> u64 {
    let byte = u64::from(byte);
    if byte < 128 { 1_000 * byte } else { 1 + 433 * (byte - 128) }
}

/// The two ends may well use the same numbers, and numbers begin anew.
fn xid(choice: u8) -> u32 {
    match choice {
        0 => u32::MAX - 2,
        other => u32::from(other - 1) * 0x1111_1111,
    }
}

/// The other end's things.
const B: u8 = 0x80;
const ADD: u8 = 0;
const DOUBLE: u8 = 4;
const NOTE: u8 = 5;
const SERVE: u8 = 6;
const WORK: u8 = 7;
const IN_TIME: u8 = 8;
const LOST: u8 = 9;
const DAMAGED: u8 = 11;
const LATE: u8 = 12;
const TWICE: u8 = 14;

/// Schedules to begin with, each on both framings.
pub fn seeds() -> Vec<Vec<u8>> {
    let schedules: [&[[u8; 3]]; 8] = [
        // Both call at the same moment, and again.
        &[[ADD, 1, 50], [B | ADD, 2, 50], [DOUBLE, 3, 50], [B | DOUBLE, 4, 50]],
        // The call is lost, then its reply; it is executed once.
        &[[ADD, 1, 100], [LOST, 0, 0], [B | LOST, 0, 0], [B | IN_TIME, 0, 0]],
        // Replies come after the time-out, to the next call.
        &[[ADD, 1, 5], [ADD, 2, 50], [B | LATE, 6, 0], [B | WORK, 3, 0]],
        // A repetition comes while the next call waits.
        &[[ADD, 1, 50], [TWICE, 0, 20], [ADD, 2, 50], [B | TWICE, 3, 9], [B | ADD, 5, 50], [B | DAMAGED, 0, 0]],
        // One-way calls both ways, one of them overtaken.
        &[[NOTE, 1, 0], [NOTE, 2, 0], [LATE, 130, 0], [B | NOTE, 3, 0], [B | SERVE, 20, 0], [B | ADD, 4, 30]],
        // One end is busy while the other calls, and then both wait for each other.
        &[[ADD, 1, 90], [ADD, 2, 90], [B | WORK, 30, 0], [B | ADD, 3, 90], [WORK, 200, 0], [B | ADD, 4, 1]],
        // What takes longer than the call's pause and the server's patience is called again and again.
        &[[DOUBLE, 34, 30], [IN_TIME, 0, 0], [DAMAGED, 0, 0], [B | SERVE, 1, 0], [B | ADD, 0, 0], [B | DOUBLE, 60, 9]],
        // Nothing gets through.
        &[
            [ADD, 1, 40],
            [LOST, 0, 0],
            [LOST, 0, 0],
            [LOST, 0, 0],
            [B | ADD, 1, 40],
            [B | LOST, 0, 0],
            [B | DAMAGED, 0, 0],
        ],
    ];
    let heads = [[0, 10, 10, 0x00], [1, 10, 10, 0x11], [6, 7, 140, 0x02], [3, 3, 20, 0x10]];
    let seed = |head: &[u8; 4], schedule: &&[[u8; 3]]| [head, schedule.as_flattened()].concat();
    heads.iter().flat_map(|head| schedules.iter().map(|schedule| seed(head, schedule))).collect()
}
