//! Calls in flight on endpoints, which serve meanwhile.

use oncilla::framing::{Cobs, Datagram, Record};
use oncilla::{Endpoint, LinkError, Received, Table, Time};

use crate::counter::{finish, start};
use crate::faults::Carried;
use crate::faults::line::{End, Line, both};
use crate::frames::Sized;
use crate::*;

/// The state of the procedures and of the callbacks.
#[derive(Default)]
pub struct State {
    pub notes: Vec<String>,
    sums: Vec<i32>,
}

impl counter::Service for State {
    fn add(&mut self, a: i32, b: i32) -> i32 {
        a.wrapping_add(b)
    }
    fn reset(&mut self) {
        self.notes.clear();
    }
    fn name(&mut self) -> &str {
        "peer"
    }
    fn echo<'a>(&'a mut self, data: &'a [u8]) -> &'a [u8] {
        data
    }
    fn level(&mut self, value: heapless::Vec<u16, 3>) -> Result<bool, u32> {
        Err(value.len() as u32)
    }
    fn note(&mut self, line: &str) {
        self.notes.push(line.to_owned());
    }
}

pub static TABLE: Table<State> = oncilla::table![counter::program()];

type Both<F> = CallsInFlight<Endpoint<State, End<F>, Vec<u8>>, 4, { counter::SLOT_MAX }>;

fn peer<F: Sized + Carried>(end: End<F>) -> Both<F> {
    let size = F::buffer(counter::CALL_MAX.max(counter::REPLY_MAX));
    let xid = end.first_xid(XID);
    let link = Link::new(end, vec![0xc5; size], vec![0x3a; size]);
    CallsInFlight::new(Endpoint::new(link, &TABLE, State::default(), xid))
}

fn serve<F: Carried>(calls: &mut Both<F>) {
    while !calls.poll_until(Time::NEVER).unwrap().closed {}
}

/// Makes a hundred calls of both kinds, four at once.
fn many<F: Sized + Carried>(end: End<F>) {
    let mut calls = peer(end);
    for i in 0..25 {
        let adding = [0, 1, 2].map(|j| start::add(&mut calls, i, j).unwrap());
        let name = start::name(&mut calls).unwrap();
        assert_eq!(finish::name(&mut calls, name), Ok("peer"));
        for (j, ticket) in adding.into_iter().enumerate().rev() {
            assert_eq!(finish::add(&mut calls, ticket), Ok(i + j as i32));
        }
    }
    serve(&mut calls);
}

#[test]
fn both_endpoints_have_calls_in_flight_at_the_same_moment() {
    fn check<F: Sized + Carried>() {
        for line in [Line::QUICK, Line::SERIAL] {
            let [a, b] = line.ends::<F>();
            both(a, b, many, many);
        }
    }
    check::<Cobs>();
    check::<Record>();
    let [a, b] = Line::QUICK.ends::<Datagram>();
    both(a, b, many, many);
}

#[test]
fn an_endpoint_that_only_polls_serves() {
    fn polls(end: End<Cobs>) -> (Vec<String>, u32) {
        let (mut calls, mut polls) = (peer(end), 0);
        while !calls.poll().unwrap().closed && calls_now(&mut calls) < 20_000 {
            polls += 1;
            // The time that other work takes.
            let until = calls_now(&mut calls) + 700;
            calls.poll_until(Time::from_micros(until)).unwrap();
        }
        (std::mem::take(&mut calls.caller().state().notes), polls)
    }
    fn calls_now(calls: &mut Both<Cobs>) -> u64 {
        oncilla::Transport::now(calls.caller().link().transport()).as_micros()
    }
    let [a, b] = Line::QUICK.ends::<Cobs>();
    let (_, (notes, polls)) = both(
        a,
        b,
        |end| {
            let mut calls = peer(end);
            counter::Client::new(&mut calls).note("one").unwrap();
            assert_eq!(counter::Client::new(&mut calls).add(1, 2), Ok(3));
            counter::Client::new(&mut calls).note("two").unwrap();
            serve(&mut calls);
        },
        polls,
    );
    assert_eq!(notes, ["one", "two"]);
    assert!(polls > 10, "{polls}");
}

#[test]
fn callbacks_can_access_the_state() {
    fn keep(calls: &mut Both<Cobs>, ticket: Ticket) {
        let sum = finish::add(calls, ticket.typed()).unwrap();
        calls.caller().state().sums.push(sum);
    }
    let [a, b] = Line::QUICK.ends::<Cobs>();
    let sums = both(
        a,
        b,
        |end| {
            let mut calls = peer(end);
            for i in 0..4 {
                let ticket = start::add(&mut calls, 10, i).unwrap();
                calls.then(ticket, keep);
            }
            while calls.poll_until(Time::NEVER).unwrap().in_flight > 0 {}
            std::mem::take(&mut calls.caller().state().sums)
        },
        |end| serve(&mut peer(end)),
    );
    assert_eq!(sums.0, [10, 11, 12, 13]);
}

/// A transport that received one call, and reports the deadline for its reply.
struct Once {
    call: Option<Vec<u8>>,
    until: Option<Time>,
}

impl oncilla::Transport for Once {
    type Error = &'static str;
    type Framing = Datagram;

    fn now(&mut self) -> Time {
        Time::from_micros(5)
    }

    fn receive(&mut self, into: &mut [u8], _: Time) -> Result<Received, &'static str> {
        let Some(call) = self.call.take() else { return Ok(Received::TimeUp) };
        into[..call.len()].copy_from_slice(&call);
        Ok(Received::Bytes(call.len()))
    }

    fn send(&mut self, frame: &[u8], deadline: Time) -> Result<usize, &'static str> {
        self.until = Some(deadline);
        Ok(frame.len())
    }
}

#[test]
fn a_carrier_that_takes_no_reply_blocks_a_poll_for_one_time_out() {
    let null = words(&[9, 0, 2, counter::PROGRAM, 1, 0, 0, 0, 0, 0]);
    let link = Link::new(Once { call: Some(null), until: None }, vec![0; 200], vec![0; 200]);
    let mut endpoint = Endpoint::new(link, &TABLE, State::default(), XID);
    endpoint.set_timeout(Duration::from_micros(100));
    let mut calls = CallsInFlight::<_, 1, 8>::new(endpoint);
    assert_eq!(calls.poll(), Ok(tally(0, 0)));
    assert_eq!(calls.caller().link().transport().until, Some(Time::from_micros(105)));
}

#[test]
fn a_buffer_too_small_for_a_reply_is_an_error_before_sending() {
    let [end, _other] = Line::QUICK.ends::<Datagram>();
    let link = Link::new(end, vec![0; 200], vec![0; TABLE.reply_max() - 1]);
    let endpoint = Endpoint::new(link, &TABLE, State::default(), XID);
    let mut calls = CallsInFlight::<_, 1, 8>::new(endpoint);
    let (needed, available) = (TABLE.reply_max(), TABLE.reply_max() - 1);
    let error = CallError::Link(LinkError::BufferTooSmall { needed, available });
    assert_eq!(start::add(&mut calls, 1, 2).unwrap_err(), error);
}
