//! Objects in memory that the C program lends.

use crate::checked::{CHECKS, check};
use crate::status::status;
use crate::{ONCILLA_BUSY, ONCILLA_OVERLAP, ONCILLA_UNINITIALIZED, Status};

/// A kind of object. A number at its start marks an initialised one.
pub(crate) trait Kind {
    const MARK: u32;
    /// Whether it makes calls.
    const CALLS: bool = true;
}

/// Makes the mark of a kind. All marks have the same upper bits.
pub(crate) const fn mark(kind: u8) -> u32 {
    MARKED | kind as u32
}

const MARKED: u32 = 0x6f6e_6300;

/// The start of an object. Only checks use it.
#[repr(C)]
struct Head {
    mark: u32,
    /// The number of uses in progress.
    busy: u32,
}

/// The memory of an object.
#[repr(C)]
struct Object<I> {
    head: Head,
    inner: I,
}

/// Initialises an object, or initialises it again.
///
/// An object in use, by a procedure or callback that it has called, is ONCILLA_BUSY. After a failure, the place holds
/// no object. Only if memories overlap is the place left as it is, because it may belong to something else.
///
/// # Safety
/// If `place` is not NULL, it points to an `O` that was initialised or is zero, and no other thread uses it. `make`
/// writes its argument, or returns an error and does not.
#[inline]
pub(crate) unsafe fn init<O: Kind, I>(place: *mut O, make: impl FnOnce(*mut I) -> Result<(), Status>) -> Status {
    const {
        assert!(size_of::<Object<I>>() <= size_of::<O>(), "the C type has too few words");
        assert!(align_of::<Object<I>>() <= align_of::<O>());
    }
    let object = place.cast::<Object<I>>();
    if !CHECKS {
        // SAFETY: this function's condition.
        return status(make(unsafe { &raw mut (*object).inner }));
    }
    if let Err(fault) = check(place) {
        return fault;
    }
    // SAFETY: not NULL and aligned, there is room as asserted above, and the rest is this function's condition. No
    // reference is made to the content, which may be in use.
    unsafe {
        let head = &raw mut (*object).head;
        if (*head).mark & !0xff == MARKED && (*head).busy != 0 {
            return ONCILLA_BUSY;
        }
        let made = make(&raw mut (*object).inner);
        match made {
            Err(ONCILLA_OVERLAP) => {}
            made => head.write(Head { mark: made.map_or(0, |()| O::MARK), busy: 0 }),
        }
        status(made)
    }
}

/// Returns the content of an object, whether it is in use or not.
///
/// # Safety
/// If `place` is not NULL, it points to an `O` that was initialised or is zero.
#[inline]
pub(crate) unsafe fn content<O: Kind, I>(place: *mut O) -> Result<*mut I, Status> {
    check(place)?;
    let object = place.cast::<Object<I>>();
    // SAFETY: not NULL and aligned.
    unsafe {
        if CHECKS && (*object).head.mark != O::MARK {
            return Err(ONCILLA_UNINITIALIZED);
        }
        Ok(&raw mut (*object).inner)
    }
}

/// Begins a use of an object of one of the kinds that `is_right` accepts.
///
/// `may_repeat` accepts those whose own callbacks may use them, too. The content is returned by its address: no reference
/// into it may exist while such a callback runs.
///
/// # Safety
/// If `place` is not NULL, it points to an `O` that was initialised or is zero, and no other thread uses it.
#[inline]
pub(crate) unsafe fn enter_any<O, I>(
    place: *mut O,
    is_right: impl FnOnce(u32) -> bool,
    may_repeat: impl FnOnce(u32) -> bool,
) -> Result<(InUse, *mut I), Status> {
    check(place)?;
    let object = place.cast::<Object<I>>();
    // SAFETY: not NULL and aligned. The content is reached only if the mark shows that it was initialised.
    unsafe {
        let inner = &raw mut (*object).inner;
        let head = &raw mut (*object).head;
        if !CHECKS {
            return Ok((InUse { head }, inner));
        }
        if !is_right((*head).mark) {
            return Err(ONCILLA_UNINITIALIZED);
        }
        if (*head).busy != 0 && !may_repeat((*head).mark) {
            return Err(ONCILLA_BUSY);
        }
        (*head).busy = (*head).busy.wrapping_add(1);
        Ok((InUse { head }, inner))
    }
}

/// Begins a use of an object. Its callbacks must not use it.
///
/// # Safety
/// As of [`enter_any`].
#[inline]
pub(crate) unsafe fn enter<O: Kind, I>(place: *mut O) -> Result<(InUse, *mut I), Status> {
    // SAFETY: this function's condition.
    unsafe { enter_any(place, |mark| mark == O::MARK, |_| false) }
}

/// A use of an object, until it is dropped.
pub(crate) struct InUse {
    head: *mut Head,
}

impl Drop for InUse {
    fn drop(&mut self) {
        if CHECKS {
            // SAFETY: the object outlives this value; see `enter`.
            unsafe { (*self.head).busy = (*self.head).busy.wrapping_sub(1) };
        }
    }
}
