//! XDR decoding (RFC 4506) from lent bytes.

use core::ffi::c_char;
use core::ptr::null;

use oncilla::serde::Deserialize;
use oncilla::{
    Codec, Xdr,
    xdr::{Fault, UNIT},
};

use crate::checked::{self, apart, check, check_many, put, reference_mut, slice, slice_mut};
use crate::status::{of_fault, status};
use crate::{ONCILLA_BOUND, ONCILLA_INVALID, ONCILLA_LEFT_OVER, ONCILLA_OK, ONCILLA_TEXT, ONCILLA_TOO_SMALL, Status};

/// Takes values one after another off lent bytes, such as the arguments or results of a call. What is wrong first stays
/// in `status`: the functions that follow do nothing but return it and give zeros, so that one look at the end is enough.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Reader {
    /// All the bytes.
    pub bytes: *const u8,
    /// How many.
    pub length: usize,
    /// How many have been taken; where the fault is.
    pub offset: usize,
    /// ONCILLA_OK, or what was wrong first.
    pub status: Status,
}

impl Reader {
    pub(crate) const fn new(bytes: &[u8]) -> Self {
        Self { bytes: bytes.as_ptr(), length: bytes.len(), offset: 0, status: ONCILLA_OK }
    }

    /// What has not been taken.
    ///
    /// # Safety
    /// `bytes` points to `length` bytes that nobody changes while `'a` lasts, or is NULL.
    unsafe fn rest<'a>(&self) -> Result<&'a [u8], Status> {
        if self.status != ONCILLA_OK {
            return Err(self.status);
        }
        // SAFETY: this function's condition.
        let bytes = unsafe { slice(self.bytes, self.length) }?;
        bytes.get(self.offset..).ok_or(ONCILLA_INVALID)
    }

    /// Takes something off the front.
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

/// One value of the codec.
fn value<'a, T: Deserialize<'a>>(rest: &mut &'a [u8]) -> Result<T, Status> {
    Xdr::decode(rest).map_err(|error| of_fault(error.fault))
}

/// Variable-length opaque data of at most `max` bytes.
fn opaque<'a>(rest: &mut &'a [u8], max: usize) -> Result<&'a [u8], Status> {
    let bytes = value::<&[u8]>(rest)?;
    if bytes.len() > max { Err(ONCILLA_BOUND) } else { Ok(bytes) }
}

/// A string of at most `max` bytes, none of them zero.
fn text<'a>(rest: &mut &'a [u8], max: usize) -> Result<&'a [u8], Status> {
    let text = opaque(rest, max)?;
    #[expect(
        clippy::manual_contains,
        reason = "`contains` does arithmetic in `core` that is checked where overflows are"
    )]
    if text.iter().any(|&byte| byte == 0) { Err(ONCILLA_TEXT) } else { Ok(text) }
}

/// Fixed-length opaque data and its padding.
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

/// Takes a value and puts it in its place; zeros, when there is none.
///
/// # Safety
/// As of every `oncilla_get`: what is not NULL points to what it is said to.
unsafe fn get<'a, T: Default>(
    reader: *mut Reader,
    place: *mut T,
    take: impl FnOnce(&mut &'a [u8]) -> Result<T, Status>,
) -> Status {
    let take = |rest: &mut &'a [u8]| {
        check(place)?;
        take(rest)
    };
    // SAFETY: this function's condition; the reader and what it reads are apart.
    let taken = unsafe { reference_mut(reader).and_then(|reader| reader.take(take)) };
    let (value, status) = taken.map_or_else(|fault| (T::default(), fault), |value| (value, ONCILLA_OK));
    // A place that is none has its status already.
    // SAFETY: this function's condition.
    let _ = unsafe { put(place, value) };
    status
}

/// A reader of `length` bytes, which must stay as they are while it and what it lends are used.
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

/// Takes an int.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_get_i32(reader: *mut Reader, place: *mut i32) -> Status {
    // SAFETY: this function's condition.
    unsafe { get(reader, place, value) }
}

/// Takes an unsigned int.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_get_u32(reader: *mut Reader, place: *mut u32) -> Status {
    // SAFETY: this function's condition.
    unsafe { get(reader, place, value) }
}

/// Takes a hyper.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_get_i64(reader: *mut Reader, place: *mut i64) -> Status {
    // SAFETY: this function's condition.
    unsafe { get(reader, place, value) }
}

/// Takes an unsigned hyper.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_get_u64(reader: *mut Reader, place: *mut u64) -> Status {
    // SAFETY: this function's condition.
    unsafe { get(reader, place, value) }
}

/// Takes a float.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_get_f32(reader: *mut Reader, place: *mut f32) -> Status {
    // SAFETY: this function's condition.
    unsafe { get(reader, place, value) }
}

/// Takes a double.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_get_f64(reader: *mut Reader, place: *mut f64) -> Status {
    // SAFETY: this function's condition.
    unsafe { get(reader, place, value) }
}

/// Takes a bool: 0 or 1. Optional data begins with one that says whether the value follows.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_get_bool(reader: *mut Reader, place: *mut u32) -> Status {
    // SAFETY: this function's condition.
    unsafe { get(reader, place, |rest| value::<bool>(rest).map(u32::from)) }
}

/// Takes the length word of a variable-length array of at most `max` elements; they follow. A length larger than the
/// bytes that are left is refused.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_get_count(reader: *mut Reader, place: *mut u32, max: u32) -> Status {
    let count = |rest: &mut &[u8]| match value::<u32>(rest)? {
        count if count as usize > rest.len() => Err(of_fault(Fault::Length)),
        count if count > max => Err(ONCILLA_BOUND),
        count => Ok(count),
    };
    // SAFETY: this function's condition.
    unsafe { get(reader, place, count) }
}

/// Takes variable-length opaque data or a string of at most `max` bytes, and lends it: it stays where it is among the
/// reader's bytes, and has no zero at its end.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_get_opaque(
    reader: *mut Reader,
    bytes: *mut *const u8,
    length: *mut usize,
    max: usize,
) -> Status {
    let take = |rest: &mut &[u8]| {
        check(bytes)?;
        check(length)?;
        let taken = opaque(rest, max)?;
        Ok((taken.as_ptr(), taken.len()))
    };
    // SAFETY: this function's condition.
    let taken = unsafe { reference_mut(reader).and_then(|reader| reader.take(take)) };
    let (found, status) = taken.map_or_else(|fault| ((null(), 0), fault), |found| (found, ONCILLA_OK));
    // Places that are none have their status already.
    // SAFETY: this function's condition.
    let _ = unsafe { put(bytes, found.0).and(put(length, found.1)) };
    status
}

/// Takes a string of less than `size` bytes into `place`, with a zero behind it. One that has a zero in it is refused.
///
/// # Safety
/// `place` points to `size` bytes that are none of the reader's; the pointers point to what they are for, or are NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_get_string(reader: *mut Reader, place: *mut c_char, size: usize) -> Status {
    // SAFETY: this function's condition.
    unsafe { copy(reader, place.cast(), size, |rest| text(rest, size.saturating_sub(1)), true) }
}

/// Takes fixed-length opaque data: `length` bytes and their padding.
///
/// # Safety
/// `place` points to `length` bytes that are none of the reader's; the pointers point to what they are for, or are NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_get_fixed(reader: *mut Reader, place: *mut u8, length: usize) -> Status {
    // SAFETY: this function's condition.
    unsafe { copy(reader, place, length, |rest| fixed(rest, length), false) }
}

/// Takes bytes and copies them to `place`, with zeros behind them.
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

/// Whether bytes can be written there.
fn writable(reader: &Reader, place: *mut u8, size: usize, terminated: bool) -> Result<(), Status> {
    if size == 0 {
        return if terminated { Err(ONCILLA_TOO_SMALL) } else { Ok(()) };
    }
    check_many(place, size)?;
    apart((place, size), checked::place(reader))?;
    apart((place, size), (reader.bytes, reader.length))
}

/// What was wrong first, or ONCILLA_LEFT_OVER when there are bytes that nobody has taken, or ONCILLA_OK.
///
/// # Safety
/// The pointer points to a reader, or is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_get_end(reader: *mut Reader) -> Status {
    let end = |rest: &mut &[u8]| if rest.is_empty() { Ok(()) } else { Err(ONCILLA_LEFT_OVER) };
    // SAFETY: this function's condition.
    status(unsafe { reference_mut(reader).and_then(|reader| reader.take(end)) })
}
