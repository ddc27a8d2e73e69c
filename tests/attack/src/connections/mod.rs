//! Connections, one after another: a message that does not verify ends one.

mod calling;
mod endpoint;
mod serving;

use oncilla::{Received, Time, Transport};
use oncilla_test_support::faults::line::{End, both};
use oncilla_test_support::faults::{Carried, Random};
use oncilla_test_support::frames::{self, Sized};

use crate::attacker::Attacker;
use crate::calls::Outcome as Call;
use crate::course::{Course, Outcome};
use crate::ends::Report;
use crate::suites::Started;
use calling::Host;
use endpoint::Both;
use serving::Device;

/// Calls of one connection and end at most.
const CALLS: u64 = 20;

/// One end of all connections.
trait Peer: Send {
    /// Makes calls up to this number, if it makes calls, until the connection ends.
    fn talk<F: Sized + Carried>(&mut self, end: End<F>, until: u32);

    fn parts(&mut self) -> (&mut Attacker, &mut Report);

    fn into_parts(self) -> (Attacker, Report);

    /// Returns the number of calls that were made.
    fn made(&mut self) -> u32 {
        self.parts().1.calls.len() as u32
    }

    fn attacks(&mut self) -> u64 {
        self.parts().0.counts.all()
    }

    /// Counts the calls from `first` on, during which nobody attacked.
    fn expect_right(&mut self, first: u32) {
        let (_, report) = self.parts();
        for (_, outcome) in &report.calls[first as usize..] {
            report.clear += 1;
            report.hindered += u64::from(*outcome != Call::Right);
        }
    }
}

/// A client, which is the host, and a server, the device.
pub fn client_and_server<F: Sized + Carried, S: Started>(course: &Course) -> Outcome {
    let [before_host, before_device] = course.attackers::<F, S>();
    run::<F>(course, Host::<S>::new(course, before_host), Device::<S>::new(course, before_device))
}

/// Two ends that both call.
pub fn endpoints<F: Sized + Carried, S: Started>(course: &Course) -> Outcome {
    let [before_host, before_device] = course.attackers::<F, S>();
    run::<F>(course, Both::<S>::host(course, before_host), Both::<S>::device(course, before_device))
}

/// Opens connections until the first peer has made all calls. On some, the attacker plays one of the peers.
fn run<F: Sized + Carried>(course: &Course, mut a: impl Peer, mut b: impl Peer) -> Outcome {
    let mut random = Random::new(course.seed);
    while a.made() < course.calls {
        let [a_end, b_end] = course.line().ends::<F>();
        a.parts().0.new_line();
        b.parts().0.new_line();
        let (attacks, made) = (a.attacks() + b.attacks(), [a.made(), b.made()]);
        let more = 1 + random.below(CALLS) as u32;
        let until = made.map(|made| course.calls.min(made + more));
        match random.below(10) {
            0 => {
                let played = b.parts().0.played();
                both(a_end, b_end, |end| play(end, &played), |end| b.talk(end, until[1]));
            }
            1 => {
                let played = a.parts().0.played();
                both(a_end, b_end, |end| a.talk(end, until[0]), |end| play(end, &played));
            }
            _ => {
                both(a_end, b_end, |end| a.talk(end, until[0]), |end| b.talk(end, until[1]));
                if a.attacks() + b.attacks() == attacks {
                    a.expect_right(made[0]);
                    b.expect_right(made[1]);
                }
            }
        }
    }
    let ((a_attacker, a), (b_attacker, b)) = (a.into_parts(), b.into_parts());
    Outcome { reports: [a, b], attackers: [a_attacker, b_attacker] }
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
