//! One's own calls, which a line may echo.
//!
//! Between ends that know each other's boot numbers the check value says whose a message is. Elsewhere on serial lines a
//! call is dropped that has the xid and the procedure of one of one's own that may still come back.

use crate::message::{CALL, ProcedureId, word};

/// Calls of one procedure, one after another.
#[derive(Clone, Copy)]
struct Calls {
    /// The xid of the last.
    xid: u32,
    /// What they call, folded.
    called: u16,
    /// How many there are.
    count: u8,
}

/// An end's own calls that may come back: 20 bytes.
#[derive(Clone, Copy)]
pub(crate) struct Own {
    /// Those that wait for a reply, the last of them.
    call: Calls,
    /// One-way calls since the last reply, those of the procedure that was called last.
    casts: Calls,
    /// One has come back.
    pub came: bool,
}

/// Program, version and procedure in one number.
const fn fold(id: ProcedureId) -> u16 {
    let program = (id.program ^ id.program >> 16) as u16;
    program ^ (id.version as u16).rotate_left(4) ^ (id.procedure as u16).rotate_left(8)
}

impl Calls {
    const NONE: Self = Self { xid: 0, called: 0, count: 0 };

    /// Another is sent.
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

    /// A call is sent that waits for its reply.
    #[inline]
    pub(crate) const fn call(&mut self, xid: u32, id: ProcedureId) {
        self.call.add(xid, id);
    }

    /// A one-way call is sent.
    #[inline]
    pub(crate) const fn cast(&mut self, xid: u32, id: ProcedureId) {
        self.casts.add(xid, id);
    }

    /// Whether a message in the full form looks like one of them.
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
