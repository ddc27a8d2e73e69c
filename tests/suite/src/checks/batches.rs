//! One-way calls, alone and in batches (RFC 5531 §8).

use std::vec::Vec;

use super::carrier::{On, Reach};
use super::lab::{Lab, LabClient};
use super::wire::{NOTE, call, suite, words};
use super::{Check, Failure, Outcome, equal};
use crate::{Notes, suite_1};

pub fn checks<T: Reach>() -> Vec<Check<T>> {
    [
        Check::new("a one-way call is executed, and not answered", single),
        Check::new("a one-way call with garbage for arguments is not answered either", garbage),
        Check::new("a batch of one-way calls is executed once and in its order", batch).on(On::Ordered),
    ]
    .into()
}

fn notes<T: Reach>(client: &mut LabClient<T>) -> Result<Notes, Failure> {
    Ok(suite_1::Client::new(client).notes()?)
}

fn after(Notes { count, digest }: Notes, amount: u32) -> Notes {
    Notes { count: count.wrapping_add(1), digest: digest.wrapping_mul(31).wrapping_add(amount) }
}

fn single<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut client = lab.client()?;
    let before = notes(&mut client)?;
    suite_1::Client::new(&mut client).note(0xdead_beef)?;
    let expected = after(before, 0xdead_beef);
    equal("the notes", notes(&mut client)?, expected.clone())?;
    // A board may take one connection at a time.
    drop(client);
    {
        let mut wire = lab.wire()?;
        let xid = wire.xid();
        wire.unanswered(&call(xid, suite(NOTE), &words([5])))?;
    }
    equal("the notes", notes(&mut lab.client()?)?, after(expected, 5))
}

fn garbage<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let before = notes(&mut lab.client()?)?;
    let mut wire = lab.wire()?;
    for arguments in [&[][..], &[0; 3], &[0; 8]] {
        let xid = wire.xid();
        wire.unanswered(&call(xid, suite(NOTE), arguments))?;
    }
    drop(wire);
    equal("the notes", notes(&mut lab.client()?)?, before)
}

fn batch<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut client = lab.client()?;
    let mut expected = notes(&mut client)?;
    for amount in 0..30 {
        suite_1::Client::new(&mut client).note(amount)?;
        expected = after(expected, amount);
    }
    // The call behind them tells that they have arrived.
    equal("the notes", notes(&mut client)?, expected)
}
