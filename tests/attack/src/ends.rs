//! The ends of a line: one that calls, one that serves, and one that does both.

use std::mem::take;

use oncilla::keys::{Accepts, Both, Ends, Key, Opens, Side, sealed_call_by, sealed_reply_by};
use oncilla::{Client, Endpoint, Keyed, Link, LinkError, Served, Time, Transport};

use crate::attacker::{Attacked, Attacker};
use crate::calls::{Outcome, RESTARTED, Sort, make};
use crate::course::{Course, RETRY, TIMEOUT};
use crate::service::{Cache, KEYS, Ledger, TABLE, work};
use crate::suites::Started;
use oncilla_test_support::faults::line::{Clock, End};
use oncilla_test_support::faults::{Carried, Random};
use oncilla_test_support::frames::Sized;

pub type Opening<S> = Opens<&'static Key, S>;
pub type Accepting<S> = Accepts<&'static [Key; 2], 2, S>;

/// Messages after which sessions are renewed, at most.
const RENEWED: u32 = 400;

/// What one end has done and received.
#[derive(Default)]
pub struct Report {
    /// By serial number.
    pub calls: Vec<(Sort, Outcome)>,
    /// Calls that did not succeed, although nobody delayed or dropped a message.
    pub hindered: u64,
    /// Calls during which nobody delayed or dropped a message.
    pub clear: u64,
    pub ledger: Ledger,
    /// Texts and logs that were sent.
    pub written: u32,
    pub restarts: u64,
    /// The errors that ended a link. There should be none.
    pub broken: Vec<String>,
}

impl Report {
    pub fn of(course: &Course) -> Self {
        Self { ledger: Ledger::of(course.calls), ..Self::default() }
    }

    pub fn add(&mut self, made: (Sort, Outcome), clear: bool) {
        self.clear += u64::from(clear);
        self.hindered += u64::from(clear && made.1 != Outcome::Right && made.1 != Outcome::Failed(RESTARTED));
        self.calls.push(made);
    }
}

pub fn opens<S: Started>(side: Side, life: u32) -> Opening<S> {
    // Another number in each life.
    let renewed = 20 + life.wrapping_mul(0x9e37_79b9) % RENEWED;
    Opens::new(side, &KEYS[0], S::start(side, life), S::boot(life)).renew_after(renewed)
}

pub fn accepts<S: Started>(side: Side, life: u32) -> Accepting<S> {
    Accepts::new(side, &KEYS, S::start(side, life), S::boot(life))
}

/// Creates a link with buffers for both roles.
pub fn link<F: Sized, S: Started, T, E>(transport: T, ends: E) -> Link<Keyed<T, E>, Vec<u8>>
where
    T: Transport<Framing = F>,
    E: Ends,
{
    let size = sealed_call_by::<S>(work::CALL_MAX).max(sealed_reply_by::<S>(work::REPLY_MAX));
    Link::with_keys(transport, vec![0; F::buffer(size)], vec![0; F::buffer(size)], ends)
}

/// Sends text or a log under the key, which carries its number. Without a session it sends nothing.
pub fn write<T: Transport, E: Ends>(link: &mut Link<Keyed<T, E>, Vec<u8>>, number: &mut u32, random: &mut Random) {
    if !random.percent(15) {
        return;
    }
    let sent = if random.percent(50) {
        link.print(&format!("text {number}"), Time::NEVER)
    } else {
        link.log(&number.to_be_bytes(), Time::NEVER)
    };
    match sent {
        Ok(()) => *number += 1,
        Err(LinkError::NoSession) => {}
        Err(_) => unreachable!("lines and buffers take all that is sent"),
    }
}

/// Calls. In each of its lives it makes some dozen calls, with the same xids.
pub fn client<F: Sized + Carried, S: Started>(end: End<F>, attacker: &mut Attacker, course: &Course) -> Report {
    let (clock, mut report, mut random) = (end.clock(), Report::default(), Random::new(course.seed));
    let phases = attacker.phases;
    let mut line = attacker.before(end);
    let mut serial = 0;
    for life in course.first_life().. {
        let mut client = Client::new(link::<F, S, _, _>(&mut line, opens::<S>(Side::Host, life)), 1);
        client.set_timeout(TIMEOUT);
        client.set_retry(RETRY);
        let until = course.calls.min(serial + 1 + random.below(300) as u32);
        while serial < until {
            let begun = Time::from_micros(clock.now());
            let made = make(&mut client, serial, &mut random);
            report.add(made, phases.is_clear(begun, Time::from_micros(clock.now())));
            serial += 1;
            rest(&clock, &mut random);
        }
        if serial == course.calls {
            break;
        }
        report.restarts += 1;
    }
    report
}

/// Lets time pass without a call, now and then, so that texts and late messages arrive.
fn rest(clock: &Clock, random: &mut Random) {
    if random.percent(20) {
        clock.pass(random.below(20_000));
    }
}

/// Serves some dozens or hundreds of messages in each life, until the other end is gone.
pub fn server<F: Sized + Carried, S: Started>(end: End<F>, attacker: &mut Attacker, course: &Course) -> Report {
    let (mut report, mut random) = (Report::of(course), Random::new(course.seed ^ 0x5eed));
    let mut line: Attacked<'_, End<F>> = attacker.before(end);
    let mut ledger = take(&mut report.ledger);
    for life in course.first_life().. {
        let mut link = link::<F, S, _, _>(&mut line, accepts::<S>(Side::Device, life));
        let (mut replay, mut left) = (Cache::new(), 20 + random.below(800));
        let ended = loop {
            match link.serve_next_once(&mut replay, &TABLE, &mut ledger, Time::NEVER) {
                Ok(Served::End) => break true,
                Ok(_) if left == 0 => break false,
                Ok(_) => left -= 1,
                Err(error) => report.broken.push(error.to_string()),
            }
            write(&mut link, &mut report.written, &mut random);
        };
        if ended {
            break;
        }
        report.restarts += 1;
    }
    report.ledger = ledger;
    report
}

/// Calls and serves.
pub fn endpoint<F: Sized + Carried, S: Started>(
    end: End<F>,
    attacker: &mut Attacker,
    course: &Course,
    side: Side,
) -> Report {
    let clock = end.clock();
    let (mut report, mut random) = (Report::of(course), Random::new(course.seed ^ side as u64));
    let phases = attacker.phases;
    let mut line = attacker.before(end);
    let (mut serial, mut ledger) = (0, take(&mut report.ledger));
    for life in course.first_life().. {
        let ends = Both::new(opens::<S>(side, life), accepts::<S>(side, life));
        let link = link::<F, S, _, _>(&mut line, ends);
        let mut peer = Endpoint::new(link, &TABLE, ledger, 1).with_replay(Cache::new());
        peer.set_timeout(TIMEOUT);
        peer.set_retry(RETRY);
        let until = course.calls.min(serial + 1 + random.below(300) as u32);
        while serial < until {
            let begun = Time::from_micros(clock.now());
            let made = make(&mut peer, serial, &mut random);
            let ended = clock.now();
            report.add(made, phases.is_clear(begun, Time::from_micros(ended)));
            serial += 1;
            write(peer.link(), &mut report.written, &mut random);
            let pause = Time::from_micros(ended + random.below(5_000));
            while peer.serve_next(pause).unwrap() == Served::Message {}
        }
        if serial == course.calls {
            peer.serve().unwrap();
            report.ledger = take(peer.state());
            return report;
        }
        ledger = take(peer.state());
        report.restarts += 1;
    }
    report
}
