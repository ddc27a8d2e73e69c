//! XDR encoding (RFC 4506) to lent bytes.

use core::ffi::c_char;
use core::ptr::null_mut;

use oncilla::xdr::UNIT;

use crate::checked::{self, CHECKS, apart, check_many, reference_mut, slice};
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

    /// Appends room for `length` bytes, and zeros as their padding.
    ///
    /// Returns the status and the address of the room. Not inline: every `oncilla_put` needs it.
    ///
    /// # Safety
    /// `bytes` points to `size` bytes that nothing else uses, or is NULL.
    #[inline(never)]
    unsafe fn grow(&mut self, length: usize) -> (Status, *mut u8) {
        if self.status != ONCILLA_OK {
            return (self.status, null_mut());
        }
        if CHECKS {
            let fault = match apart(checked::place(self), (self.bytes, self.size)) {
                // SAFETY: this function's condition.
                Ok(()) => unsafe { slice(self.bytes.cast_const(), self.size) }.err(),
                Err(overlap) => Some(overlap.into()),
            };
            if let Some(fault) = fault.or((self.length > self.size).then_some(ONCILLA_INVALID)) {
                return (self.fail(fault), null_mut());
            }
        }
        let room = self.bytes.wrapping_add(self.length);
        let left = self.size.saturating_sub(self.length);
        // It does not overflow if `length` is at most what is left of an object.
        let padded = length.wrapping_add(UNIT - 1) & !(UNIT - 1);
        if length > left || padded > left {
            return (self.fail(ONCILLA_NO_ROOM), null_mut());
        }
        for index in length..padded {
            // SAFETY: these bytes are within the room that is left.
            unsafe { *room.wrapping_add(index) = 0 };
        }
        self.length = self.length.wrapping_add(padded);
        (ONCILLA_OK, room)
    }

    /// Stores the first error and returns it.
    fn fail(&mut self, status: Status) -> Status {
        self.status = status;
        status
    }

    /// Appends bytes with their padding, behind their length if `counted`.
    ///
    /// # Safety
    /// As of [`grow`](Self::grow). `bytes` points to `length` bytes, or is NULL.
    #[inline(never)]
    unsafe fn append(&mut self, bytes: *const u8, length: usize, counted: bool) -> Status {
        if CHECKS && self.status == ONCILLA_OK {
            let clear = apart((bytes, length), (self.bytes, self.size))
                .and_then(|()| apart((bytes, length), checked::place(self)));
            // SAFETY: this function's condition.
            let fault = clear.map_err(Status::from).and_then(|()| unsafe { slice(bytes, length) }.map(|_| ()));
            if let Err(fault) = fault {
                return self.fail(fault);
            }
        }
        let Ok(count) = u32::try_from(length) else { return self.fail(ONCILLA_NO_ROOM) };
        let head = if counted { UNIT } else { 0 };
        // SAFETY: this function's condition; there is as much room after ONCILLA_OK.
        unsafe {
            let (status, mut room) = self.grow(length.saturating_add(head));
            if status != ONCILLA_OK {
                return status;
            }
            if counted {
                room.cast::<[u8; 4]>().write(count.to_be_bytes());
                room = room.wrapping_add(UNIT);
            }
            if length > 0 {
                room.copy_from_nonoverlapping(bytes, length);
            }
        }
        ONCILLA_OK
    }
}

/// Encodes a value of `N` bytes.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[inline]
unsafe fn put<const N: usize>(writer: *mut Writer, bytes: [u8; N]) -> Status {
    // SAFETY: this function's condition; there is as much room after ONCILLA_OK.
    unsafe {
        let writer = match reference_mut(writer) {
            Ok(writer) => writer,
            Err(fault) => return fault,
        };
        let (status, room) = writer.grow(N);
        if status == ONCILLA_OK {
            room.cast::<[u8; N]>().write(bytes);
        }
        status
    }
}

/// Returns a writer to `size` bytes.
///
/// The bytes are lent as long as the writer is used.
///
/// # Safety
/// `bytes` points to `size` bytes, or is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_writer_on(bytes: *mut u8, size: usize) -> Writer {
    let checked = if size == 0 { Ok(()) } else { check_many(bytes, size) };
    match checked {
        Ok(()) => Writer { bytes, size, length: 0, status: ONCILLA_OK },
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
    unsafe { put(writer, value.to_be_bytes()) }
}

/// Encodes an unsigned int.
///
/// # Safety
/// The pointer points to a writer, or is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_put_u32(writer: *mut Writer, value: u32) -> Status {
    // SAFETY: this function's condition.
    unsafe { put(writer, value.to_be_bytes()) }
}

/// Encodes a hyper.
///
/// # Safety
/// The pointer points to a writer, or is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_put_i64(writer: *mut Writer, value: i64) -> Status {
    // SAFETY: this function's condition.
    unsafe { put(writer, value.to_be_bytes()) }
}

/// Encodes an unsigned hyper.
///
/// # Safety
/// The pointer points to a writer, or is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_put_u64(writer: *mut Writer, value: u64) -> Status {
    // SAFETY: this function's condition.
    unsafe { put(writer, value.to_be_bytes()) }
}

/// Encodes a float.
///
/// # Safety
/// The pointer points to a writer, or is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_put_f32(writer: *mut Writer, value: f32) -> Status {
    // SAFETY: this function's condition.
    unsafe { put(writer, value.to_be_bytes()) }
}

/// Encodes a double.
///
/// # Safety
/// The pointer points to a writer, or is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_put_f64(writer: *mut Writer, value: f64) -> Status {
    // SAFETY: this function's condition.
    unsafe { put(writer, value.to_be_bytes()) }
}

/// Encodes a bool: 0 for 0, 1 for every other number. In optional data, the bool states whether the value follows.
///
/// # Safety
/// The pointer points to a writer, or is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_put_bool(writer: *mut Writer, value: u32) -> Status {
    // SAFETY: this function's condition.
    unsafe { put(writer, u32::from(value != 0).to_be_bytes()) }
}

/// Encodes variable-length opaque data: the length, the bytes and their padding.
///
/// # Safety
/// `bytes` points to `length` bytes, or is NULL, and so does the writer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_put_opaque(writer: *mut Writer, bytes: *const u8, length: usize) -> Status {
    // SAFETY: this function's condition.
    unsafe { put_bytes(writer, bytes, length, true) }
}

/// Encodes fixed-length opaque data: the bytes and their padding, without the length.
///
/// # Safety
/// `bytes` points to `length` bytes, or is NULL, and so does the writer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_put_fixed(writer: *mut Writer, bytes: *const u8, length: usize) -> Status {
    // SAFETY: this function's condition.
    unsafe { put_bytes(writer, bytes, length, false) }
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
            Ok(text) => put_bytes(writer, text.as_ptr(), text.len(), true),
            Err(fault) => match reference_mut(writer) {
                Ok(writer) if writer.status == ONCILLA_OK => writer.fail(fault),
                Ok(writer) => writer.status,
                Err(fault) => fault,
            },
        }
    }
}

/// # Safety
/// As of [`oncilla_put_opaque`].
unsafe fn put_bytes(writer: *mut Writer, bytes: *const u8, length: usize, counted: bool) -> Status {
    // SAFETY: this function's condition.
    match unsafe { reference_mut(writer) } {
        // SAFETY: as above.
        Ok(writer) => unsafe { writer.append(bytes, length, counted) },
        Err(fault) => fault,
    }
}
