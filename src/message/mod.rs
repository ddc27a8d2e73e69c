//! Message headers of ONC RPC version 2 (RFC 5531 §9).
//!
//! Clients and servers read and write headers for you. Use this module to inspect or forward messages. The headers are
//! coded without serde.
//!
//! With empty credentials, the header of a call has 40 bytes, and that of a reply with results has 24:
//!
//! | call | bytes | | reply | bytes |
//! |---|---|---|---|---|
//! | xid | 4 | | xid | 4 |
//! | message type 0 | 4 | | message type 1 | 4 |
//! | RPC version 2 | 4 | | accepted 0, denied 1 | 4 |
//! | program, version, procedure | 12 | | verifier | 8 to 408 |
//! | credential | 8 to 408 | | accept status | 4 |
//! | verifier | 8 to 408 | | results | |
//! | arguments | | | | |
//!
//! ```
//! use oncilla::ProcedureId;
//! use oncilla::message::{Call, CallHeader, OpaqueAuth, Reply, write_reply};
//!
//! // The client's side.
//! let id = ProcedureId { program: 0x2000_0042, version: 1, procedure: 0 };
//! let header = CallHeader { xid: 7, id, credential: OpaqueAuth::NONE, verifier: OpaqueAuth::NONE };
//! let mut message = [0; 64];
//! let length = header.write(&mut message).ok_or("the buffer is too small")?;
//! assert_eq!(length, 40);
//!
//! // The server's side.
//! let call = Call::parse(&message[..length]).map_err(|_| "not a call")?;
//! assert_eq!((call.xid(), call.id()), (7, id));
//! let mut answer = [0; 32];
//! let length = write_reply(call.xid(), Ok(()), &mut answer).ok_or("the buffer is too small")?;
//!
//! // The client's side again.
//! let reply = Reply::parse(&answer[..length]).map_err(|_| "not a reply")?;
//! assert_eq!((reply.xid, reply.outcome), (7, Ok(&[][..])));
//! # Ok::<(), &str>(())
//! ```

mod auth;
mod auth_sys;
mod bridge;
mod call;
mod fields;
mod form;
mod hello;
mod number;
mod origin;
mod refusal;
mod reply;
mod short;

pub use auth::{AuthStatus, MAX_AUTH_BODY, OpaqueAuth};
pub use auth_sys::{AUTH_NONE, AUTH_SHORT, AUTH_SYS, AuthSys, GROUPS_MAX, MACHINE_MAX, SysCredential};
pub use bridge::{lengthen, shorten};
pub(crate) use call::FIXED;
pub use call::{CALL_HEADER, CREDENTIALS_MAX, Call, CallFault, CallHeader, ProcedureId};
pub use fields::CallFields;
pub use form::Form;
pub(crate) use hello::Hello;
pub use origin::{KeyId, Origin, Sender};
pub use refusal::{Failure, REFUSAL_MAX, Refusal};
pub use reply::{REPLY_HEADER, REPLY_HEADER_MAX, Reply, write_reply};
pub(crate) use short::{
    LOG, SHORT_REPLY_HEADER, form_of_reply, restore, write_call as write_short_call, write_reply as write_short_reply,
};

/// The only version of the RPC protocol (RFC 5531 §9).
pub const RPC_VERSION: u32 = 2;

/// The message type of a call.
pub(crate) const CALL: u32 = 0;

/// The message type of a reply.
const REPLY: u32 = 1;

/// Returns word `index` of a header, or 0 after its end.
#[inline]
pub(crate) fn word<const L: usize>(header: &[u8; L], index: usize) -> u32 {
    match header.get(index.wrapping_mul(4)..).and_then(|rest| rest.split_first_chunk()) {
        Some((word, _)) => u32::from_be_bytes(*word),
        None => 0,
    }
}

/// Returns the xid of a message, and whether the message is a reply.
///
/// The result is `None` if the message is too short, or neither a call nor a reply.
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

/// Writes words at the start of `room`, and returns their size in bytes.
///
/// Returns `None` if `room` is too small.
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
