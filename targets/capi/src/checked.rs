//! Conversion of C pointers to Rust references, with every check that is possible.

use core::ffi::c_char;
use core::{ptr, slice};

use crate::{ONCILLA_BOUND, ONCILLA_IMPOSSIBLE_LENGTH, ONCILLA_NULL, ONCILLA_OVERLAP, ONCILLA_UNALIGNED, Status};

/// Whether functions check the arguments of the C program.
pub(crate) const CHECKS: bool = cfg!(feature = "checks");

/// Returns a function of the C program.
///
/// # Safety
/// Without checks, it is there.
#[inline]
pub(crate) unsafe fn there<F: Copy>(function: Option<F>) -> Option<F> {
    // SAFETY: this function's condition.
    if CHECKS { function } else { Some(unsafe { function.unwrap_unchecked() }) }
}

/// Checks that a pointer is neither NULL nor unaligned.
pub(crate) fn check<T>(pointer: *const T) -> Result<(), Status> {
    if !CHECKS {
        return Ok(());
    }
    if pointer.is_null() {
        return Err(ONCILLA_NULL);
    }
    if pointer.is_aligned() { Ok(()) } else { Err(ONCILLA_UNALIGNED) }
}

/// Checks a pointer to `count` values of `T`.
pub(crate) fn check_many<T>(pointer: *const T, count: usize) -> Result<(), Status> {
    if !CHECKS {
        return Ok(());
    }
    check(pointer)?;
    let largest = isize::MAX as usize;
    match count.checked_mul(size_of::<T>()) {
        Some(size) if size <= largest && (pointer as usize).checked_add(size).is_some() => Ok(()),
        _ => Err(ONCILLA_IMPOSSIBLE_LENGTH),
    }
}

/// # Safety
/// If `pointer` is not NULL, it points to a `T` that does not change while `'a` lasts.
pub(crate) unsafe fn reference<'a, T>(pointer: *const T) -> Result<&'a T, Status> {
    check(pointer)?;
    // SAFETY: neither NULL nor unaligned, and the rest is this function's condition.
    Ok(unsafe { &*pointer })
}

/// # Safety
/// If `pointer` is not NULL, it points to a `T` that nothing else uses while `'a` lasts.
pub(crate) unsafe fn reference_mut<'a, T>(pointer: *mut T) -> Result<&'a mut T, Status> {
    check(pointer)?;
    // SAFETY: neither NULL nor unaligned, and the rest is this function's condition.
    Ok(unsafe { &mut *pointer })
}

/// Returns `count` values; with a count of 0 the pointer may be NULL.
///
/// # Safety
/// If `pointer` is not NULL, it points to `count` values that do not change while `'a` lasts.
pub(crate) unsafe fn slice<'a, T>(pointer: *const T, count: usize) -> Result<&'a [T], Status> {
    if count == 0 {
        return Ok(&[]);
    }
    check_many(pointer, count)?;
    // SAFETY: neither NULL nor unaligned, no larger than an object can be, and the rest is this function's condition.
    Ok(unsafe { slice::from_raw_parts(pointer, count) })
}

/// Returns `count` values for writing; with a count of 0 the pointer may be NULL.
///
/// # Safety
/// If `pointer` is not NULL, it points to `count` initialised values that nothing else uses while `'a` lasts.
pub(crate) unsafe fn slice_mut<'a, T>(pointer: *mut T, count: usize) -> Result<&'a mut [T], Status> {
    if count == 0 {
        return Ok(&mut []);
    }
    check_many(pointer, count)?;
    // SAFETY: neither NULL nor unaligned, no larger than an object can be, and the rest is this function's condition.
    Ok(unsafe { slice::from_raw_parts_mut(pointer, count) })
}

/// Writes a value to a place that need not be initialised.
///
/// # Safety
/// If `place` is not NULL, it points to room for a `T` that nothing else uses.
pub(crate) unsafe fn put<T>(place: *mut T, value: T) -> Result<(), Status> {
    check(place)?;
    // SAFETY: neither NULL nor unaligned, and the rest is this function's condition.
    unsafe { place.write(value) };
    Ok(())
}

/// Lent memory: where it begins, and its bytes.
pub(crate) type Memory = (*const u8, usize);

/// ONCILLA_OVERLAP, where nothing else can be wrong: a result in one register, since there are many of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Overlap;

impl From<Overlap> for Status {
    fn from(_: Overlap) -> Self {
        ONCILLA_OVERLAP
    }
}

/// No memory.
pub(crate) const NOWHERE: Memory = (ptr::null(), 0);

/// Checks that two lent memories share no byte. Empty memories share none. The bytes are not read.
///
/// Not inline with checks: most functions have many of these.
#[cfg_attr(feature = "checks", inline(never))]
pub(crate) fn apart(one: Memory, other: Memory) -> Result<(), Overlap> {
    if !CHECKS || one.1 == 0 || other.1 == 0 {
        return Ok(());
    }
    let (start, end) = (one.0 as usize, (one.0 as usize).saturating_add(one.1));
    let (other_start, other_end) = (other.0 as usize, (other.0 as usize).saturating_add(other.1));
    if start < other_end && other_start < end { Err(Overlap) } else { Ok(()) }
}

/// Returns lent memory after setting it to zero.
///
/// A variable of a C program need not be initialised, and Rust may read initialised bytes only.
///
/// # Safety
/// If `pointer` is not NULL, it points to `count` bytes that nothing else uses while `'a` lasts.
pub(crate) unsafe fn cleared<'a>(pointer: *mut u8, count: usize) -> Result<&'a mut [u8], Status> {
    // Without checks, the C program must have done so.
    if CHECKS && count > 0 {
        check_many(pointer, count)?;
        // SAFETY: not NULL, no larger than an object can be, and the rest is this function's condition.
        unsafe { pointer.write_bytes(0, count) };
    }
    // SAFETY: initialised now, and the rest is this function's condition.
    unsafe { slice_mut(pointer, count) }
}

/// Returns the text before its terminating zero.
///
/// Reads at most `max` + 1 bytes of a text that has no zero.
///
/// # Safety
/// If `text` is not NULL, it points to `max` + 1 bytes, or to fewer that end with a zero. They do not change while
/// `'a` lasts.
pub(crate) unsafe fn text<'a>(text: *const c_char, max: usize) -> Result<&'a [u8], Status> {
    check(text)?;
    let text = text.cast::<u8>();
    // SAFETY: not NULL, and no byte behind the zero or behind `max` is read.
    let length = (0..=max).find(|&index| unsafe { *text.add(index) } == 0).ok_or(ONCILLA_BOUND)?;
    // SAFETY: all of these bytes have just been read.
    unsafe { slice(text, length) }
}

/// Returns where an object is and its size, for comparison with other memory by [`apart`].
pub(crate) fn place<T>(object: &T) -> Memory {
    place_at(object)
}

/// Returns where the object of a pointer is and its size; for NULL the size is 0.
pub(crate) fn place_at<T>(object: *const T) -> Memory {
    (object.cast(), if object.is_null() { 0 } else { size_of::<T>() })
}
