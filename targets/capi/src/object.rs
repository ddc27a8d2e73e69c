//! Objects in memory that the C program lends, without their types.

use core::mem::MaybeUninit;
use core::ops::{Deref, DerefMut};

use crate::checked::check;
use crate::lent::Lent;
use crate::{Details, ONCILLA_BUSY, ONCILLA_OVERLAP, ONCILLA_UNINITIALIZED, Status};

/// What an object is, which is known by a number at its front: an object that was not initialised has another.
pub(crate) trait Kind {
    /// What is in it.
    type Inner;
    const MARK: u32;
}

/// What is at the place of a C program's object.
struct Object<T> {
    mark: u32,
    /// How many uses are under way.
    busy: u32,
    inner: T,
}

/// Initialises an object, also if it was something before, but not while it is in use: by a procedure or another callback
/// that the object itself has called. If that fails it is no object, whatever it was; but where memories overlap, the place
/// may be something else's, and is left as it is.
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
    // SAFETY: not NULL and aligned, there is room as asserted above, and the rest is this function's condition. Mark and
    // `busy` are reached apart from the inside, which may be in use.
    unsafe {
        if (*object).mark == O::MARK && uses::are_there(&raw mut (*object).busy) {
            return Err(ONCILLA_BUSY);
        }
    }
    let made = make();
    // SAFETY: as above, and nothing uses what was there, or it would have been busy.
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

/// Looks at an object that nothing changes after its initialisation.
///
/// # Safety
/// If `place` is not NULL, it points to an `O` that was initialised or is zero, and nobody initialises it while `'a`
/// lasts.
pub(crate) unsafe fn look<'a, O: Kind>(place: *const O) -> Result<&'a O::Inner, Status> {
    check(place)?;
    let object = place.cast::<Object<O::Inner>>();
    // SAFETY: not NULL and aligned; the inside is looked at only if the mark says that it was initialised.
    unsafe { if (*object).mark == O::MARK { Ok(&(*object).inner) } else { Err(ONCILLA_UNINITIALIZED) } }
}

/// Copies a part of an object that nothing changes after its initialisation, also while the object is in use.
///
/// # Safety
/// If `place` is not NULL, it points to an `O` that was initialised or is zero; `part` gives the place of a part of it.
pub(crate) unsafe fn peek<O: Kind, P: Copy>(
    place: *const O,
    part: unsafe fn(*const O::Inner) -> *const P,
) -> Result<P, Status> {
    check(place)?;
    let object = place.cast::<Object<O::Inner>>();
    // SAFETY: not NULL and aligned; the inside is looked at only if the mark says that it was initialised, and reached
    // apart from the parts that may be in use.
    unsafe {
        if (*object).mark == O::MARK { Ok(*part(&raw const (*object).inner)) } else { Err(ONCILLA_UNINITIALIZED) }
    }
}

/// Takes an object in use, until what is returned is dropped.
///
/// # Safety
/// If `place` is not NULL, it points to an `O` that was initialised or is zero, and no other thread uses it while `'a`
/// lasts.
pub(crate) unsafe fn enter<'a, O: Kind>(place: *mut O) -> Result<InUse<'a, O::Inner>, Status> {
    // SAFETY: this function's condition; the inside is a part of itself.
    unsafe { enter_part(place, |inner| inner) }
}

/// Takes a part of an object in use, until what is returned is dropped. [`peek`] may look at the others meanwhile.
///
/// # Safety
/// As of [`enter`]; `part` gives the place of a part.
pub(crate) unsafe fn enter_part<'a, O: Kind, P>(
    place: *mut O,
    part: unsafe fn(*mut O::Inner) -> *mut P,
) -> Result<InUse<'a, P>, Status> {
    check(place)?;
    let object = place.cast::<Object<O::Inner>>();
    // SAFETY: not NULL and aligned. The inside is reached only if the mark says that it was initialised and if this
    // thread, the only one, does not use it already; `busy` is reached apart from it.
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
        // SAFETY: it is in the object, which is there as long as this; see `enter`.
        unsafe { *self.busy = 0 };
    }
}

/// Uses an object that a callback of its own may use meanwhile, until what is returned is dropped. Its inside is reached by
/// its place alone: a reference into it must not be there while a callback runs.
///
/// # Safety
/// As of [`enter`].
pub(crate) unsafe fn visit<O: Kind>(place: *mut O) -> Result<Visit<O::Inner>, Status> {
    check(place)?;
    let object = place.cast::<Object<O::Inner>>();
    // SAFETY: not NULL and aligned; `busy` is reached apart from the inside, by this thread, the only one.
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
    /// Whether it was not in use before.
    pub is_first: bool,
}

impl<T> Drop for Visit<T> {
    fn drop(&mut self) {
        // SAFETY: it is in the object, which is there as long as this; see `visit`.
        unsafe { *self.busy = (*self.busy).wrapping_sub(1) };
    }
}

/// Keeps an object that several may use at once from being initialised, until what is returned is dropped.
///
/// # Safety
/// If `place` is not NULL, it points to an `O` that was initialised or is zero, which stays in its place as long as what
/// is returned.
pub(crate) unsafe fn share<O: Kind>(place: *const O) -> Result<Shared, Status> {
    check(place)?;
    let object = place.cast_mut().cast::<Object<O::Inner>>();
    // SAFETY: not NULL and aligned. A C program has made the object in memory that can be written; `busy` is reached apart
    // from the inside.
    unsafe {
        if (*object).mark != O::MARK {
            return Err(ONCILLA_UNINITIALIZED);
        }
        let busy = &raw mut (*object).busy;
        uses::begin(busy);
        Ok(Shared { busy })
    }
}

/// One use of an object that several may use.
pub(crate) struct Shared {
    busy: *mut u32,
}

impl Drop for Shared {
    fn drop(&mut self) {
        // SAFETY: it is in the object, which is there as long as this; see `share`.
        unsafe { uses::end(self.busy) };
    }
}

/// Counts the uses of an object, by several threads.
#[cfg(target_has_atomic = "32")]
mod uses {
    use core::sync::atomic::{AtomicU32, Ordering};

    pub unsafe fn are_there(busy: *mut u32) -> bool {
        // SAFETY: `busy` is that of an object, which has room for it and is aligned.
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

/// A processor that cannot count so that no thread comes between: it counts the uses of one thread, and when threads come
/// between, an object in use may pass for one that is not. Never the other way round: none stays busy for good.
#[cfg(not(target_has_atomic = "32"))]
mod uses {
    pub unsafe fn are_there(busy: *mut u32) -> bool {
        // SAFETY: `busy` is that of an object, which has room for it and is aligned.
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

/// Something of one of several types, of which only `D` is known: the framing is chosen by the function that
/// initialises, so that a program has only those in it that it uses.
pub(crate) struct Erased<D: ?Sized, S, const WORDS: usize> {
    view: unsafe fn(*mut ()) -> *mut D,
    /// What it was lent, beside its own memory.
    pub lent: Lent<S>,
    pub error: Details,
    body: MaybeUninit<[u64; WORDS]>,
}

impl<D: ?Sized, S, const WORDS: usize> Erased<D, S, WORDS> {
    /// # Safety
    /// `view` gives its argument back, as a pointer to the `T` that it is.
    pub unsafe fn new<T>(value: T, view: unsafe fn(*mut ()) -> *mut D, lent: Lent<S>) -> Self {
        const {
            assert!(size_of::<T>() <= size_of::<[u64; WORDS]>(), "the body has too few words");
            assert!(align_of::<T>() <= align_of::<u64>());
        }
        let mut body = MaybeUninit::<[u64; WORDS]>::uninit();
        // SAFETY: there is room for it, as asserted above.
        unsafe { body.as_mut_ptr().cast::<T>().write(value) };
        Self { view, lent, error: Details::default(), body }
    }

    /// What is in it, and the place for an error's details.
    pub fn parts(&mut self) -> (&mut D, &mut Details) {
        // SAFETY: the condition of `new`; nobody else has the body while this is borrowed.
        (unsafe { &mut *(self.view)(self.body.as_mut_ptr().cast()) }, &mut self.error)
    }
}
