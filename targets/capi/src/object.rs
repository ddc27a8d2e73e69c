//! Objects in memory that the C program lends, without their types.

use core::mem::MaybeUninit;
use core::ops::{Deref, DerefMut};

use crate::checked::check;
use crate::{Buffers, Details, ONCILLA_BUSY, ONCILLA_UNINITIALIZED, Status};

/// What an object is, which is known by a number at its front: an object that was not initialised has another.
pub(crate) trait Kind {
    /// What is in it.
    type Inner;
    const MARK: u32;
}

/// What is at the place of a C program's object.
struct Object<T> {
    mark: u32,
    busy: u32,
    inner: T,
}

/// Initialises an object, also if it was something before, but not while it is in use: by a procedure or another callback
/// that the object itself has called.
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
        if (*object).mark == O::MARK && (*object).busy != 0 {
            return Err(ONCILLA_BUSY);
        }
        (*object).mark = 0;
    }
    let inner = make()?;
    // SAFETY: as above, and nothing uses what was there, or it would have been busy.
    unsafe { object.write(Object { mark: O::MARK, busy: 0, inner }) };
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

/// Takes an object in use, until what is returned is dropped.
///
/// # Safety
/// If `place` is not NULL, it points to an `O` that was initialised or is zero, and no other thread uses it while `'a`
/// lasts.
pub(crate) unsafe fn enter<'a, O: Kind>(place: *mut O) -> Result<InUse<'a, O::Inner>, Status> {
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
        Ok(InUse { busy: &raw mut (*object).busy, inner: &mut (*object).inner })
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

/// Something of one of several types, of which only `D` is known: the framing is chosen by the function that
/// initialises, so that a program has only those in it that it uses.
pub(crate) struct Erased<D: ?Sized, const WORDS: usize> {
    view: unsafe fn(*mut ()) -> *mut D,
    /// The buffers it was lent.
    pub buffers: Buffers,
    pub error: Details,
    body: MaybeUninit<[u64; WORDS]>,
}

impl<D: ?Sized, const WORDS: usize> Erased<D, WORDS> {
    /// # Safety
    /// `view` gives its argument back, as a pointer to the `T` that it is.
    pub unsafe fn new<T>(value: T, view: unsafe fn(*mut ()) -> *mut D, buffers: Buffers) -> Self {
        const {
            assert!(size_of::<T>() <= size_of::<[u64; WORDS]>(), "the body has too few words");
            assert!(align_of::<T>() <= align_of::<u64>());
        }
        let mut body = MaybeUninit::<[u64; WORDS]>::uninit();
        // SAFETY: there is room for it, as asserted above.
        unsafe { body.as_mut_ptr().cast::<T>().write(value) };
        Self { view, buffers, error: Details::default(), body }
    }

    /// What is in it, and the place for an error's details.
    pub fn parts(&mut self) -> (&mut D, &mut Details) {
        // SAFETY: the condition of `new`; nobody else has the body while this is borrowed.
        (unsafe { &mut *(self.view)(self.body.as_mut_ptr().cast()) }, &mut self.error)
    }
}
