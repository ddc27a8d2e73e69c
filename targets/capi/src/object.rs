//! Objects in memory that the C program lends.

use core::ops::{Deref, DerefMut};

use crate::checked::check;
use crate::{ONCILLA_BUSY, ONCILLA_OVERLAP, ONCILLA_UNINITIALIZED, Status};

/// A kind of object. A number at its start marks an initialised one.
pub(crate) trait Kind {
    /// The content of the object.
    type Inner;
    const MARK: u32;
}

/// The memory of an object.
struct Object<T> {
    mark: u32,
    /// The number of uses in progress.
    busy: u32,
    inner: T,
}

/// Initialises an object, or initialises it again.
///
/// An object in use, by a procedure or callback that it has called, is ONCILLA_BUSY. After a failure, the place holds
/// no object. Only if memories overlap is the place left as it is, because it may belong to something else.
///
/// # Safety
/// If `place` is not NULL, it points to an `O` that was initialised or is zero, and no other thread uses it.
pub(crate) unsafe fn init<O: Kind>(
    place: *mut O,
    make: impl FnOnce() -> Result<O::Inner, Status>,
) -> Result<(), Status> {
    const {
        assert!(size_of::<Object<O::Inner>>() <= size_of::<O>(), "the C type has too few words");
        assert!(align_of::<Object<O::Inner>>() <= align_of::<O>());
    }
    check(place)?;
    let object = place.cast::<Object<O::Inner>>();
    // SAFETY: not NULL and aligned, there is room as asserted above, and the rest is this function's condition. No
    // reference is made to the content, which may be in use.
    unsafe {
        if (*object).mark == O::MARK && uses::are_there(&raw mut (*object).busy) {
            return Err(ONCILLA_BUSY);
        }
    }
    let made = make();
    // SAFETY: as above, and nothing uses the old content, or the object would have been busy.
    unsafe {
        match made {
            Ok(inner) => object.write(Object { mark: O::MARK, busy: 0, inner }),
            Err(ONCILLA_OVERLAP) => return Err(ONCILLA_OVERLAP),
            Err(fault) => {
                (*object).mark = 0;
                return Err(fault);
            }
        }
    }
    Ok(())
}

/// Returns the content of an object that does not change after its initialisation.
///
/// # Safety
/// If `place` is not NULL, it points to an `O` that was initialised or is zero, and nothing initialises it while `'a`
/// lasts.
pub(crate) unsafe fn look<'a, O: Kind>(place: *const O) -> Result<&'a O::Inner, Status> {
    check(place)?;
    let object = place.cast::<Object<O::Inner>>();
    // SAFETY: not NULL and aligned; the content is read only if the mark shows that it was initialised.
    unsafe { if (*object).mark == O::MARK { Ok(&(*object).inner) } else { Err(ONCILLA_UNINITIALIZED) } }
}

/// Copies a part of an object that does not change after its initialisation, even while the object is in use.
///
/// # Safety
/// If `place` is not NULL, it points to an `O` that was initialised or is zero; `part` returns the place of a part of
/// it.
pub(crate) unsafe fn peek<O: Kind, P: Copy>(
    place: *const O,
    part: unsafe fn(*const O::Inner) -> *const P,
) -> Result<P, Status> {
    check(place)?;
    let object = place.cast::<Object<O::Inner>>();
    // SAFETY: not NULL and aligned; the content is read only if the mark shows that it was initialised. No reference
    // is made to the parts that may be in use.
    unsafe {
        if (*object).mark == O::MARK { Ok(*part(&raw const (*object).inner)) } else { Err(ONCILLA_UNINITIALIZED) }
    }
}

/// Marks an object as in use until the returned value is dropped.
///
/// # Safety
/// If `place` is not NULL, it points to an `O` that was initialised or is zero, and no other thread uses it while `'a`
/// lasts.
pub(crate) unsafe fn enter<'a, O: Kind>(place: *mut O) -> Result<InUse<'a, O::Inner>, Status> {
    // SAFETY: this function's condition; the content is a part of itself.
    unsafe { enter_part(place, |inner| inner) }
}

/// Marks an object as in use until the returned value is dropped, and returns one part of it.
///
/// [`peek`] may read the other parts meanwhile.
///
/// # Safety
/// As of [`enter`]; `part` returns the place of a part.
pub(crate) unsafe fn enter_part<'a, O: Kind, P>(
    place: *mut O,
    part: unsafe fn(*mut O::Inner) -> *mut P,
) -> Result<InUse<'a, P>, Status> {
    check(place)?;
    let object = place.cast::<Object<O::Inner>>();
    // SAFETY: not NULL and aligned. The content is borrowed only if the mark shows that it was initialised and this
    // thread, the only one, does not use it already; `busy` is not part of it.
    unsafe {
        if (*object).mark != O::MARK {
            return Err(ONCILLA_UNINITIALIZED);
        }
        if (*object).busy != 0 {
            return Err(ONCILLA_BUSY);
        }
        (*object).busy = 1;
        Ok(InUse { busy: &raw mut (*object).busy, inner: &mut *part(&raw mut (*object).inner) })
    }
}

/// Returns one part of an object that is lent to another object.
///
/// [`peek`] may read the other parts meanwhile.
///
/// # Safety
/// As of [`enter_part`]; and nothing else uses the part while `'a` lasts.
#[cfg(feature = "keys")]
pub(crate) unsafe fn lend_part<'a, O: Kind, P>(
    place: *mut O,
    part: unsafe fn(*mut O::Inner) -> *mut P,
) -> Result<&'a mut P, Status> {
    check(place)?;
    let object = place.cast::<Object<O::Inner>>();
    // SAFETY: not NULL and aligned. The content is borrowed only if the mark shows that it was initialised.
    unsafe {
        if (*object).mark != O::MARK {
            return Err(ONCILLA_UNINITIALIZED);
        }
        Ok(&mut *part(&raw mut (*object).inner))
    }
}

/// An object in use.
pub(crate) struct InUse<'a, T> {
    busy: *mut u32,
    inner: &'a mut T,
}

impl<T> Deref for InUse<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.inner
    }
}

impl<T> DerefMut for InUse<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.inner
    }
}

impl<T> Drop for InUse<'_, T> {
    fn drop(&mut self) {
        // SAFETY: the object outlives this value; see `enter`.
        unsafe { *self.busy = 0 };
    }
}

/// Begins a use of an object that its own callbacks may use too.
///
/// The content is reached by its address only: no reference into it may exist while a callback runs.
///
/// # Safety
/// As of [`enter`].
pub(crate) unsafe fn visit<O: Kind>(place: *mut O) -> Result<Visit<O::Inner>, Status> {
    check(place)?;
    let object = place.cast::<Object<O::Inner>>();
    // SAFETY: not NULL and aligned; `busy` is not part of the content, and only this thread uses it.
    unsafe {
        if (*object).mark != O::MARK {
            return Err(ONCILLA_UNINITIALIZED);
        }
        let busy = &raw mut (*object).busy;
        let is_first = *busy == 0;
        *busy = (*busy).wrapping_add(1);
        Ok(Visit { busy, inner: &raw mut (*object).inner, is_first })
    }
}

/// One use of an object that may be in use already.
pub(crate) struct Visit<T> {
    busy: *mut u32,
    pub inner: *mut T,
    /// Whether the object was unused before.
    pub is_first: bool,
}

impl<T> Drop for Visit<T> {
    fn drop(&mut self) {
        // SAFETY: the object outlives this value; see `visit`.
        unsafe { *self.busy = (*self.busy).wrapping_sub(1) };
    }
}

/// Prevents the initialisation of an object until the returned value is dropped. Several threads may share an object.
///
/// # Safety
/// If `place` is not NULL, it points to an `O` that was initialised or is zero. It stays in its place as long as the
/// returned value exists.
pub(crate) unsafe fn share<O: Kind>(place: *const O) -> Result<Shared, Status> {
    check(place)?;
    let object = place.cast_mut().cast::<Object<O::Inner>>();
    // SAFETY: not NULL and aligned. The C program has made the object in writable memory; `busy` is not part of the
    // content.
    unsafe {
        if (*object).mark != O::MARK {
            return Err(ONCILLA_UNINITIALIZED);
        }
        let busy = &raw mut (*object).busy;
        uses::begin(busy);
        Ok(Shared { busy })
    }
}

/// One shared use of an object.
pub(crate) struct Shared {
    busy: *mut u32,
}

impl Drop for Shared {
    fn drop(&mut self) {
        // SAFETY: the object outlives this value; see `share`.
        unsafe { uses::end(self.busy) };
    }
}

/// Counts the uses of an object by several threads.
#[cfg(target_has_atomic = "32")]
mod uses {
    use core::sync::atomic::{AtomicU32, Ordering};

    pub unsafe fn are_there(busy: *mut u32) -> bool {
        // SAFETY: `busy` is a member of an object, and so valid and aligned.
        unsafe { AtomicU32::from_ptr(busy) }.load(Ordering::Acquire) != 0
    }

    pub unsafe fn begin(busy: *mut u32) {
        // SAFETY: as above.
        unsafe { AtomicU32::from_ptr(busy) }.fetch_add(1, Ordering::Relaxed);
    }

    pub unsafe fn end(busy: *mut u32) {
        // SAFETY: as above.
        unsafe { AtomicU32::from_ptr(busy) }.fetch_sub(1, Ordering::Release);
    }
}

/// Counts the uses of an object by one thread, on a processor without atomic counters.
///
/// If several threads use the object, one in use can be considered unused. An unused object is never considered in use.
#[cfg(not(target_has_atomic = "32"))]
mod uses {
    pub unsafe fn are_there(busy: *mut u32) -> bool {
        // SAFETY: `busy` is a member of an object, and so valid and aligned.
        unsafe { busy.read_volatile() != 0 }
    }

    pub unsafe fn begin(busy: *mut u32) {
        // SAFETY: as above.
        unsafe { busy.write_volatile(1) };
    }

    pub unsafe fn end(busy: *mut u32) {
        // SAFETY: as above.
        unsafe { busy.write_volatile(0) };
    }
}
