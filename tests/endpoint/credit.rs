//! Server push with back-pressure, as in `examples/events.rs`: an endpoint sends one-way calls as long as its peer
//! allows them.

use oncilla::framing::{Cobs, Datagram, Record};
use oncilla::{Retry, Served, Time};

use crate::faults::line::End;
use crate::faults::{Faults, Faulty};
use crate::*;

oncilla::program! {
    mod source = 0x2000_0051, version 1 {
        fn allow(limit: u32) -> u32 = 1, idempotent;
    }
}

oncilla::program! {
    mod sink = 0x2000_0052, version 1 {
        fn event(number: u32) = 1, oneway;
    }
}

const WINDOW: u32 = 8;
const EVENTS: u32 = 200;

#[derive(Default)]
struct Source {
    next: u32,
    limit: u32,
}

impl source::Service for Source {
    fn allow(&mut self, limit: u32) -> u32 {
        self.limit = self.limit.max(limit);
        self.next
    }
}

#[derive(Default)]
struct Sink {
    waiting: Vec<u32>,
    most: usize,
}

impl sink::Service for Sink {
    fn event(&mut self, number: u32) {
        self.waiting.push(number);
        self.most = self.most.max(self.waiting.len());
    }
}

static SOURCE: Table<Source> = oncilla::table![source::program()];
static SINK: Table<Sink> = oncilla::table![sink::program()];

/// An endpoint with a replay cache, so that no event is executed twice.
fn end<S, F: Carried>(
    end: Faulty<End<F>>,
    table: &'static Table<S>,
    state: S,
) -> Endpoint<S, Faulty<End<F>>, Vec<u8>, ReplayCache<16, 32>> {
    let link = Link::new(end, vec![0; 100], vec![0; 100]);
    let mut endpoint = Endpoint::new(link, table, state, XID).with_replay(ReplayCache::new());
    endpoint.set_timeout(Duration::from_secs(60));
    endpoint.set_retry(Retry::every(Duration::from_millis(10)));
    endpoint
}

fn send<F: Carried>(line: Faulty<End<F>>) -> u32 {
    let mut endpoint = end(line, &SOURCE, Source::default());
    loop {
        let Source { next, limit } = *endpoint.state();
        let patience = if next < limit {
            sink::Client::new(&mut endpoint).event(next).unwrap();
            endpoint.state().next += 1;
            Time::ZERO
        } else {
            Time::NEVER
        };
        if endpoint.serve_next(patience).unwrap() == Served::End {
            return endpoint.state().next;
        }
    }
}

/// Takes the events; returns their numbers, and the most that waited at once.
fn take<F: Carried>(line: Faulty<End<F>>, clock: &Clock) -> (Vec<u32>, usize) {
    let mut endpoint = end(line, &SINK, Sink::default());
    let (mut handled, mut limit, mut taken) = (0, 0, Vec::new());
    while handled < EVENTS {
        if limit < EVENTS && limit - handled <= WINDOW / 2 {
            limit = EVENTS.min(handled + WINDOW);
            source::Client::new(&mut endpoint).allow(limit).unwrap();
        }
        if !endpoint.state().waiting.is_empty() {
            let number = endpoint.state().waiting.remove(0);
            taken.push(number);
            handled = handled.max(number + 1);
            // Slower than events can arrive.
            clock.pass(5_000);
            continue;
        }
        let soon = Time::from_micros(clock.now() + 100_000);
        if endpoint.serve_next(soon).unwrap() == Served::TimeUp {
            let next = source::Client::new(&mut endpoint).allow(limit).unwrap();
            if endpoint.state().waiting.is_empty() {
                handled = next;
            }
        }
    }
    (taken, endpoint.state().most)
}

fn stream<F: Carried>(line: Line, faults: Faults) -> Vec<u32> {
    let [a, b] = line.ends::<F>();
    let clock = b.clock();
    let faulty = |end, seed| Faulty::new(end, seed).sending(faults);
    let (sent, (taken, most)) = both(a, b, |end| send(faulty(end, 1)), |end| take(faulty(end, 2), &clock));
    assert_eq!(sent, EVENTS);
    assert!(most <= WINDOW as usize, "{most} events waited");
    taken
}

#[test]
fn every_event_arrives_in_order() {
    for line in [Line::QUICK, Line::SERIAL] {
        assert_eq!(stream::<Cobs>(line, Faults::NONE), (0..EVENTS).collect::<Vec<_>>());
        assert_eq!(stream::<Datagram>(line, Faults::NONE), (0..EVENTS).collect::<Vec<_>>());
        assert_eq!(stream::<Record>(line, Faults::NONE), (0..EVENTS).collect::<Vec<_>>());
    }
}

#[test]
fn on_a_bad_line_events_are_lost_but_never_repeated() {
    for taken in [stream::<Cobs>(Line::QUICK, Faults::BAD), stream::<Datagram>(Line::QUICK, Faults::BAD)] {
        let mut numbers = taken.clone();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), taken.len(), "some came twice: {taken:?}");
        // No more are lost than dropped or damaged frames explain.
        assert!(taken.len() > EVENTS as usize * 7 / 10, "{} came", taken.len());
    }
}
