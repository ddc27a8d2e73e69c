//! The serving end of all connections.

use oncilla::keys::Side;
use oncilla::{LinkError, Served, Time};
use oncilla_test_support::faults::line::End;
use oncilla_test_support::faults::{Carried, Random};
use oncilla_test_support::frames::Sized;

use super::Peer;
use crate::attacker::Attacker;
use crate::course::Course;
use crate::ends::{self, Accepting, Report};
use crate::service::{Cache, TABLE};
use crate::suites::Started;

pub struct Device<S: Started> {
    attacker: Attacker,
    accepts: Accepting<S>,
    cache: Cache,
    report: Report,
}

impl<S: Started> Device<S> {
    pub fn new(course: &Course, attacker: Attacker) -> Self {
        let accepts = ends::accepts(Side::Device, course.first_life());
        Self { attacker, accepts, cache: Cache::new(), report: Report::of(course) }
    }
}

impl<S: Started> Peer for Device<S> {
    fn talk<F: Sized + Carried>(&mut self, end: End<F>, _: u32) {
        let mut random = Random::new(self.attacker.counts.all());
        let mut link = ends::link::<F, S, _, _>(self.attacker.before(end), &mut self.accepts);
        loop {
            match link.serve_next_once(&mut self.cache, &TABLE, &mut self.report.ledger, Time::NEVER) {
                Ok(Served::End) | Err(LinkError::Unverified) => break,
                Ok(_) => ends::write(&mut link, &mut self.report.written, &mut random),
                Err(error) => {
                    self.report.broken.push(error.to_string());
                    break;
                }
            }
        }
    }

    fn parts(&mut self) -> (&mut Attacker, &mut Report) {
        (&mut self.attacker, &mut self.report)
    }

    fn into_parts(self) -> (Attacker, Report) {
        (self.attacker, self.report)
    }
}
