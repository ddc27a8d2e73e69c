//! The ends of a line: one that calls, one that serves, and one that does both.

use core::time::Duration;
use std::mem::take;

use oncilla::{Client, Endpoint, Link, Replay, Served, Time, Transport};

use crate::calls::{Counted, Kind, Outcome};
use crate::course::Course;
use crate::faults::line::End;
use crate::faults::{Counts, Faulty, Random};
use crate::framings::Soaked;
use crate::service::{Ledger, SIZE, TABLE};

/// What one end has seen.
#[derive(Default)]
pub struct Report {
    /// By serial number.
    pub calls: Vec<(Kind, Outcome)>,
    /// Calls sent another time.
    pub sent_again: u64,
    /// Calls that took longer than their time-out.
    pub late: u64,
    /// What the other end had executed here.
    pub ledger: Ledger,
    /// What happened to what it sent.
    pub faults: Counts,
    /// Frames whose check value or length was wrong; of datagrams the system looks at that.
    pub refused: u32,
    /// Times that it began anew.
    pub restarts: u64,
    /// Whether calls went in the short form in the end.
    pub short: bool,
    /// Microseconds of the line's clock.
    pub time: u64,
}

type Wire<F> = Link<Faulty<End<F>>, Vec<u8>>;

fn link<F: Soaked>(end: End<F>, seed: u64, course: &Course) -> Wire<F> {
    let transport = Faulty::new(end, seed).sending(course.line.faults);
    F::link(transport, vec![0; F::buffer(SIZE)], vec![0; F::buffer(SIZE)], seed)
}

/// Calls, and serves while it waits, in between, and until the other end is done too.
pub fn endpoint<F: Soaked>(end: End<F>, seed: u64, course: &Course, replay: impl Replay) -> Report {
    let (link, mut report) = (link(end, seed, course), Report::default());
    let ledger = Ledger::of(course.calls);
    let mut peer = Endpoint::new(link, &TABLE, ledger, (seed as u32).rotate_left(16)).with_replay(replay);
    peer.set_timeout(course.line.timeout);
    peer.set_retry(course.line.retry);
    let mut random = Random::new(seed ^ 0x5eed);
    for serial in 0..course.calls {
        let begun = now(peer.link());
        let made = Counted::new(&mut peer).make(serial, &mut random);
        report.add(made, now(peer.link()).since(begun), course);
        if let Some(until) = pause(now(peer.link()), &mut random) {
            while peer.serve_next(until).unwrap() == Served::Message {}
        }
    }
    report.time = now(peer.link()).as_micros();
    peer.serve().unwrap();
    report.ledger = take(peer.state());
    report.look_at(peer.link());
    report
}

/// Calls, and serves nobody.
pub fn client<F: Soaked>(end: End<F>, seed: u64, course: &Course) -> Report {
    let (clock, mut report) = (end.clock(), Report::default());
    let mut client = Client::new(link(end, seed, course), seed as u32);
    client.set_timeout(course.line.timeout);
    client.set_retry(course.line.retry);
    let mut random = Random::new(seed ^ 0x5eed);
    for serial in 0..course.calls {
        let begun = now(client.link());
        let made = Counted::new(&mut client).make(serial, &mut random);
        let ended = now(client.link());
        report.add(made, ended.since(begun), course);
        if let Some(until) = pause(ended, &mut random) {
            clock.pass(until.since(ended).as_micros() as u64);
        }
    }
    report.time = now(client.link()).as_micros();
    report.look_at(client.link());
    report
}

/// Serves until the other end is gone.
pub fn server<F: Soaked>(end: End<F>, seed: u64, course: &Course, mut replay: impl Replay) -> Report {
    let (mut link, mut report) = (link(end, seed, course), Report::default());
    report.ledger = Ledger::of(course.calls);
    while link.serve_next_once(&mut replay, &TABLE, &mut report.ledger, Time::NEVER).unwrap() != Served::End {}
    report.look_at(&mut link);
    report
}

fn now<F: Soaked>(link: &mut Wire<F>) -> Time {
    link.transport().now()
}

/// Until when nothing is called, now and then.
pub fn pause(now: Time, random: &mut Random) -> Option<Time> {
    random.percent(30).then(|| now.after(Duration::from_micros(random.below(5_000))))
}

impl Report {
    pub fn add(&mut self, (kind, outcome, again): (Kind, Outcome, u64), took: Duration, course: &Course) {
        self.calls.push((kind, outcome));
        self.sent_again += again;
        self.late += u64::from(took > course.line.timeout);
    }

    fn look_at<F: Soaked>(&mut self, link: &mut Wire<F>) {
        self.faults = link.transport().sent();
        self.refused = link.framing().refused();
        self.short = F::is_short(link);
    }
}
