//! One of the two ends: calls at random, and serves in between.

use oncilla::{CallError, Endpoint, Link, Served, Transport};

use crate::Plan;
use crate::faults::line::End;
use crate::faults::{Carried, Counts, Faults, Faulty, Random};
use crate::figures::Refuses;
use crate::frames::Sized;
use crate::service::*;

type Peer<F> = Endpoint<State, Faulty<End<F>>, Vec<u8>, Cache>;

/// How often a call may be executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Once,
    /// It is idempotent.
    Often,
    /// It is one-way: it may be lost.
    Push,
}

/// What came of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It gave what it should; a one-way call was sent.
    Right,
    /// It gave something else.
    Wrong,
    TimedOut,
    /// An error for which a line that loses messages is no reason.
    Failed,
}

/// What one end has seen.
pub struct Report {
    /// By serial number.
    pub calls: Vec<(Kind, Outcome)>,
    pub state: State,
    pub faults: Counts,
    /// Calls that took longer than their time-out.
    pub late: u64,
    /// Frames whose check value or length was wrong; of datagrams the system looks at that.
    pub refused: u32,
    /// Microseconds of the line's clock.
    pub time: u64,
}

pub fn run<F: Sized + Refuses>(end: End<F>, seed: u64, calls: u32, plan: Plan, faults: Faults) -> Report {
    let mut random = Random::new(seed ^ 0x5eed);
    let link = Link::new(Faulty::new(end, seed).sending(faults), vec![0; F::buffer(SIZE)], vec![0; F::buffer(SIZE)]);
    let state = State { executed: vec![0; calls as usize], wrong: 0 };
    let mut peer = Endpoint::new(link, &TABLE, state, seed as u32).with_replay(Cache::new());
    peer.set_timeout(plan.timeout);
    peer.set_retry(plan.retry);
    let (mut done, mut late) = (Vec::new(), 0);
    for serial in 0..calls {
        let begun = peer.link().transport().now();
        done.push(call(&mut peer, serial, &mut random));
        let took = peer.link().transport().now().since(begun);
        late += u64::from(took > plan.timeout);
        if random.percent(30) {
            idle(&mut peer, random.below(5_000));
        }
    }
    let time = peer.link().transport().now().as_micros();
    // Until the other end is done too.
    peer.serve().unwrap();
    let (faults, refused) = (peer.link().transport().sent(), peer.link().framing().refused());
    let state = std::mem::replace(peer.state(), State { executed: Vec::new(), wrong: 0 });
    Report { calls: done, state, faults, late, refused, time }
}

/// Serves for a while.
fn idle<F: Carried>(peer: &mut Peer<F>, micros: u64) {
    let now = peer.link().transport().now();
    let until = now.after(core::time::Duration::from_micros(micros));
    while peer.serve_next(until).unwrap() == Served::Message {}
}

fn call<F: Carried>(peer: &mut Peer<F>, serial: u32, random: &mut Random) -> (Kind, Outcome) {
    let mut client = work::Client::new(peer);
    let data = random.bytes(200);
    let (kind, result) = match random.below(10) {
        0..6 => (Kind::Once, client.once(serial, &data).map(|result| result == digest(serial, &data))),
        6 => (Kind::Often, client.often(serial, &data).map(|result| result == digest(serial, &data))),
        7..9 => (Kind::Once, client.echo(serial, &data).map(|result| result == data)),
        _ => (Kind::Push, client.push(serial, digest(serial, &[])).map(|()| true)),
    };
    let outcome = match result {
        Ok(true) => Outcome::Right,
        Ok(false) => Outcome::Wrong,
        Err(CallError::TimedOut { .. }) => Outcome::TimedOut,
        Err(error) => {
            eprintln!("call {serial}: {error}");
            Outcome::Failed
        }
    };
    (kind, outcome)
}
