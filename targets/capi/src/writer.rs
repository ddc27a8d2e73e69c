//! XDR encoding (RFC 4506) to lent bytes.

use core::ffi::c_char;
use core::ptr::null_mut;

use oncilla::serde::Serialize;
use oncilla::xdr::{self, EncodeError};

use crate::checked::{self, apart, check_many, reference_mut, slice, slice_mut};
use crate::status::{of_fault, status};
use crate::{ONCILLA_INVALID, ONCILLA_NO_ROOM, ONCILLA_OK, Status};

/// Encodes values one after another to lent bytes.
///
/// The bytes become for example the arguments or results of a call. The first error stays in `status`. Later
/// functions return it and do nothing. So checking the status once, after the last value, is enough; a call with the
/// writer checks it too.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Writer {
    /// The lent bytes.
    pub bytes: *mut u8,
    /// The number of lent bytes.
    pub size: usize,
    /// The number of bytes already written.
    pub length: usize,
    /// ONCILLA_OK, or the first error.
    pub status: Status,
}

impl Writer {
    pub(crate) const fn new(room: &mut [u8]) -> Self {
        Self { bytes: room.as_mut_ptr(), size: room.len(), length: 0, status: ONCILLA_OK }
    }

    /// Returns the bytes already written.
    ///
    /// # Safety
    /// `bytes` points to `length` bytes that do not change while `'a` lasts, or is NULL.
    pub(crate) unsafe fn written<'a>(&self) -> Result<&'a [u8], Status> {
        if self.status != ONCILLA_OK {
            return Err(self.status);
        }
        if self.length > self.size {
            return Err(ONCILLA_INVALID);
        }
        // SAFETY: this function's condition.
        unsafe { slice(self.bytes, self.length) }
    }

    /// Returns the room behind the written bytes. Not inline: every `oncilla_put` would repeat these checks.
    ///
    /// # Safety
    /// `bytes` points to `size` bytes that nothing else uses while `'a` lasts, or is NULL.
    #[inline(never)]
    unsafe fn room<'a>(&self) -> Result<&'a mut [u8], Status> {
        if self.status != ONCILLA_OK {
            return Err(self.status);
        }
        apart(checked::place(self), (self.bytes, self.size))?;
        // SAFETY: this function's condition; no byte is the writer's own.
        unsafe { slice_mut(self.bytes, self.size) }?.get_mut(self.length..).ok_or(ONCILLA_INVALID)
    }

    /// Writes something behind the written bytes.
    ///
    /// # Safety
    /// `bytes` points to `size` bytes that nothing else uses, or is NULL.
    unsafe fn append(&mut self, write: impl FnOnce(&mut [u8]) -> Result<usize, Status>) -> Result<(), Status> {
        // SAFETY: this function's condition.
        let room = unsafe { self.room() };
        let written = room.and_then(write).inspect_err(|&fault| self.status = fault)?;
        self.length = self.length.saturating_add(written);
        Ok(())
    }
}

/// Encodes one value.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
unsafe fn put<T: Serialize + ?Sized>(writer: *mut Writer, value: &T) -> Status {
    let encode = |room: &mut [u8]| {
        xdr::encode(value, room).map_err(|error| match error {
            EncodeError::NoRoom { .. } => ONCILLA_NO_ROOM,
            EncodeError::Refused(fault) => of_fault(fault),
        })
    };
    // SAFETY: this function's condition; the value is not part of the room.
    status(unsafe { reference_mut(writer).and_then(|writer| writer.append(encode)) })
}

/// Returns a writer to `size` bytes, which are set to zero.
///
/// The bytes are lent as long as the writer is used.
///
/// # Safety
/// `bytes` points to `size` bytes, or is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_writer_on(bytes: *mut u8, size: usize) -> Writer {
    let checked = if size == 0 { Ok(()) } else { check_many(bytes, size) };
    match checked {
        Ok(()) => {
            // SAFETY: this function's condition. They are cleared because Rust may read initialised bytes only, and a
            // variable of a C program need not be initialised.
            unsafe { bytes.write_bytes(0, size) };
            Writer { bytes, size, length: 0, status: ONCILLA_OK }
        }
        Err(status) => Writer { bytes: null_mut(), size: 0, length: 0, status },
    }
}

/// Encodes an int, also an enum.
///
/// # Safety
/// The pointer points to a writer, or is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_put_i32(writer: *mut Writer, value: i32) -> Status {
    // SAFETY: this function's condition.
    unsafe { put(writer, &value) }
}

/// Encodes an unsigned int.
///
/// # Safety
/// The pointer points to a writer, or is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_put_u32(writer: *mut Writer, value: u32) -> Status {
    // SAFETY: this function's condition.
    unsafe { put(writer, &value) }
}

/// Encodes a hyper.
///
/// # Safety
/// The pointer points to a writer, or is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_put_i64(writer: *mut Writer, value: i64) -> Status {
    // SAFETY: this function's condition.
    unsafe { put(writer, &value) }
}

/// Encodes an unsigned hyper.
///
/// # Safety
/// The pointer points to a writer, or is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_put_u64(writer: *mut Writer, value: u64) -> Status {
    // SAFETY: this function's condition.
    unsafe { put(writer, &value) }
}

/// Encodes a float.
///
/// # Safety
/// The pointer points to a writer, or is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_put_f32(writer: *mut Writer, value: f32) -> Status {
    // SAFETY: this function's condition.
    unsafe { put(writer, &value) }
}

/// Encodes a double.
///
/// # Safety
/// The pointer points to a writer, or is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_put_f64(writer: *mut Writer, value: f64) -> Status {
    // SAFETY: this function's condition.
    unsafe { put(writer, &value) }
}

/// Encodes a bool: 0 for 0, 1 for every other number. In optional data, the bool states whether the value follows.
///
/// # Safety
/// The pointer points to a writer, or is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_put_bool(writer: *mut Writer, value: u32) -> Status {
    // SAFETY: this function's condition.
    unsafe { put(writer, &(value != 0)) }
}

/// Encodes variable-length opaque data: the length, the bytes and their padding.
///
/// # Safety
/// `bytes` points to `length` bytes, or is NULL, and so does the writer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_put_opaque(writer: *mut Writer, bytes: *const u8, length: usize) -> Status {
    // SAFETY: this function's condition.
    unsafe { put_bytes(writer, bytes, length, |room, bytes| copy(room, bytes, true)) }
}

/// Encodes fixed-length opaque data: the bytes and their padding, without the length.
///
/// # Safety
/// `bytes` points to `length` bytes, or is NULL, and so does the writer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_put_fixed(writer: *mut Writer, bytes: *const u8, length: usize) -> Status {
    // SAFETY: this function's condition.
    unsafe { put_bytes(writer, bytes, length, |room, bytes| copy(room, bytes, false)) }
}

/// Encodes a string: the bytes of `text` before its terminating zero.
///
/// `max` is the bound of the interface, in bytes without the zero. A longer text is ONCILLA_BOUND. At most `max` + 1
/// bytes of `text` are read.
///
/// # Safety
/// `text` points to bytes that end with a zero, or to more than `max`, or is NULL, and so does the writer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_put_string(writer: *mut Writer, text: *const c_char, max: usize) -> Status {
    // SAFETY: this function's condition.
    unsafe {
        match checked::text(text, max) {
            Ok(text) => put_bytes(writer, text.as_ptr(), text.len(), |room, bytes| copy(room, bytes, true)),
            Err(fault) => status(reference_mut(writer).and_then(|writer| writer.append(|_| Err(fault)))),
        }
    }
}

/// # Safety
/// As of [`oncilla_put_opaque`].
unsafe fn put_bytes(
    writer: *mut Writer,
    bytes: *const u8,
    length: usize,
    copy: impl FnOnce(&mut [u8], &[u8]) -> Result<usize, Status>,
) -> Status {
    // SAFETY: this function's condition.
    let written = unsafe { reference_mut(writer) }.and_then(|writer| {
        let clear = apart((bytes, length), (writer.bytes, writer.size))
            .and_then(|()| apart((bytes, length), checked::place(writer)));
        // SAFETY: this function's condition; if the bytes overlap the room, `clear` is an error and they are not used.
        unsafe {
            writer.append(|room| {
                clear?;
                copy(room, slice(bytes, length)?)
            })
        }
    });
    status(written)
}

/// Encodes bytes with their padding, behind their length if `counted`; returns the number of bytes written.
fn copy(room: &mut [u8], bytes: &[u8], counted: bool) -> Result<usize, Status> {
    if counted {
        return xdr::encode(&Counted(bytes), room).map_err(|_| ONCILLA_NO_ROOM);
    }
    let padding = bytes.len().wrapping_neg() % xdr::UNIT;
    let (place, rest) = room.split_at_mut_checked(bytes.len()).ok_or(ONCILLA_NO_ROOM)?;
    let (zeros, _) = rest.split_at_mut_checked(padding).ok_or(ONCILLA_NO_ROOM)?;
    place.copy_from_slice(bytes);
    zeros.fill(0);
    Ok(bytes.len().saturating_add(padding))
}

/// Variable-length opaque data.
struct Counted<'a>(&'a [u8]);

impl Serialize for Counted<'_> {
    fn serialize<S: oncilla::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}
