//! Calls that are refused (RFC 5531 §9), and messages that are no calls. After each the next call works.

use std::vec::Vec;

use oncilla::message::{ProcedureId, Refusal};

use super::carrier::{Carrier, On, Reach};
use super::lab::Lab;
use super::wire::{FAIL, SUBTRACT, call, good, suite, words};
use super::{Check, Outcome, ensure, equal};
use crate::suite_1;

pub fn checks<T: Reach>() -> Vec<Check<T>> {
    [
        Check::new("a program that is not served is refused with PROG_UNAVAIL", program),
        Check::new("a version that is not served is refused with the lowest and highest that are", version),
        Check::new("a procedure that is not there is refused with PROC_UNAVAIL", procedure),
        Check::new("another version of RPC than 2 is refused with RPC_MISMATCH", rpc_version),
        Check::new("a procedure whose results do not fit the interface fails with SYSTEM_ERR", failing),
        Check::new("what is no call is not answered", no_call),
        Check::new("a message that is too large harms none after it", too_large),
    ]
    .into()
}

/// Calls with good arguments; it must be refused.
fn refused<T: Reach>(lab: &mut Lab<'_, T>, id: ProcedureId, refusal: Refusal) -> Outcome {
    let mut wire = lab.wire()?;
    for arguments in [words([]), words([1, 2])] {
        equal("the call", wire.call(id, &arguments)?, Err(refusal))?;
        wire.good()?;
    }
    Ok(())
}

fn program<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    for program in [0, 100_000, suite_1::PROGRAM - 1, suite_1::PROGRAM + 0x1000, u32::MAX] {
        refused(lab, ProcedureId { program, ..suite(SUBTRACT) }, Refusal::ProgramUnavailable)?;
    }
    Ok(())
}

fn version<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    for version in [0, 2, 4, u32::MAX] {
        for procedure in [0, SUBTRACT] {
            let id = ProcedureId { version, ..suite(procedure) };
            refused(lab, id, Refusal::ProgramMismatch { low: 1, high: 3 })?;
        }
    }
    Ok(())
}

fn procedure<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    for procedure in [FAIL + 1, 31, 32, 1000, u32::MAX] {
        refused(lab, suite(procedure), Refusal::ProcedureUnavailable)?;
    }
    // Version 3 has fewer.
    refused(lab, ProcedureId { version: 3, ..suite(SUBTRACT) }, Refusal::ProcedureUnavailable)
}

fn rpc_version<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut wire = lab.wire()?;
    for version in [0, 1, 3, u32::MAX] {
        let mut message = good(wire.xid());
        message[8..12].copy_from_slice(&version.to_be_bytes());
        equal("the call", wire.exchange(&message)?, Err(Refusal::RpcMismatch { low: 2, high: 2 }))?;
        wire.good()?;
    }
    Ok(())
}

fn failing<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut wire = lab.wire()?;
    equal("the call", wire.call(suite(FAIL), &[])?, Err(Refusal::SystemError))?;
    wire.good()
}

fn no_call<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut wire = lab.wire()?;
    // A reply, a third type of message, and calls that end before they say what is called.
    for kind in [1, 2, u32::MAX] {
        let mut message = good(wire.xid());
        message[4..8].copy_from_slice(&kind.to_be_bytes());
        wire.unanswered(&message)?;
    }
    for length in [4, 5, 8, 12, 23, 24, 27] {
        let message = good(wire.xid());
        wire.unanswered(&message[..length])?;
    }
    Ok(())
}

/// Larger than any board's buffer. Where the beginning can be believed the call is refused, else it is dropped.
fn too_large<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut wire = lab.wire()?;
    // A datagram must not be cut into pieces on its way, which is no matter of RPC.
    let largest = if T::Framing::ON == On::Datagrams { 1400 } else { 5000 };
    for size in [300, 700, largest] {
        let xid = wire.xid();
        let message = call(xid, suite(SUBTRACT), &Vec::from_iter((0..size).map(|i| i as u8)));
        let next = wire.xid();
        wire.send(&message)?;
        wire.send(&good(next))?;
        let (mut answered, reply) = wire.reply_to(&[xid, next])?;
        if answered == xid {
            ensure!(reply.ends_with(&words([4])), "no GARBAGE_ARGS but {reply:02x?}");
            (answered, _) = wire.reply_to(&[next])?;
        }
        equal("the reply behind", answered, next)?;
        wire.good()?;
    }
    Ok(())
}
