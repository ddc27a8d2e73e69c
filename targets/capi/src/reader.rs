//! XDR decoding (RFC 4506) of lent bytes.

use core::ffi::c_char;
use core::ptr::null;

use oncilla::serde::Deserialize;
use oncilla::{
    Codec, Xdr,
    xdr::{Fault, UNIT},
};

use crate::checked::{self, Memory, Overlap, apart, check_many, place_at, reference_mut, slice, slice_mut};
use crate::status::{of_fault, status};
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
        apart(place, checked::place(self))?;
        apart(place, (self.bytes, self.length))
    }

    /// Returns the bytes not yet decoded.
    ///
    /// # Safety
    /// `bytes` points to `length` bytes that do not change while `'a` lasts, or is NULL.
    unsafe fn rest<'a>(&self) -> Result<&'a [u8], Status> {
        if self.status != ONCILLA_OK {
            return Err(self.status);
        }
        // SAFETY: this function's condition.
        let bytes = unsafe { slice(self.bytes, self.length) }?;
        bytes.get(self.offset..).ok_or(ONCILLA_INVALID)
    }

    /// Decodes something from the front.
    ///
    /// # Safety
    /// As of [`rest`](Self::rest).
    unsafe fn take<'a, T>(&mut self, take: impl FnOnce(&mut &'a [u8]) -> Result<T, Status>) -> Result<T, Status> {
        // SAFETY: this function's condition.
        let rest = unsafe { self.rest() };
        let taken = rest.and_then(|mut rest| {
            let value = take(&mut rest)?;
            self.offset = self.length.saturating_sub(rest.len());
            Ok(value)
        });
        if let Err(status) = taken {
            self.status = status;
        }
        taken
    }
}

/// Decodes one value.
fn value<'a, T: Deserialize<'a>>(rest: &mut &'a [u8]) -> Result<T, Status> {
    Xdr::decode(rest).map_err(|error| of_fault(error.fault))
}

/// Decodes a length of at most `max`. It is first compared with the bytes that are left.
fn count(rest: &mut &[u8], max: usize) -> Result<u32, Status> {
    match value::<u32>(rest)? {
        count if count as usize > rest.len() => Err(of_fault(Fault::Length)),
        count if count as usize > max => Err(of_fault(Fault::Bound)),
        count => Ok(count),
    }
}

/// Decodes variable-length opaque data of at most `max` bytes. The padding is checked after the length.
fn opaque<'a>(rest: &mut &'a [u8], max: usize) -> Result<&'a [u8], Status> {
    let length = count(rest, max)?;
    fixed(rest, length as usize)
}

/// Decodes a string of at most `max` bytes without a zero byte.
fn text<'a>(rest: &mut &'a [u8], max: usize) -> Result<&'a [u8], Status> {
    let text = opaque(rest, max)?;
    #[expect(
        clippy::manual_contains,
        reason = "`contains` does arithmetic in `core` that is checked where overflows are"
    )]
    if text.iter().any(|&byte| byte == 0) { Err(ONCILLA_TEXT) } else { Ok(text) }
}

/// Decodes fixed-length opaque data and its padding.
fn fixed<'a>(rest: &mut &'a [u8], length: usize) -> Result<&'a [u8], Status> {
    let padding = length.wrapping_neg() % UNIT;
    let (bytes, after) = rest.split_at_checked(length).ok_or(of_fault(Fault::End))?;
    let (zeros, after) = after.split_at_checked(padding).ok_or(of_fault(Fault::End))?;
    if zeros.iter().any(|&byte| byte != 0) {
        return Err(of_fault(Fault::Padding));
    }
    *rest = after;
    Ok(bytes)
}

/// Returns the reader, after setting the place for its next value to zero.
///
/// A place of `size` bytes that is NULL, unaligned or not apart from the reader is an error of the reader.
///
/// Not inline and not generic: every `oncilla_get` needs it.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[inline(never)]
unsafe fn reader_for<'a>(
    reader: *mut Reader,
    place: *mut u8,
    size: usize,
    align: usize,
) -> Result<&'a mut Reader, Status> {
    // SAFETY: this function's condition.
    let reader = unsafe { reference_mut(reader) };
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

/// Decodes a value and writes it to its place, which is set to zero first.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
unsafe fn get<'a, T>(
    reader: *mut Reader,
    place: *mut T,
    take: impl FnOnce(&mut &'a [u8]) -> Result<T, Status>,
) -> Status {
    // SAFETY: this function's condition; the place is valid and was set to zero.
    let taken = unsafe {
        reader_for(reader, place.cast(), size_of::<T>(), align_of::<T>())
            .and_then(|reader| reader.take(take))
            .map(|value| place.write(value))
    };
    status(taken)
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
    unsafe { get(reader, place, value) }
}

/// Decodes an unsigned int.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_get_u32(reader: *mut Reader, place: *mut u32) -> Status {
    // SAFETY: this function's condition.
    unsafe { get(reader, place, value) }
}

/// Decodes a hyper.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_get_i64(reader: *mut Reader, place: *mut i64) -> Status {
    // SAFETY: this function's condition.
    unsafe { get(reader, place, value) }
}

/// Decodes an unsigned hyper.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_get_u64(reader: *mut Reader, place: *mut u64) -> Status {
    // SAFETY: this function's condition.
    unsafe { get(reader, place, value) }
}

/// Decodes a float.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_get_f32(reader: *mut Reader, place: *mut f32) -> Status {
    // SAFETY: this function's condition.
    unsafe { get(reader, place, value) }
}

/// Decodes a double.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_get_f64(reader: *mut Reader, place: *mut f64) -> Status {
    // SAFETY: this function's condition.
    unsafe { get(reader, place, value) }
}

/// Decodes a bool as 0 or 1. In optional data, the bool states whether the value follows.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_get_bool(reader: *mut Reader, place: *mut u32) -> Status {
    // SAFETY: this function's condition.
    unsafe { get(reader, place, |rest| value::<bool>(rest).map(u32::from)) }
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
    unsafe { get(reader, place, |rest| count(rest, max as usize)) }
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
    // SAFETY: this function's condition; both places are valid and were set to zero.
    let taken = unsafe {
        reader_for(reader, bytes.cast(), size_of::<*const u8>(), align_of::<*const u8>())
            .and_then(|_| reader_for(reader, length.cast(), size_of::<usize>(), align_of::<usize>()))
            .and_then(|reader| {
                let clear = apart(place_at(bytes), place_at(length));
                reader.take(|rest| {
                    clear?;
                    opaque(rest, max)
                })
            })
            .map(|found| {
                bytes.write(found.as_ptr());
                length.write(found.len());
            })
    };
    status(taken)
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
    unsafe { copy(reader, place.cast(), size, |rest| text(rest, size.saturating_sub(1)), true) }
}

/// Decodes fixed-length opaque data, `length` bytes and their padding, into `place`.
///
/// # Safety
/// `place` points to `length` bytes apart from the reader's bytes. Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_get_fixed(reader: *mut Reader, place: *mut u8, length: usize) -> Status {
    // SAFETY: this function's condition.
    unsafe { copy(reader, place, length, |rest| fixed(rest, length), false) }
}

/// Decodes bytes and copies them to `place`; the rest of `place` is set to zero.
///
/// # Safety
/// As of [`oncilla_get_fixed`].
unsafe fn copy<'a>(
    reader: *mut Reader,
    place: *mut u8,
    size: usize,
    take: impl FnOnce(&mut &'a [u8]) -> Result<&'a [u8], Status>,
    terminated: bool,
) -> Status {
    // SAFETY: this function's condition.
    let copied = unsafe { reference_mut(reader) }.and_then(|reader| {
        let place = match writable(reader, place, size, terminated) {
            // SAFETY: this function's condition, and zeros make it initialised.
            Ok(()) => unsafe {
                place.write_bytes(0, size);
                slice_mut(place, size)
            },
            Err(fault) => Err(fault),
        };
        let place = place.inspect_err(|&fault| reader.status = fault)?;
        // SAFETY: this function's condition; the place is apart from the reader's bytes.
        let taken = unsafe { reader.take(take) }?;
        for (place, byte) in place.iter_mut().zip(taken) {
            *place = *byte;
        }
        Ok(())
    });
    status(copied)
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
    let end = |rest: &mut &[u8]| if rest.is_empty() { Ok(()) } else { Err(ONCILLA_LEFT_OVER) };
    // SAFETY: this function's condition.
    status(unsafe { reference_mut(reader).and_then(|reader| reader.take(end)) })
}
