//! The lines on which the peers are attacked.

use core::time::Duration;

use oncilla::Retry;
use oncilla::framing::{Cobs, Datagram, Record, RecordAhead};
use oncilla::keys::{ForwardSecret, Light, Side};

use crate::attacker::{Attacker, Phases};
use crate::connections;
use crate::ends::{self, Report};
use crate::figures::Figures;
use crate::forger::Keyholder;
use crate::service::LOOT;
use crate::suites::{Started, carrier};
use oncilla_test_support::faults::line::{self, both};
use oncilla_test_support::faults::{Carried, Random};
use oncilla_test_support::frames::Sized;

/// A line and its peers.
pub struct Line {
    pub name: &'static str,
    /// Its share of the attacks, in thousandths.
    pub share: u64,
    pub run: fn(&Course) -> Outcome,
}

/// What the two ends and the attackers before them report.
pub struct Outcome {
    pub reports: [Report; 2],
    pub attackers: [Attacker; 2],
}

/// Calls of one course at most, of each end that calls.
pub const CALLS: u32 = 1_000;

pub const TIMEOUT: Duration = Duration::from_millis(400);
pub const RETRY: Retry = Retry::doubling(Duration::from_millis(20));

/// All of them.
pub static LINES: [Line; 12] = [
    Line { name: "COBS, client and server", share: 200, run: client_and_server::<Cobs, Light> },
    Line { name: "COBS, two endpoints", share: 250, run: endpoints::<Cobs, Light> },
    Line { name: "datagrams, client and server", share: 200, run: client_and_server::<Datagram, Light> },
    Line { name: "datagrams, two endpoints", share: 200, run: endpoints::<Datagram, Light> },
    Line { name: "records, client and server", share: 1, run: connections::client_and_server::<Record, Light> },
    Line { name: "records read ahead", share: 1, run: connections::client_and_server::<RecordAhead, Light> },
    Line { name: "COBS, forward secret", share: 50, run: client_and_server::<Cobs, ForwardSecret> },
    Line { name: "COBS, endpoints, forward secret", share: 50, run: endpoints::<Cobs, ForwardSecret> },
    Line { name: "datagrams, forward secret", share: 45, run: client_and_server::<Datagram, ForwardSecret> },
    Line { name: "records, forward secret", share: 1, run: connections::client_and_server::<Record, ForwardSecret> },
    Line { name: "records, two endpoints", share: 1, run: connections::endpoints::<Record, Light> },
    Line {
        name: "records, endpoints, forward secret",
        share: 1,
        run: connections::endpoints::<RecordAhead, ForwardSecret>,
    },
];

/// Some of the calls on a line. Its ends begin anew.
pub struct Course {
    pub line: &'static Line,
    pub seed: u64,
    /// Of each end that calls.
    pub calls: u32,
    /// Messages of other lines under the same key.
    pub foreign: Vec<Vec<u8>>,
}

impl Course {
    /// Runs it. Returns what was attacked, and some messages for the attackers of other lines.
    pub fn run(&self) -> (Figures, Vec<Vec<u8>>) {
        let Outcome { reports: [a, b], attackers } = (self.line.run)(self);
        let foreign = attackers.iter().flat_map(|attacker| attacker.came.all().iter().step_by(7).cloned()).collect();
        (Figures::of([&a, &b], &attackers), foreign)
    }

    /// The attackers before both ends: `side` opens the sessions that the first end accepts.
    pub fn attackers<F: Carried, S: Started>(&self) -> [Attacker; 2] {
        let mut random = Random::new(self.seed);
        [Side::Device, Side::Host].map(|opener| {
            let mut attacker = Attacker::new(random.next(), Phases::ALL, S::OPEN);
            attacker.forger = Some(Box::new(Keyholder::<S>::new(LOOT, carrier::<F>(), opener)));
            attacker.foreign = self.foreign.clone();
            attacker
        })
    }

    /// Returns the number of the first life of each end: no other line has the same, so that no start repeats.
    pub fn first_life(&self) -> u32 {
        let place = LINES.iter().position(|line| line.name == self.line.name).unwrap_or(LINES.len());
        1 + ((place as u32) << 20)
    }

    pub fn line(&self) -> line::Line {
        line::Line { seed: self.seed, ..line::Line::QUICK }
    }
}

/// A client, which is the host, and a server, the device. Both restart.
pub fn client_and_server<F: Sized + Carried, S: Started>(course: &Course) -> Outcome {
    let ([a, b], [mut c, mut d]) = (course.line().ends::<F>(), course.attackers::<F, S>());
    let (c_end, d_end) = (&mut c, &mut d);
    let client = |end| ends::client::<F, S>(end, c_end, course);
    let (a, b) = both(a, b, client, |end| ends::server::<F, S>(end, d_end, course));
    Outcome { reports: [a, b], attackers: [c, d] }
}

/// Two ends that both call. Both restart.
pub fn endpoints<F: Sized + Carried, S: Started>(course: &Course) -> Outcome {
    let ([a, b], [mut c, mut d]) = (course.line().ends::<F>(), course.attackers::<F, S>());
    let (c_end, d_end) = (&mut c, &mut d);
    let host = |end| ends::endpoint::<F, S>(end, c_end, course, Side::Host);
    let (a, b) = both(a, b, host, |end| ends::endpoint::<F, S>(end, d_end, course, Side::Device));
    Outcome { reports: [a, b], attackers: [c, d] }
}
