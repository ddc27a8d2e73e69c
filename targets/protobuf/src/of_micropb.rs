//! Messages of micropb: fixed sizes, no allocator.

use core::convert::Infallible;

use micropb::{MessageDecode, MessageEncode, PbDecoder, PbEncoder, PbWrite};
use oncilla::Writer;
use oncilla::xdr::{DecodeError, EncodeError, Fault};

use crate::Library;

/// The library micropb. Its messages have fixed sizes and need no allocator.
#[derive(Clone, Copy, Debug)]
pub enum Micropb {}

impl<M: Default + MessageDecode + MessageEncode> Library<M> for Micropb {
    const MAX_SIZE: usize = match M::MAX_SIZE {
        Ok(size) => size,
        Err(_) => usize::MAX,
    };

    #[inline]
    fn decode(bytes: &[u8]) -> Result<M, DecodeError> {
        let mut decoder = PbDecoder::new(bytes);
        let mut message = M::default();
        match message.decode(&mut decoder, bytes.len()) {
            Ok(()) => Ok(message),
            Err(error) => Err(DecodeError { fault: fault(&error), offset: decoder.bytes_read(), value: None }),
        }
    }

    #[inline]
    fn encode(message: &M, room: &mut Writer<'_>) -> Result<(), EncodeError> {
        message.encode(&mut PbEncoder::new(Room(room)))
    }

    #[inline]
    fn size(message: &M) -> usize {
        message.compute_size()
    }
}

/// The only writer of encoders, since another one would be another copy of their code.
struct Room<'w, 'room>(&'w mut Writer<'room>);

impl PbWrite for Room<'_, '_> {
    type Error = EncodeError;

    fn pb_write(&mut self, data: &[u8]) -> Result<(), EncodeError> {
        self.0.append(data)
    }
}

/// Converts an error of micropb to a fault.
fn fault(error: &micropb::DecodeError<Infallible>) -> Fault {
    use micropb::DecodeError;
    match error {
        DecodeError::UnexpectedEof => Fault::End,
        DecodeError::VarIntLimit => Fault::Range,
        DecodeError::Utf8 => Fault::Text,
        DecodeError::Capacity => Fault::Bound,
        DecodeError::WrongLen => Fault::Length,
        DecodeError::NestingLimit => Fault::Depth,
        _ => Fault::Value,
    }
}
