//! Connections: records in fragments and in pieces (RFC 5531 §11).

use std::vec;
use std::vec::Vec;

use super::carrier::{On, Reach};
use super::lab::Lab;
use super::wire::{Wire, difference, good};
use super::{Check, Outcome, ensure, equal};

pub fn checks<T: Reach>() -> Vec<Check<T>> {
    [
        Check::new("a call in several fragments is one call", fragments),
        Check::new("a call that comes byte by byte is one call", pieces),
        Check::new("two calls that come at once are two calls", at_once),
    ]
    .map(|check| check.on(On::Connection))
    .into()
}

/// A part of a record, the last or not.
fn fragment(bytes: &[u8], last: bool) -> Vec<u8> {
    let head = bytes.len() as u32 | u32::from(last) << 31;
    [&head.to_be_bytes()[..], bytes].concat()
}

fn answered<T: Reach>(wire: &mut Wire<T>, xid: u32) -> Outcome {
    let (_, reply) = wire.reply_to(&[xid])?;
    ensure!(reply.ends_with(&difference(xid)), "the reply is {reply:02x?}");
    Ok(())
}

fn fragments<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut wire = lab.wire()?;
    for size in [1, 3, 4, 24, 47] {
        let xid = wire.xid();
        let message = good(xid);
        let mut sent = vec![];
        for part in message.chunks(size) {
            sent.extend(fragment(part, false));
        }
        // The last one may be empty.
        sent.extend(fragment(&[], true));
        wire.send_bytes(&sent)?;
        answered(&mut wire, xid)?;
        wire.good()?;
    }
    Ok(())
}

fn pieces<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut wire = lab.wire()?;
    let xid = wire.xid();
    for byte in wire.frame(&good(xid))? {
        wire.send_bytes(&[byte])?;
    }
    answered(&mut wire, xid)?;
    wire.good()
}

fn at_once<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut wire = lab.wire()?;
    let (first, second) = (wire.xid(), wire.xid());
    let both = [wire.frame(&good(first))?, wire.frame(&good(second))?].concat();
    wire.send_bytes(&both)?;
    equal("the first reply", wire.reply_to(&[first, second])?.0, first)?;
    answered(&mut wire, second)
}
