//! At most once: a call that comes again is answered again and not executed again.

use std::vec::Vec;

use super::carrier::Reach;
use super::lab::Lab;
use super::wire::{ADD, SUM, call, suite, words};
use super::{Check, Outcome, ensure, equal};
use crate::Parts;

pub fn checks<T: Reach>() -> Vec<Check<T>> {
    [
        Check::new("a call that comes again gets the same reply and is not executed again", again),
        Check::new("nor is it with other calls in between", between),
        Check::new("a call with another xid, or other arguments, is another call", another),
    ]
    .map(|check| check.needs(Parts::REPLAY))
    .into()
}

fn again<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut wire = lab.wire()?;
    let xid = wire.xid();
    let message = call(xid, suite(ADD), &words([5]));
    let first = wire.exchange(&message)?;
    ensure!(first.is_ok(), "the call came to {first:?}");
    for _ in 0..5 {
        equal("the reply to the same call", wire.exchange(&message)?, first.clone())?;
    }
    equal("the sum", wire.call(suite(SUM), &[])?, first)
}

fn between<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut wire = lab.wire()?;
    let xid = wire.xid();
    let message = call(xid, suite(ADD), &words([1]));
    let first = wire.exchange(&message)?;
    ensure!(first.is_ok(), "the call came to {first:?}");
    let second = wire.call(suite(ADD), &words([1]))?;
    for _ in 0..10 {
        wire.good()?;
    }
    equal("the reply to the same call", wire.exchange(&message)?, first)?;
    equal("the sum", wire.call(suite(SUM), &[])?, second)
}

fn another<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut wire = lab.wire()?;
    let mut sum = wire.call(suite(SUM), &[])?;
    let mut grown = |amount: u32| {
        let number = sum.as_ref().ok().and_then(|sum| sum.first_chunk()).map_or(0, |sum| u32::from_be_bytes(*sum));
        sum = Ok(words([number.wrapping_add(amount)]));
        sum.clone()
    };
    let xid = wire.xid();
    for amount in [3, 4] {
        equal("the sum with another amount", wire.exchange(&call(xid, suite(ADD), &words([amount])))?, grown(amount))?;
        equal("the sum with another xid", wire.call(suite(ADD), &words([amount]))?, grown(amount))?;
    }
    Ok(())
}
