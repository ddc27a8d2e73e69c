//! XDR decoding (RFC 4506) of lent bytes.

use core::ffi::c_char;
use core::ptr::null;

use oncilla::xdr::UNIT;

use crate::checked::{self, CHECKS, Memory, Overlap, apart, check_many, place_at, reference_mut, slice};
use crate::*;

/// Decodes values one after another from lent bytes.
///
/// The bytes are for example the arguments or results of a call. The first error stays in `status`. Later functions
/// return it, do nothing and set their results to zero. So checking the status once, with `oncilla_get_end`, is
/// enough.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Reader {
    /// The bytes to decode.
    pub bytes: *const u8,
    /// The number of bytes.
    pub length: usize,
    /// The number of bytes already decoded; after an error, its position.
    pub offset: usize,
    /// ONCILLA_OK, or the first error.
    pub status: Status,
}

impl Reader {
    pub(crate) const fn new(bytes: &[u8]) -> Self {
        Self { bytes: bytes.as_ptr(), length: bytes.len(), offset: 0, status: ONCILLA_OK }
    }

    /// Checks that neither the reader nor its bytes share a byte with `place`, which is written.
    #[inline(never)]
    fn is_apart_from(&self, place: Memory) -> Result<(), Overlap> {
        if !CHECKS {
            return Ok(());
        }
        apart(place, checked::place(self))?;
        apart(place, (self.bytes, self.length))
    }

    /// Stores the first error, which is at `offset`, and returns it.
    fn fail(&mut self, offset: usize, status: Status) -> Status {
        self.offset = offset;
        self.status = status;
        status
    }

    /// Returns the number of bytes not yet decoded.
    const fn left(&self) -> usize {
        self.length.saturating_sub(self.offset)
    }

    /// Takes `length` bytes and their padding.
    ///
    /// Returns the status and the address of the bytes. Not inline: every `oncilla_get` needs it.
    ///
    /// # Safety
    /// `bytes` points to `length` bytes, or is NULL.
    #[inline(never)]
    unsafe fn take(&mut self, length: usize) -> (Status, *const u8) {
        if self.status != ONCILLA_OK {
            return (self.status, null());
        }
        if CHECKS {
            // SAFETY: this function's condition.
            let fault = match unsafe { slice(self.bytes, self.length) } {
                Ok(bytes) if self.offset <= bytes.len() => ONCILLA_OK,
                Ok(_) => ONCILLA_INVALID,
                Err(fault) => fault,
            };
            if fault != ONCILLA_OK {
                return (self.fail(self.offset, fault), null());
            }
        }
        let before = self.offset;
        let bytes = self.bytes.wrapping_add(before);
        let left = self.left();
        // It does not overflow if `length` is at most what is left of an object.
        let padded = length.wrapping_add(UNIT - 1) & !(UNIT - 1);
        let fault = if length > left || padded > left {
            ONCILLA_END
        } else {
            self.offset = self.offset.wrapping_add(padded);
            // SAFETY: these bytes are within those that are left.
            match (length..padded).find(|&index| unsafe { *bytes.wrapping_add(index) } != 0) {
                None => return (ONCILLA_OK, bytes),
                Some(_) => ONCILLA_PADDING,
            }
        };
        (self.fail(before, fault), null())
    }

    /// Takes an unsigned int; 0 after an error.
    ///
    /// # Safety
    /// As of [`take`](Self::take).
    #[inline(never)]
    unsafe fn word(&mut self) -> (Status, u32) {
        if !CHECKS && self.status == ONCILLA_OK && self.left() >= UNIT {
            let bytes = self.bytes.wrapping_add(self.offset);
            self.offset = self.offset.wrapping_add(UNIT);
            // SAFETY: this function's condition, and as many bytes are left.
            return (ONCILLA_OK, u32::from_be_bytes(unsafe { bytes.cast::<[u8; UNIT]>().read() }));
        }
        // SAFETY: this function's condition; there are as many bytes after ONCILLA_OK.
        unsafe {
            match self.take(UNIT) {
                (ONCILLA_OK, bytes) => (ONCILLA_OK, u32::from_be_bytes(bytes.cast::<[u8; UNIT]>().read())),
                (fault, _) => (fault, 0),
            }
        }
    }

    /// Takes an unsigned hyper; 0 after an error.
    ///
    /// # Safety
    /// As of [`take`](Self::take).
    #[inline(never)]
    unsafe fn long(&mut self) -> (Status, u64) {
        // SAFETY: this function's condition; there are as many bytes after ONCILLA_OK.
        unsafe {
            match self.take(2 * UNIT) {
                (ONCILLA_OK, bytes) => (ONCILLA_OK, u64::from_be_bytes(bytes.cast::<[u8; 8]>().read())),
                (fault, _) => (fault, 0),
            }
        }
    }

    /// Takes a length of at most `max`. It is first compared with the bytes that are left.
    ///
    /// # Safety
    /// As of [`take`](Self::take).
    #[inline(never)]
    unsafe fn count(&mut self, max: usize) -> (Status, u32) {
        let before = self.offset;
        // SAFETY: this function's condition.
        match unsafe { self.word() } {
            (ONCILLA_OK, count) if count as usize > self.left() => (self.fail(before, ONCILLA_LENGTH), 0),
            (ONCILLA_OK, count) if count as usize > max => (self.fail(before, ONCILLA_BOUND), 0),
            taken => taken,
        }
    }

    /// Takes variable-length opaque data of at most `max` bytes. The padding is checked after the length.
    ///
    /// # Safety
    /// As of [`take`](Self::take).
    unsafe fn opaque(&mut self, max: usize) -> (Status, *const u8, usize) {
        let before = self.offset;
        // SAFETY: this function's condition.
        let (fault, length) = unsafe { self.count(max) };
        // SAFETY: this function's condition.
        match unsafe { self.take(length as usize) } {
            (ONCILLA_OK, bytes) => (ONCILLA_OK, bytes, length as usize),
            _ if fault != ONCILLA_OK => (fault, null(), 0),
            (fault, _) => (self.fail(before, fault), null(), 0),
        }
    }
}

/// Returns the reader, after setting the place for its next value to zero.
///
/// A place of `size` bytes that is NULL, unaligned or not apart from the reader is an error of the reader.
///
/// Not generic: every `oncilla_get` needs it.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[cfg_attr(feature = "checks", inline(never))]
unsafe fn reader_for<'a>(
    reader: *mut Reader,
    place: *mut u8,
    size: usize,
    align: usize,
) -> Result<&'a mut Reader, Status> {
    // SAFETY: this function's condition.
    let reader = unsafe { reference_mut(reader) };
    if !CHECKS {
        return reader;
    }
    let clear = match (place.is_null(), place.addr() % align) {
        (true, _) => Err(ONCILLA_NULL),
        (_, 0) => reader.as_ref().map_or(Ok(()), |reader| Ok(reader.is_apart_from((place, size))?)),
        _ => Err(ONCILLA_UNALIGNED),
    };
    match clear {
        // SAFETY: this function's condition.
        Ok(()) => unsafe { place.write_bytes(0, size) },
        Err(fault) => {
            let reader = reader?;
            if reader.status == ONCILLA_OK {
                reader.status = fault;
            }
            return Err(reader.status);
        }
    }
    reader
}

/// Decodes a value and writes it to its place; 0 after an error.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[inline]
unsafe fn get<T>(reader: *mut Reader, place: *mut T, take: impl FnOnce(&mut Reader) -> (Status, T)) -> Status {
    // SAFETY: this function's condition.
    match unsafe { reader_for(reader, place.cast(), size_of::<T>(), align_of::<T>()) } {
        Ok(reader) => {
            let (status, value) = take(reader);
            // SAFETY: this function's condition.
            unsafe { place.write(value) };
            status
        }
        Err(fault) => fault,
    }
}

/// Returns a reader of `length` bytes.
///
/// The bytes are lent, and must not change, as long as the reader or a value that points into them is used.
///
/// # Safety
/// `bytes` points to `length` bytes, or is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_reader_of(bytes: *const u8, length: usize) -> Reader {
    // SAFETY: this function's condition.
    match unsafe { slice(bytes, length) } {
        Ok(bytes) => Reader::new(bytes),
        Err(status) => Reader { bytes: null(), length: 0, offset: 0, status },
    }
}

/// Decodes an int, also an enum.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_get_i32(reader: *mut Reader, place: *mut i32) -> Status {
    // SAFETY: this function's condition.
    unsafe {
        get(reader, place, |reader| {
            let (status, value) = reader.word();
            (status, value.cast_signed())
        })
    }
}

/// Decodes an unsigned int.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_get_u32(reader: *mut Reader, place: *mut u32) -> Status {
    // SAFETY: this function's condition.
    unsafe { get(reader, place, |reader| reader.word()) }
}

/// Decodes a hyper.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_get_i64(reader: *mut Reader, place: *mut i64) -> Status {
    // SAFETY: this function's condition.
    unsafe {
        get(reader, place, |reader| {
            let (status, value) = reader.long();
            (status, value.cast_signed())
        })
    }
}

/// Decodes an unsigned hyper.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_get_u64(reader: *mut Reader, place: *mut u64) -> Status {
    // SAFETY: this function's condition.
    unsafe { get(reader, place, |reader| reader.long()) }
}

/// Decodes a float.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_get_f32(reader: *mut Reader, place: *mut f32) -> Status {
    // SAFETY: this function's condition.
    unsafe {
        get(reader, place, |reader| {
            let (status, value) = reader.word();
            (status, f32::from_bits(value))
        })
    }
}

/// Decodes a double.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_get_f64(reader: *mut Reader, place: *mut f64) -> Status {
    // SAFETY: this function's condition.
    unsafe {
        get(reader, place, |reader| {
            let (status, value) = reader.long();
            (status, f64::from_bits(value))
        })
    }
}

/// Decodes a bool as 0 or 1. In optional data, the bool states whether the value follows.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_get_bool(reader: *mut Reader, place: *mut u32) -> Status {
    // SAFETY: this function's condition.
    unsafe {
        get(reader, place, |reader| {
            let before = reader.offset;
            match reader.word() {
                (ONCILLA_OK, 2..) => (reader.fail(before, ONCILLA_BOOL), 0),
                taken => taken,
            }
        })
    }
}

/// Decodes the length of a variable-length array of at most `max` elements; the elements follow.
///
/// A length above `max` is ONCILLA_BOUND; one larger than the number of bytes that are left is ONCILLA_LENGTH.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_get_count(reader: *mut Reader, place: *mut u32, max: u32) -> Status {
    // SAFETY: this function's condition.
    unsafe { get(reader, place, |reader| reader.count(max as usize)) }
}

/// Decodes variable-length opaque data or a string of at most `max` bytes, without copying.
///
/// `bytes` is set to point into the reader's bytes, `length` to the number of bytes. They do not end with a zero.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_get_opaque(
    reader: *mut Reader,
    bytes: *mut *const u8,
    length: *mut usize,
    max: usize,
) -> Status {
    // SAFETY: this function's condition.
    unsafe {
        if CHECKS {
            let both = reader_for(reader, bytes.cast(), size_of::<*const u8>(), align_of::<*const u8>())
                .and_then(|_| reader_for(reader, length.cast(), size_of::<usize>(), align_of::<usize>()));
            match both {
                Ok(reader) if reader.status == ONCILLA_OK && apart(place_at(bytes), place_at(length)).is_err() => {
                    return reader.fail(reader.offset, ONCILLA_OVERLAP);
                }
                Ok(_) => {}
                Err(fault) => return fault,
            }
        }
        let (status, found, count) = (*reader).opaque(max);
        bytes.write(found);
        length.write(count);
        status
    }
}

/// Decodes a string of less than `size` bytes into `place` and appends a zero.
///
/// A longer string is ONCILLA_BOUND; one that contains a zero byte is ONCILLA_TEXT.
///
/// # Safety
/// `place` points to `size` bytes apart from the reader's bytes. Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_get_string(reader: *mut Reader, place: *mut c_char, size: usize) -> Status {
    // SAFETY: this function's condition.
    unsafe {
        copy(reader, place.cast(), size, true, |reader| {
            let before = reader.offset;
            let (status, text, length) = reader.opaque(size.saturating_sub(1));
            if (0..length).any(|index| *text.wrapping_add(index) == 0) {
                return (reader.fail(before, ONCILLA_TEXT), null(), 0);
            }
            (status, text, length)
        })
    }
}

/// Decodes fixed-length opaque data, `length` bytes and their padding, into `place`.
///
/// # Safety
/// `place` points to `length` bytes apart from the reader's bytes. Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_get_fixed(reader: *mut Reader, place: *mut u8, length: usize) -> Status {
    // SAFETY: this function's condition.
    unsafe {
        copy(reader, place, length, false, |reader| match reader.take(length) {
            (ONCILLA_OK, bytes) => (ONCILLA_OK, bytes, length),
            (fault, _) => (fault, null(), 0),
        })
    }
}

/// Decodes bytes and copies them to `place`; the rest of `place` is set to zero.
///
/// # Safety
/// As of [`oncilla_get_fixed`].
unsafe fn copy(
    reader: *mut Reader,
    place: *mut u8,
    size: usize,
    terminated: bool,
    take: impl FnOnce(&mut Reader) -> (Status, *const u8, usize),
) -> Status {
    // SAFETY: this function's condition.
    let reader = match unsafe { reference_mut(reader) } {
        Ok(reader) => reader,
        Err(fault) => return fault,
    };
    if let Err(fault) = writable(reader, place, size, terminated) {
        reader.status = fault;
        return fault;
    }
    let (status, bytes, length) = take(reader);
    // SAFETY: this function's condition; the place is apart from the reader's bytes, and `length` is at most `size`.
    unsafe {
        if length > 0 {
            place.copy_from_nonoverlapping(bytes, length);
        }
        if size > length {
            place.wrapping_add(length).write_bytes(0, size.wrapping_sub(length));
        }
    }
    status
}

/// Checks that `size` bytes can be written to `place`.
fn writable(reader: &Reader, place: *mut u8, size: usize, terminated: bool) -> Result<(), Status> {
    if size == 0 {
        return if terminated { Err(ONCILLA_TOO_SMALL) } else { Ok(()) };
    }
    check_many(place, size)?;
    Ok(reader.is_apart_from((place, size))?)
}

/// Checks that all bytes are decoded.
///
/// Returns the first error, else ONCILLA_LEFT_OVER if bytes are left, else ONCILLA_OK.
///
/// # Safety
/// The pointer points to a reader, or is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_get_end(reader: *mut Reader) -> Status {
    // SAFETY: this function's condition.
    let reader = match unsafe { reference_mut(reader) } {
        Ok(reader) => reader,
        Err(fault) => return fault,
    };
    if reader.status == ONCILLA_OK && reader.left() > 0 {
        reader.status = ONCILLA_LEFT_OVER;
    }
    reader.status
}
