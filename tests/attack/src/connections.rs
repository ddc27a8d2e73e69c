//! Connections, one after another: a message that does not verify ends one.

use oncilla::keys::Side;
use oncilla::{Client, LinkError, Received, Served, Time, Transport};

use crate::attack::Attacker;
use crate::calls::{Outcome as Call, make};
use crate::course::{Course, Outcome, TIMEOUT};
use crate::ends::{self, Accepting, Opening, Report};
use crate::faults::line::{End, both};
use crate::faults::{Carried, Random};
use crate::frames::{self, Sized};
use crate::service::{Cache, TABLE};
use crate::suites::Started;

/// Calls of one connection at most.
const CALLS: u64 = 20;

/// The calling end of all connections.
struct Host<S: Started> {
    attacker: Attacker,
    opens: Opening<S>,
    report: Report,
    random: Random,
}

/// The serving end of all connections.
struct Device<S: Started> {
    attacker: Attacker,
    accepts: Accepting<S>,
    cache: Cache,
    report: Report,
}

/// Opens connections until all calls are made. On some, the attacker plays one of the peers.
pub fn run<F: Sized + Carried, S: Started>(course: &Course) -> Outcome {
    let [attacker, other] = course.attackers::<F, S>();
    let (opens, random) = (ends::opens(Side::Host, course.first_life()), Random::new(course.seed));
    let mut host = Host::<S> { attacker, opens, report: Report::default(), random };
    let (accepts, report) = (ends::accepts(Side::Device, course.first_life()), Report::of(course));
    let mut device = Device::<S> { attacker: other, accepts, cache: Cache::new(), report };
    while host.made() < course.calls {
        let [a, b] = course.line().ends::<F>();
        host.attacker.new_line();
        device.attacker.new_line();
        let (attacks, made) = (host.attacks() + device.attacker.counts.all(), host.made());
        let until = (made + 1 + host.random.below(CALLS) as u32).min(course.calls);
        match host.random.below(10) {
            0 => {
                let played = device.attacker.played();
                both(a, b, |end| play(end, &played), |end| device.serve(end));
            }
            1 => {
                let played = host.attacker.played();
                both(a, b, |end| host.call(end, until), |end| play(end, &played));
            }
            _ => {
                both(a, b, |end| host.call(end, until), |end| device.serve(end));
                if host.attacks() + device.attacker.counts.all() == attacks {
                    host.expect_right(made);
                }
            }
        }
    }
    Outcome { reports: [host.report, device.report], attackers: [host.attacker, device.attacker] }
}

impl<S: Started> Host<S> {
    /// Returns the number of calls that were made.
    fn made(&self) -> u32 {
        self.report.calls.len() as u32
    }

    fn attacks(&self) -> u64 {
        self.attacker.counts.all()
    }

    /// Makes calls up to this number, or until the connection ends.
    fn call<F: Sized + Carried>(&mut self, end: End<F>, until: u32) {
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

    /// Counts the calls from `first` on, during which nobody attacked.
    fn expect_right(&mut self, first: u32) {
        for (_, outcome) in &self.report.calls[first as usize..] {
            self.report.clear += 1;
            self.report.hindered += u64::from(*outcome != Call::Right);
        }
    }
}

impl<S: Started> Device<S> {
    /// Serves one connection until it ends.
    fn serve<F: Sized + Carried>(&mut self, end: End<F>) {
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
}

/// Plays a peer: sends recorded messages, the first ones at once, and the next ones after each answer.
fn play<F: Sized + Carried>(mut end: End<F>, recorded: &[Vec<u8>]) {
    let mut bytes = [0; 4096];
    for message in recorded {
        if end.send(&frames::seal::<F>(message), Time::NEVER).is_err() {
            break;
        }
        let patience = end.now().after(core::time::Duration::from_millis(2));
        if !matches!(end.receive(&mut bytes, patience), Ok(Received::Bytes(_) | Received::TimeUp)) {
            break;
        }
    }
}
