//! Who calls: credentials of every flavor (RFC 5531 §8.2).

use std::vec::Vec;

use oncilla::message::{AUTH_NONE, AUTH_SHORT, AUTH_SYS, AuthStatus, OpaqueAuth, Refusal};

use super::carrier::Reach;
use super::lab::Lab;
use super::wire::{ADD, SUBTRACT, call_by, difference, suite, words};
use super::{Check, Outcome, equal};
use crate::{Parts, suite_1};

pub fn checks<T: Reach>() -> Vec<Check<T>> {
    [
        Check::new("AUTH_SYS is taken, and so is a verifier", taken),
        Check::new("a credential of 400 bytes is taken", largest).needs(Parts::BULK),
        Check::new("one of 401 bytes, and a verifier of as many, are refused", too_large).needs(Parts::BULK),
        Check::new("a malformed AUTH_SYS is refused", malformed),
        Check::new("a flavor that is not known is refused, and nothing is executed", unknown),
        Check::new("a credential and a verifier that are cut are garbage", cut),
    ]
    .into()
}

/// Stamp, machine, user, group and no more groups.
fn user() -> Vec<u8> {
    [words([1, 4]), b"host".to_vec(), words([1000, 100, 0])].concat()
}

fn taken<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut wire = lab.wire()?;
    let credential = OpaqueAuth { flavor: AUTH_SYS, body: &user() };
    for verifier in [OpaqueAuth::NONE, OpaqueAuth { flavor: 7, body: &[1, 2, 3] }] {
        let xid = wire.xid();
        let message = call_by(credential, verifier, xid, suite(SUBTRACT), &words([xid, 7]));
        equal("the call", wire.exchange(&message)?, Ok(difference(xid)))?;
    }
    Ok(())
}

fn largest<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut wire = lab.wire()?;
    let body = [0; 400];
    let (credential, verifier) = (OpaqueAuth { flavor: AUTH_NONE, body: &body }, OpaqueAuth { flavor: 7, body: &body });
    let xid = wire.xid();
    let message = call_by(credential, verifier, xid, suite(SUBTRACT), &words([xid, 7]));
    equal("the call", wire.exchange(&message)?, Ok(difference(xid)))
}

fn too_large<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut wire = lab.wire()?;
    let refusals = [AuthStatus::BAD_CREDENTIAL, AuthStatus::BAD_VERIFIER];
    for (at, status) in [(24, refusals[0]), (32, refusals[1])] {
        let xid = wire.xid();
        let mut message = call_by(OpaqueAuth::NONE, OpaqueAuth::NONE, xid, suite(SUBTRACT), &[0; 412]);
        message[at + 4..at + 8].copy_from_slice(&401_u32.to_be_bytes());
        equal("the call", wire.exchange(&message)?, Err(Refusal::Authentication(status)))?;
        wire.good()?;
    }
    Ok(())
}

fn malformed<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut wire = lab.wire()?;
    let good = user();
    let longer = [&good[..], &[0; 4]].concat();
    let mut groups = good.clone();
    groups[23] = 1;
    let mut too_many = good.clone();
    too_many[21] = 1; // 65 536, which are none where only 16 bits are looked at.
    for body in [&[][..], &good[..20], &longer, &groups, &too_many] {
        let xid = wire.xid();
        let credential = OpaqueAuth { flavor: AUTH_SYS, body };
        let message = call_by(credential, OpaqueAuth::NONE, xid, suite(SUBTRACT), &words([1, 2]));
        let refusal = Refusal::Authentication(AuthStatus::BAD_CREDENTIAL);
        equal("the call", wire.exchange(&message)?, Err(refusal))?;
        wire.good()?;
    }
    Ok(())
}

fn unknown<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let sum = suite_1::Client::new(&mut lab.client()?).sum()?;
    let mut wire = lab.wire()?;
    for flavor in [AUTH_SHORT, 3, 6, u32::MAX] {
        let xid = wire.xid();
        let credential = OpaqueAuth { flavor, body: &[1, 2, 3, 4] };
        let message = call_by(credential, OpaqueAuth::NONE, xid, suite(ADD), &words([1]));
        let refusal = Refusal::Authentication(AuthStatus::REJECTED_CREDENTIAL);
        equal("the call", wire.exchange(&message)?, Err(refusal))?;
        wire.good()?;
    }
    drop(wire);
    equal("the sum", suite_1::Client::new(&mut lab.client()?).sum()?, sum)
}

fn cut<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut wire = lab.wire()?;
    let body = user();
    let credential = OpaqueAuth { flavor: AUTH_SYS, body: &body };
    for length in 28..24 + credential.size() + 8 {
        let xid = wire.xid();
        let message = call_by(credential, OpaqueAuth::NONE, xid, suite(SUBTRACT), &[]);
        equal("the call", wire.exchange(&message[..length])?, Err(Refusal::GarbageArguments))?;
        wire.good()?;
    }
    Ok(())
}
