//! Calls and responses.

use core::fmt;

use super::Status;
use super::fields::{Field, Fields, take_field, varint_size};

/// The largest size of a call or a response without its body, in bytes.
pub const HEADER_MAX: usize = 1 + 10 + 1 + 10 + 1 + 10 + 1 + 5;

/// The sequence number of a response to a message that is not a call.
pub(crate) const NOT_UNDERSTOOD: i64 = -1;

/// A message that is not a protobuf message with the fields of a call or a response.
///
/// It ends within a field, or has a field number of 0, a number of more than 64 bits or a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

impl fmt::Display for Malformed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the message is not a dRPC message; do both peers begin packets with a chunk header?")
    }
}

impl core::error::Error for Malformed {}

/// A call of a method. It borrows the message.
///
/// ```
/// use oncilla_drpc::Call;
///
/// let call = Call { module: 2, method: 207, sequence: 1, body: b"\x0a\x04pool" };
/// let mut message = [0; 32];
/// let length = call.write(&mut message).ok_or("the buffer is too small")?;
/// assert_eq!(message[..length], *b"\x08\x02\x10\xcf\x01\x18\x01\x22\x06\x0a\x04pool");
/// assert_eq!(Call::parse(&message[..length]), Ok(call));
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Call<'a> {
    /// The number of the module.
    pub module: i32,
    /// The number of the method, by convention 100 times that of the module and more.
    pub method: i32,
    /// The number of the call, which the response repeats.
    pub sequence: i64,
    /// The encoded arguments.
    pub body: &'a [u8],
}

/// The response to a call. It borrows the message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Response<'a> {
    /// The number of the call, or −1 if the message was not understood.
    pub sequence: i64,
    /// What became of the call.
    pub status: Status,
    /// The encoded results. Empty unless the status is [`Status::SUCCESS`].
    pub body: &'a [u8],
}

/// Returns a number of 32 bits as protobuf writes it: with its sign in all 64 bits.
const fn extended(number: i32) -> u64 {
    number as i64 as u64
}

/// Returns the bytes of a field with a varint.
const fn number_size(value: u64) -> usize {
    if value == 0 { 0 } else { 1 + varint_size(value) }
}

/// Returns the bytes of a field with bytes.
const fn bytes_size(length: usize) -> usize {
    if length == 0 { 0 } else { (1 + varint_size(length as u64)).saturating_add(length) }
}

impl<'a> Call<'a> {
    /// Parses a message.
    ///
    /// As protobuf requires, unknown fields are skipped, absent ones are 0 or empty, and of several fields with one
    /// number the last counts.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn parse(message: &'a [u8]) -> Result<Self, Malformed> {
        let (mut call, mut rest) = (Self::default(), message);
        while !rest.is_empty() {
            match take_field(&mut rest)? {
                Field::Varint(1, module) => call.module = module as i32,
                Field::Varint(2, method) => call.method = method as i32,
                Field::Varint(3, sequence) => call.sequence = sequence as i64,
                Field::Bytes(4, body) => call.body = body,
                Field::Varint(..) | Field::Bytes(..) | Field::Other => {}
            }
        }
        Ok(call)
    }

    /// Returns the size of the message in bytes. It is 0 if every field is 0 or empty.
    #[must_use]
    pub const fn size(&self) -> usize {
        let Self { module, method, sequence, body } = *self;
        (number_size(extended(module)) + number_size(extended(method)) + number_size(sequence as u64))
            .saturating_add(bytes_size(body.len()))
    }

    /// Writes the message at the start of `room`, and returns its size.
    ///
    /// Returns `None` if `room` is too small.
    pub fn write(&self, room: &mut [u8]) -> Option<usize> {
        let size = self.size();
        let mut fields = Fields::new(room.get_mut(..size)?);
        fields.number(1, extended(self.module))?;
        fields.number(2, extended(self.method))?;
        fields.number(3, self.sequence as u64)?;
        fields.bytes(4, self.body)?;
        Some(size)
    }
}

impl<'a> Response<'a> {
    /// Parses a message, as [`Call::parse`] does.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn parse(message: &'a [u8]) -> Result<Self, Malformed> {
        let (mut response, mut rest) = (Self::default(), message);
        while !rest.is_empty() {
            match take_field(&mut rest)? {
                Field::Varint(1, sequence) => response.sequence = sequence as i64,
                Field::Varint(2, status) => response.status = Status(status as i32),
                Field::Bytes(3, body) => response.body = body,
                Field::Varint(..) | Field::Bytes(..) | Field::Other => {}
            }
        }
        Ok(response)
    }

    /// Returns the size of the message in bytes. It is at least 2.
    #[must_use]
    pub const fn size(&self) -> usize {
        let size = response_header(self.sequence, self.status).saturating_add(bytes_size(self.body.len()));
        if size == 0 { EXPLICIT } else { size }
    }

    /// Writes the message at the start of `room`, and returns its size.
    ///
    /// A response whose every field is 0 or empty would have no bytes, and an empty packet looks like the end of a
    /// connection. So its sequence number is written, which parsers of protobuf accept. Returns `None` if `room` is too
    /// small.
    pub fn write(&self, room: &mut [u8]) -> Option<usize> {
        let size = self.size();
        let mut fields = Fields::new(room.get_mut(..size)?);
        let Self { sequence, status, body } = *self;
        if response_header(sequence, status) == 0 && body.is_empty() {
            fields.explicit_number(1, 0)?;
        }
        write_response_header(&mut fields, sequence, status)?;
        fields.bytes(3, body)?;
        Some(size)
    }
}

/// The bytes of a sequence number of 0 that is written.
const EXPLICIT: usize = 2;

/// Returns the bytes of a response's sequence number and status.
const fn response_header(sequence: i64, status: Status) -> usize {
    number_size(sequence as u64) + number_size(extended(status.0))
}

fn write_response_header(fields: &mut Fields<'_>, sequence: i64, status: Status) -> Option<()> {
    fields.number(1, sequence as u64)?;
    fields.number(2, extended(status.0))
}

/// Writes all of a successful response before `length` bytes of results, of which there is at least one, at the start of
/// `room`; returns its size.
pub(crate) fn results_header(sequence: i64, length: usize, room: &mut [u8]) -> Option<usize> {
    let mut fields = Fields::new(room);
    write_response_header(&mut fields, sequence, Status::SUCCESS)?;
    fields.length(3, length)?;
    response_header(sequence, Status::SUCCESS).checked_add(1)?.checked_add(varint_size(length as u64))
}

/// Writes all of a call before `length` bytes of its body at the start of `room`; returns its size. `call` has no body.
#[cfg(all(feature = "host", unix, not(target_vendor = "apple")))]
pub(crate) fn call_header(call: &Call<'_>, length: usize, room: &mut [u8]) -> Option<usize> {
    let size = call.write(room)?;
    Fields::new(room.get_mut(size..)?).length(4, length)?;
    size.checked_add(bytes_size(length).checked_sub(length)?)
}
