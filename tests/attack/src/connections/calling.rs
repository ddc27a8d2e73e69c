//! The calling end of all connections.

use oncilla::Client;
use oncilla::keys::Side;
use oncilla_test_support::faults::line::End;
use oncilla_test_support::faults::{Carried, Random};
use oncilla_test_support::frames::Sized;

use super::Peer;
use crate::attacker::Attacker;
use crate::calls::{Outcome as Call, make};
use crate::course::{Course, TIMEOUT};
use crate::ends::{self, Opening, Report};
use crate::suites::Started;

pub struct Host<S: Started> {
    attacker: Attacker,
    opens: Opening<S>,
    report: Report,
    random: Random,
}

impl<S: Started> Host<S> {
    pub fn new(course: &Course, attacker: Attacker) -> Self {
        let (opens, random) = (ends::opens(Side::Host, course.first_life()), Random::new(course.seed));
        Self { attacker, opens, report: Report::default(), random }
    }
}

impl<S: Started> Peer for Host<S> {
    fn talk<F: Sized + Carried>(&mut self, end: End<F>, until: u32) {
        let link = ends::link::<F, S, _, _>(self.attacker.before(end), &mut self.opens);
        let mut client = Client::new(link, self.report.calls.len() as u32);
        client.set_timeout(TIMEOUT);
        for serial in self.report.calls.len() as u32..until {
            let made = make(&mut client, serial, &mut self.random);
            self.report.add(made, false);
            if made.1 != Call::Right {
                break;
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
