//! The board calls the host.

use std::vec::Vec;

use oncilla::{Served, Transport};

use super::carrier::{On, Reach};
use super::lab::{Lab, LabEndpoint};
use super::{Check, Failure, Outcome, ensure, equal};
use crate::{Errands, Parts, callbacks_1, suite_1};

pub fn checks<T: Reach>() -> Vec<Check<T>> {
    [
        Check::new("the board calls the host", calls).on(On::Ordered),
        Check::new("it calls while the host waits for a reply, and serves while it waits itself", nested)
            .on(On::Ordered),
        Check::new("both call each other at once, many times", both).on(On::Ordered),
    ]
    .map(|check| check.needs(Parts::CALLBACKS))
    .into()
}

fn errands<T: Reach>(end: &mut LabEndpoint<T>) -> Result<Errands, Failure> {
    Ok(callbacks_1::Client::new(end).errands()?)
}

/// The calls that were made since, with their results, none of them wrong.
fn right_since<T: Reach>(end: &mut LabEndpoint<T>, before: &Errands) -> Result<u32, Failure> {
    let now = errands(end)?;
    equal("calls of the board that went wrong", now.wrong, before.wrong)?;
    Ok(now.right.wrapping_sub(before.right))
}

/// Serves the board, and nothing else, until it has called so often.
fn serve_until<T: Reach>(lab: &Lab<'_, T>, end: &mut LabEndpoint<T>, called: u32) -> Outcome {
    while end.state().called < called {
        let deadline = lab.deadline(end);
        let served = end.serve_next(deadline)?;
        ensure!(served == Served::Message, "the board called {} times, then came {served:?}", end.state().called);
    }
    Ok(())
}

fn calls<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut end = lab.endpoint()?;
    let before = errands(&mut end)?;
    for times in [1, 2, 7] {
        let called = end.state().called;
        callbacks_1::Client::new(&mut end).begin(times)?;
        serve_until(lab, &mut end, called + times)?;
    }
    equal("calls with the right result", right_since(&mut end, &before)?, 10)
}

/// The board begins its call before it takes the next one of the host, which is sent already: both wait for each other.
fn nested<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut end = lab.endpoint()?;
    for round in 1..=5 {
        let before = errands(&mut end)?;
        callbacks_1::Client::new(&mut end).begin_at_once(1)?;
        equal("the difference", suite_1::Client::new(&mut end).subtract(9, 2)?, 7)?;
        equal("calls that the host served while it waited", end.state().called, round)?;
        equal("calls with the right result", right_since(&mut end, &before)?, 1)?;
        let nested = errands(&mut end)?.nested.wrapping_sub(before.nested);
        ensure!(nested > 0, "the board served no call while it waited");
    }
    Ok(())
}

fn both<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    const TIMES: u32 = 40;
    let mut end = lab.endpoint()?;
    let before = errands(&mut end)?;
    callbacks_1::Client::new(&mut end).begin(TIMES)?;
    let mut calls = 0;
    let (mut called, mut deadline) = (0, lab.deadline(&mut end));
    while called < TIMES {
        equal("the difference", suite_1::Client::new(&mut end).subtract(calls, 2)?, calls.wrapping_sub(2))?;
        calls = calls.wrapping_add(1);
        // The board may take that long for each call.
        if end.state().called > called {
            (called, deadline) = (end.state().called, lab.deadline(&mut end));
        }
        ensure!(
            end.link().transport().now() < deadline,
            "the board called {called} times and then no more, not {TIMES}"
        );
    }
    equal("calls with the right result", right_since(&mut end, &before)?, TIMES)
}
