//! An end of all connections that calls and serves.

use std::mem::take;

use oncilla::keys::{self, Side};
use oncilla::{Endpoint, LinkError, Served, Time};
use oncilla_test_support::faults::line::End;
use oncilla_test_support::faults::{Carried, Random};
use oncilla_test_support::frames::Sized;

use super::Peer;
use crate::attacker::Attacker;
use crate::calls::{Outcome as Call, make};
use crate::course::{Course, TIMEOUT};
use crate::ends::{self, Accepting, Opening, Report};
use crate::service::{Cache, TABLE};
use crate::suites::Started;

pub struct Both<S: Started> {
    attacker: Attacker,
    opens: Opening<S>,
    accepts: Accepting<S>,
    cache: Cache,
    report: Report,
    random: Random,
}

impl<S: Started> Both<S> {
    pub fn host(course: &Course, attacker: Attacker) -> Self {
        Self::new(course, attacker, Side::Host)
    }

    pub fn device(course: &Course, attacker: Attacker) -> Self {
        Self::new(course, attacker, Side::Device)
    }

    fn new(course: &Course, attacker: Attacker, side: Side) -> Self {
        let life = course.first_life();
        Self {
            attacker,
            opens: ends::opens(side, life),
            accepts: ends::accepts(side, life),
            cache: Cache::new(),
            report: Report::of(course),
            random: Random::new(course.seed ^ side as u64),
        }
    }
}

impl<S: Started> Peer for Both<S> {
    fn talk<F: Sized + Carried>(&mut self, end: End<F>, until: u32) {
        let Self { attacker, opens, accepts, cache, report, random } = self;
        let clock = end.clock();
        let link = ends::link::<F, S, _, _>(attacker.before(end), keys::Both::new(opens, accepts));
        let first = report.calls.len() as u32;
        let mut peer = Endpoint::new(link, &TABLE, take(&mut report.ledger), first).with_replay(cache);
        peer.set_timeout(TIMEOUT);
        for serial in first..until {
            let made = make(&mut peer, serial, random);
            report.add(made, false);
            if made.1 != Call::Right {
                break;
            }
            ends::write(peer.link(), &mut report.written, random);
            let pause = Time::from_micros(clock.now() + random.below(5_000));
            while matches!(peer.serve_next(pause), Ok(Served::Message)) {}
        }
        match peer.serve() {
            Ok(()) | Err(LinkError::Unverified) => {}
            Err(error) => report.broken.push(error.to_string()),
        }
        report.ledger = take(peer.state());
    }

    fn parts(&mut self) -> (&mut Attacker, &mut Report) {
        (&mut self.attacker, &mut self.report)
    }

    fn into_parts(self) -> (Attacker, Report) {
        (self.attacker, self.report)
    }
}
