//! The first bytes of messages and of their contents.

use crate::message::Form;

/// Kinds of content: its first byte.
pub(super) const FULL: u8 = 0;
pub(super) const SHORT: u8 = 1;
pub(crate) const LOG: u8 = 2;
pub(crate) const TEXT: u8 = 3;
pub(super) const NOTHING: u8 = 4;

/// First bytes of messages.
pub(super) const HELLO: u8 = 1;
pub(super) const CHALLENGE: u8 = 2;
pub(super) const OPEN: u8 = 3;

/// Returns the kind of a message in `form`.
pub(super) const fn kind_of(form: Form) -> u8 {
    match form {
        Form::Full => FULL,
        Form::Short => SHORT,
    }
}
