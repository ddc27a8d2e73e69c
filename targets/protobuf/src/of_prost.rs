//! Messages of prost: on the heap, for hosts.

use oncilla::Writer;
use oncilla::xdr::{DecodeError, EncodeError, Fault};
use prost::Message;

use crate::Library;

/// The library prost. Its messages are on the heap and have no largest size.
///
/// A decoded message takes a multiple of its bytes in memory, which the limit of the service bounds.
#[derive(Clone, Copy, Debug)]
pub enum Prost {}

impl<M: Message + Default> Library<M> for Prost {
    const MAX_SIZE: usize = usize::MAX;

    fn decode(bytes: &[u8]) -> Result<M, DecodeError> {
        let mut rest = bytes;
        let decoded = M::decode(&mut rest);
        // prost keeps to itself what was wrong.
        let offset = bytes.len().saturating_sub(rest.len());
        decoded.map_err(|_| DecodeError { fault: Fault::Value, offset, value: None })
    }

    fn encode(message: &M, room: &mut Writer<'_>) -> Result<(), EncodeError> {
        room.append(&message.encode_to_vec())
    }

    fn size(message: &M) -> usize {
        message.encoded_len()
    }
}
