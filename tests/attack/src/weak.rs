//! Suites with one defence switched off: the attacker must find each of them.

use oncilla::framing::{Cobs, Datagram};
use oncilla::keys::{
    About, Accepted, Agreed, Carrier, Direction, KeyId, Label, Light, LightKeys, LightOpening, Seat, Side, Suite, TAG,
};

use crate::attacker::Attacker;
use crate::course::{self, Course, Line, Outcome};
use crate::figures::Figures;
use crate::service::KEYS;
use crate::suites::Started;

/// No tag is verified, and nothing is encrypted.
const TAGS: u8 = 0;
/// Messages do not depend on their counter.
const COUNTERS: u8 = 1;
/// Both directions have one key.
const DIRECTIONS: u8 = 2;
/// The label does not contain the side that opens.
const SIDES: u8 = 3;
/// CHALLENGEs do not depend on the number of sessions that were accepted.
const ACCEPTED: u8 = 4;
/// Ends have the same start and boot number in each life.
const STARTS: u8 = 5;
/// The secret of a key has no effect.
const SECRETS: u8 = 6;
/// All HELLOs of one start are alike.
const NAMES: u8 = 7;

/// [`Light`] without one of its defences.
struct Weak<const WITHOUT: u8>;

impl<const WITHOUT: u8> Weak<WITHOUT> {
    /// Calls `run` with what the peers have agreed on, as far as this suite looks at it.
    fn agreed<R>(agreed: Agreed<'_>, run: impl FnOnce(Agreed<'_>) -> R) -> R {
        let label = Label::new(Light::ID, Carrier::Serial, Side::Host);
        let label = if WITHOUT == SIDES { &label } else { agreed.label };
        let key = if WITHOUT == SECRETS { &KEYS[0] } else { agreed.key };
        run(Agreed { label, key })
    }

    const fn seat(seat: Seat) -> Seat {
        // The place alternates with the number.
        if WITHOUT == ACCEPTED { Seat { accepted: 0, place: seat.place & 0x1f, ..seat } } else { seat }
    }

    const fn number(n: u32) -> u32 {
        if WITHOUT == NAMES { 0 } else { n }
    }

    const fn counter(counter: u32) -> u32 {
        if WITHOUT == COUNTERS { 0 } else { counter }
    }

    const fn direction(direction: Direction) -> Direction {
        if WITHOUT == DIRECTIONS { Direction::FromOpener } else { direction }
    }
}

impl<const WITHOUT: u8> Suite for Weak<WITHOUT> {
    const ID: u8 = Light::ID;

    type Start = [u8; 16];
    type Keys = LightKeys;
    type Opening = LightOpening;
    type Name = [u8; 16];

    const HELLO: usize = Light::HELLO;
    const CHALLENGE: usize = Light::CHALLENGE;
    const OPEN: usize = Light::OPEN;

    fn hello(agreed: Agreed<'_>, start: &[u8; 16], n: u32, about: About, room: &mut [u8]) -> Option<()> {
        Self::agreed(agreed, |agreed| Light::hello(agreed, start, Self::number(n), about, room))
    }

    fn named(message: &[u8]) -> Option<(KeyId, &[u8; 16])> {
        Light::named(message)
    }

    fn challenge(agreed: Agreed<'_>, start: &mut [u8; 16], seat: Seat, hello: &[u8], room: &mut [u8]) -> Option<()> {
        Self::agreed(agreed, |agreed| Light::challenge(agreed, start, Self::seat(seat), hello, room))
    }

    fn accept(agreed: Agreed<'_>, start: &[u8; 16], n: u32, about: About, challenge: &[u8]) -> Option<Accepted<Self>> {
        let accepted = Self::agreed(agreed, |agreed| Light::accept(agreed, start, Self::number(n), about, challenge))?;
        let Accepted { place, about, keys, opening } = accepted;
        Some(Accepted { place, about, keys, opening })
    }

    fn complete(opening: &LightOpening, message: &mut [u8]) -> Option<()> {
        Light::complete(opening, message)
    }

    fn admit(
        agreed: Agreed<'_>,
        start: &mut [u8; 16],
        seat: Seat,
        open: &[u8],
        room: &mut [u8],
        keys: &mut LightKeys,
    ) -> Option<About> {
        Self::agreed(agreed, |agreed| Light::admit(agreed, start, Self::seat(seat), open, room, keys))
    }

    fn seal(keys: &LightKeys, direction: Direction, counter: u32, room: &mut [u8], content: usize) -> Option<usize> {
        if WITHOUT == TAGS {
            return room.get(..content + TAG).map(<[u8]>::len);
        }
        Light::seal(keys, Self::direction(direction), Self::counter(counter), room, content)
    }

    fn open(keys: &LightKeys, direction: Direction, counter: u32, sealed: &mut [u8]) -> Option<usize> {
        if WITHOUT == TAGS {
            return sealed.len().checked_sub(TAG);
        }
        Light::open(keys, Self::direction(direction), Self::counter(counter), sealed)
    }
}

impl<const WITHOUT: u8> Started for Weak<WITHOUT> {
    fn start(side: Side, life: u32) -> [u8; 16] {
        <Light as Started>::start(side, if WITHOUT == STARTS { 0 } else { life })
    }

    fn boot(life: u32) -> u32 {
        if WITHOUT == STARTS { 0 } else { life }
    }
}

/// Attacks endpoints and a server, on lines and datagrams.
fn attacked<S: Started>() -> Figures {
    let runs: [fn(&Course) -> Outcome; 3] =
        [course::endpoints::<Cobs, S>, course::client_and_server::<Cobs, S>, course::client_and_server::<Datagram, S>];
    static LINE: Line = Line { name: "a weak suite", share: 0, run: course::endpoints::<Cobs, Light> };
    let mut figures = Figures::default();
    for (seed, run) in (1..).zip(runs) {
        let Outcome { reports: [a, b], attackers } =
            run(&Course { line: &LINE, seed, calls: 800, foreign: Vec::new() });
        let attackers: [Attacker; 2] = attackers;
        figures += &Figures::of([&a, &b], &attackers);
    }
    figures
}

/// Returns the problems that the attacker causes.
fn problems<const WITHOUT: u8>() -> Vec<String> {
    attacked::<Weak<WITHOUT>>().problems()
}

fn has(problems: &[String], what: &str) -> bool {
    problems.iter().any(|problem| problem.contains(what))
}

#[test]
fn every_defence_is_there_in_the_suite_itself() {
    const NOTHING: u8 = u8::MAX;
    assert_eq!(problems::<NOTHING>(), [""; 0]);
}

#[test]
fn tags() {
    let problems = problems::<TAGS>();
    assert!(has(&problems, "did not call") && has(&problems, "did not send once"), "{problems:?}");
}

#[test]
fn counters() {
    let problems = problems::<COUNTERS>();
    assert!(has(&problems, "did not send once"), "{problems:?}");
}

#[test]
fn directions() {
    let problems = problems::<DIRECTIONS>();
    assert!(has(&problems, "did not send once"), "{problems:?}");
}

#[test]
fn sides() {
    let problems = problems::<SIDES>();
    assert!(!problems.is_empty(), "{problems:?}");
}

#[test]
fn the_number_of_sessions() {
    let problems = problems::<ACCEPTED>();
    assert!(has(&problems, "more than once"), "{problems:?}");
}

#[test]
fn starts() {
    let problems = problems::<STARTS>();
    assert!(has(&problems, "more than once"), "{problems:?}");
}

#[test]
fn secrets() {
    let problems = problems::<SECRETS>();
    assert!(has(&problems, "did not call"), "{problems:?}");
}

#[test]
fn names() {
    let problems = problems::<NAMES>();
    assert!(!problems.is_empty(), "{problems:?}");
}
