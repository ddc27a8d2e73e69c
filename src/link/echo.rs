//! Detects calls of this side that the line echoes.
//!
//! In a session the check value shows the sender of each message. Without one, a link on a serial line drops a received
//! call with the xid and the procedure of a call that this side has sent and that may still come back.

use crate::message::{CALL, ProcedureId, word};

/// Consecutive calls of one procedure.
#[derive(Clone, Copy)]
struct Calls {
    /// The xid of the last call.
    xid: u32,
    /// The procedure, folded into 16 bits.
    called: u16,
    /// The number of calls.
    count: u8,
}

/// Calls of this side that may come back: 20 bytes.
#[derive(Clone, Copy)]
pub(crate) struct Own {
    /// The last calls that wait for a reply.
    call: Calls,
    /// One-way calls since the last reply, of the procedure called last.
    casts: Calls,
    /// Whether one of them has come back.
    pub came: bool,
}

/// Folds program, version and procedure into one number.
const fn fold(id: ProcedureId) -> u16 {
    let program = (id.program ^ id.program >> 16) as u16;
    program ^ (id.version as u16).rotate_left(4) ^ (id.procedure as u16).rotate_left(8)
}

impl Calls {
    const NONE: Self = Self { xid: 0, called: 0, count: 0 };

    /// Adds a call that is sent now.
    #[inline]
    const fn add(&mut self, xid: u32, id: ProcedureId) {
        let called = fold(id);
        self.count = if called == self.called { self.count.saturating_add(1) } else { 1 };
        self.xid = xid;
        self.called = called;
    }

    #[inline]
    fn contain(&self, xid: u32, called: u16) -> bool {
        self.xid.wrapping_sub(xid) < u32::from(self.count) && self.called == called
    }
}

impl Own {
    pub(crate) const NONE: Self = Self { call: Calls::NONE, casts: Calls::NONE, came: false };

    /// Adds a call that waits for its reply.
    #[inline]
    pub(crate) const fn call(&mut self, xid: u32, id: ProcedureId) {
        self.call.add(xid, id);
    }

    /// Adds a one-way call.
    #[inline]
    pub(crate) const fn cast(&mut self, xid: u32, id: ProcedureId) {
        self.casts.add(xid, id);
    }

    /// Returns whether a message in the full form looks like one of these calls.
    #[inline]
    pub(crate) fn contains(&self, message: &[u8]) -> bool {
        if self.call.count == 0 && self.casts.count == 0 {
            return false;
        }
        let Some(words) = message.first_chunk::<24>() else { return false };
        let id = ProcedureId { program: word(words, 3), version: word(words, 4), procedure: word(words, 5) };
        let (xid, called) = (word(words, 0), fold(id));
        word(words, 1) == CALL && (self.call.contain(xid, called) || self.casts.contain(xid, called))
    }
}
