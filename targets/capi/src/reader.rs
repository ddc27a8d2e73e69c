//! XDR decoding (RFC 4506) from lent bytes.

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

    /// Checks that neither this nor what is read has a byte in common with `place`, where something is put.
    #[inline(never)]
    fn is_apart_from(&self, place: Memory) -> Result<(), Overlap> {
        apart(place, checked::place(self))?;
        apart(place, (self.bytes, self.length))
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

/// A length word of at most `max`. First of all it is no larger than the bytes that are left.
fn count(rest: &mut &[u8], max: usize) -> Result<u32, Status> {
    match value::<u32>(rest)? {
        count if count as usize > rest.len() => Err(of_fault(Fault::Length)),
        count if count as usize > max => Err(of_fault(Fault::Bound)),
        count => Ok(count),
    }
}

/// Variable-length opaque data of at most `max` bytes. Its padding is looked at when it is not too long.
fn opaque<'a>(rest: &mut &'a [u8], max: usize) -> Result<&'a [u8], Status> {
    let length = count(rest, max)?;
    fixed(rest, length as usize)
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

/// A reader whose next value is put in a place of `size` bytes. The place is set to zero if it is one and clear of the
/// reader; else that is the reader's fault from now on.
///
/// Not inline, and for any type: every `oncilla_get` needs it.
///
/// # Safety
/// As of every `oncilla_get`: what is not NULL points to what it is said to.
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

/// Takes a value and puts it in its place; zeros, when there is none.
///
/// # Safety
/// As of every `oncilla_get`: what is not NULL points to what it is said to.
unsafe fn get<'a, T>(
    reader: *mut Reader,
    place: *mut T,
    take: impl FnOnce(&mut &'a [u8]) -> Result<T, Status>,
) -> Status {
    // SAFETY: this function's condition; zeros are all that is there before, and the place is one.
    let taken = unsafe {
        reader_for(reader, place.cast(), size_of::<T>(), align_of::<T>())
            .and_then(|reader| reader.take(take))
            .map(|value| place.write(value))
    };
    status(taken)
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
    // SAFETY: this function's condition.
    unsafe { get(reader, place, |rest| count(rest, max as usize)) }
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
    // SAFETY: this function's condition; both are places, and zeros are all that is there before.
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
    Ok(reader.is_apart_from((place, size))?)
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
