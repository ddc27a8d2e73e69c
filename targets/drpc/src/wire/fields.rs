//! Fields of protobuf messages: a varint key, then a varint, 8 bytes, bytes behind their length, or 4 bytes.

use super::Malformed;

/// The largest number of a field.
const NUMBER_MAX: u64 = (1 << 29) - 1;

/// The wire type of a varint.
const VARINT: u64 = 0;

/// The wire type of bytes behind their length.
const BYTES: u64 = 2;

/// A field of a message.
#[derive(Clone, Copy)]
pub(super) enum Field<'a> {
    /// A varint, with the field's number.
    Varint(u32, u64),
    /// Bytes, with the field's number.
    Bytes(u32, &'a [u8]),
    /// A field of another wire type, which none of our messages has.
    Other,
}

/// Reads a field from the front of `rest`.
///
/// Groups, which protobuf no longer has, are malformed.
pub(super) fn take_field<'a>(rest: &mut &'a [u8]) -> Result<Field<'a>, Malformed> {
    let key = take_varint(rest)?;
    let number = key >> 3;
    if number == 0 || number > NUMBER_MAX {
        return Err(Malformed);
    }
    // It has 29 bits.
    let number = number as u32;
    match key & 7 {
        VARINT => Ok(Field::Varint(number, take_varint(rest)?)),
        1 => take(rest, 8).map(|_| Field::Other),
        BYTES => {
            let length = usize::try_from(take_varint(rest)?).map_err(|_| Malformed)?;
            Ok(Field::Bytes(number, take(rest, length)?))
        }
        5 => take(rest, 4).map(|_| Field::Other),
        _ => Err(Malformed),
    }
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Result<&'a [u8], Malformed> {
    let (taken, after) = rest.split_at_checked(length).ok_or(Malformed)?;
    *rest = after;
    Ok(taken)
}

/// Reads a varint of at most 10 bytes and 64 bits.
fn take_varint(rest: &mut &[u8]) -> Result<u64, Malformed> {
    let mut value = 0;
    for index in 0..10_u32 {
        let (&byte, after) = rest.split_first().ok_or(Malformed)?;
        *rest = after;
        if index == 9 && byte > 1 {
            return Err(Malformed);
        }
        value |= u64::from(byte & 0x7f).wrapping_shl(index.wrapping_mul(7));
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(Malformed)
}

/// Returns the bytes of a varint: 1 to 10.
pub(super) const fn varint_size(value: u64) -> usize {
    // Of at most 64 bits, with one for 0, and seven in a byte.
    let bits = 64_u32.wrapping_sub((value | 1).leading_zeros());
    bits.div_ceil(7) as usize
}

/// Writes fields in room that the caller has measured; fails if it does not suffice.
pub(super) struct Fields<'a> {
    rest: &'a mut [u8],
}

impl<'a> Fields<'a> {
    pub(super) const fn new(room: &'a mut [u8]) -> Self {
        Self { rest: room }
    }

    /// Writes a varint as field `number`, unless it is 0, which an absent field is.
    pub(super) fn number(&mut self, number: u8, value: u64) -> Option<()> {
        if value == 0 { Some(()) } else { self.explicit_number(number, value) }
    }

    /// Writes a varint as field `number`.
    pub(super) fn explicit_number(&mut self, number: u8, value: u64) -> Option<()> {
        self.byte(number << 3)?;
        self.varint(value)
    }

    /// Writes the key and the length of bytes as field `number`, unless there are none.
    pub(super) fn length(&mut self, number: u8, length: usize) -> Option<()> {
        if length == 0 {
            return Some(());
        }
        self.byte(number << 3 | BYTES as u8)?;
        self.varint(length as u64)
    }

    /// Writes bytes as field `number`, unless there are none.
    pub(super) fn bytes(&mut self, number: u8, bytes: &[u8]) -> Option<()> {
        self.length(number, bytes.len())?;
        let rest = core::mem::take(&mut self.rest);
        let (place, after) = rest.split_at_mut_checked(bytes.len())?;
        place.copy_from_slice(bytes);
        self.rest = after;
        Some(())
    }

    fn varint(&mut self, mut value: u64) -> Option<()> {
        while value >= 0x80 {
            self.byte(value as u8 | 0x80)?;
            value >>= 7;
        }
        self.byte(value as u8)
    }

    fn byte(&mut self, byte: u8) -> Option<()> {
        let rest = core::mem::take(&mut self.rest);
        let (place, after) = rest.split_first_mut()?;
        *place = byte;
        self.rest = after;
        Some(())
    }
}
