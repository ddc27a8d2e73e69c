//! Message headers of ONC RPC version 2 (RFC 5531 §9), written and read by hand.
//!
//! A call with empty credentials is 40 bytes before its arguments, a reply 24 bytes before its results:
//!
//! | call | bytes | | reply | bytes |
//! |---|---|---|---|---|
//! | xid | 4 | | xid | 4 |
//! | message type 0 | 4 | | message type 1 | 4 |
//! | RPC version 2 | 4 | | accepted 0, denied 1 | 4 |
//! | program, version, procedure | 12 | | verifier | 8 to 408 |
//! | credential | 8 to 408 | | accept status | 4 |
//! | verifier | 8 to 408 | | results | |

mod auth;
mod auth_sys;
mod bridge;
mod call;
mod form;
mod hello;
mod number;
mod refusal;
mod reply;
mod short;

pub use auth::{AuthStatus, MAX_AUTH_BODY, OpaqueAuth};
pub use auth_sys::{AUTH_NONE, AUTH_SHORT, AUTH_SYS, AuthSys, GROUPS_MAX, MACHINE_MAX, SysCredential};
pub use bridge::{lengthen, shorten};
pub(crate) use call::FIXED;
pub use call::{CALL_HEADER, CREDENTIALS_MAX, Call, CallFault, CallHeader, ProcedureId};
pub use form::Form;
pub(crate) use hello::Hello;
pub use refusal::{Failure, REFUSAL_MAX, Refusal};
pub use reply::{REPLY_HEADER, REPLY_HEADER_MAX, Reply, write_reply};
pub(crate) use short::{
    LOG, SHORT_REPLY_HEADER, form_of_reply, restore, write_call as write_short_call, write_reply as write_short_reply,
};

/// The only version of the RPC protocol (RFC 5531 §9).
pub const RPC_VERSION: u32 = 2;

pub(crate) const CALL: u32 = 0;
const REPLY: u32 = 1;

/// The word at index `N` of a header.
#[inline]
pub(crate) fn word<const L: usize>(header: &[u8; L], index: usize) -> u32 {
    match header.get(index.wrapping_mul(4)..).and_then(|rest| rest.split_first_chunk()) {
        Some((word, _)) => u32::from_be_bytes(*word),
        None => 0,
    }
}

/// The xid of a message and whether it is a reply; `None` when it is too short or neither call nor reply.
#[inline]
pub(crate) fn peek(form: Form, message: &[u8]) -> Option<(u32, bool)> {
    if form == Form::Short {
        return short::peek(message);
    }
    let (header, _) = message.split_first_chunk::<8>()?;
    match word(header, 1) {
        CALL => Some((word(header, 0), false)),
        REPLY => Some((word(header, 0), true)),
        _ => None,
    }
}

/// Writes words at the start of `room` and returns their bytes; `None` when it is too small.
#[inline]
fn put_words(words: impl IntoIterator<Item = u32>, room: &mut [u8]) -> Option<usize> {
    let available = room.len();
    let mut rest = room;
    for word in words {
        let (place, after) = rest.split_first_chunk_mut()?;
        *place = word.to_be_bytes();
        rest = after;
    }
    Some(available.wrapping_sub(rest.len()))
}
