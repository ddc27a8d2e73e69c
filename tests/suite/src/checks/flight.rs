//! Several calls under way at once.

use std::vec::Vec;

use oncilla::CallsInFlight;

use super::carrier::{On, Reach};
use super::lab::Lab;
use super::wire::{difference, good};
use super::{Check, Outcome, ensure, equal};
use crate::suite_1::{self, finish, start};

pub fn checks<T: Reach>() -> Vec<Check<T>> {
    [
        Check::new("several calls under way are finished in any order", several),
        Check::new("calls that come faster than they are served all get their replies, in order", burst)
            .on(On::Ordered),
    ]
    .into()
}

fn several<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut calls = CallsInFlight::<_, 4, { suite_1::SLOT_MAX }>::new(lab.client()?);
    for round in 0..5 {
        let sum = start::sum(&mut calls)?;
        let less = start::subtract(&mut calls, round, 9)?;
        let echo = start::echo(&mut calls, &[round as u8; 13])?;
        let more = start::subtract(&mut calls, round, -9)?;
        equal("9 more", finish::subtract(&mut calls, more)?, round + 9)?;
        equal("the echo", finish::echo(&mut calls, echo)?, [round as u8; 13])?;
        let sum = finish::sum(&mut calls, sum)?;
        equal("9 less", finish::subtract(&mut calls, less)?, round - 9)?;
        let again = start::sum(&mut calls)?;
        equal("the sum", finish::sum(&mut calls, again)?, sum)?;
    }
    Ok(())
}

/// The replies must be in order too: a board does one thing after the other.
fn burst<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut wire = lab.wire()?;
    let xids: Vec<_> = (0..20).map(|_| wire.xid()).collect();
    for xid in &xids {
        wire.send(&good(*xid))?;
    }
    for xid in &xids {
        let (came, reply) = wire.reply_to(&xids)?;
        equal("the next reply's xid", came, *xid)?;
        ensure!(reply.ends_with(&difference(*xid)), "of {xid:#x} came {reply:02x?}");
    }
    Ok(())
}
