//! What a protobuf library does for a message.

use oncilla::Writer;
use oncilla::xdr::{DecodeError, EncodeError};

/// A protobuf library that encodes and decodes the message `M`: `Micropb` or `Prost`.
///
/// Implement it for a library of your own to use its messages in [`service!`](crate::service).
#[diagnostic::on_unimplemented(
    message = "`{M}` is not a message of the library `{Self}`",
    label = "the library does not encode and decode `{M}`",
    note = "generate the messages for the library that the service names: `Messages::Micropb` or `Messages::Prost`"
)]
pub trait Library<M> {
    /// Bytes of the largest message, or `usize::MAX` if there is no bound.
    const MAX_SIZE: usize;

    /// Decodes a message. Fields that the message does not have are skipped.
    ///
    /// # Errors
    /// The bytes are not such a message, or a field exceeds its bound.
    fn decode(bytes: &[u8]) -> Result<M, DecodeError>;

    /// Appends a message.
    ///
    /// # Errors
    /// [`EncodeError::NoRoom`], if it does not fit.
    fn encode(message: &M, room: &mut Writer<'_>) -> Result<(), EncodeError>;

    /// Returns the bytes of a message.
    fn size(message: &M) -> usize;
}
