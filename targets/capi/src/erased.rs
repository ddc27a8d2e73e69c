//! Servers, clients and endpoints without the type of their framing.

use core::mem::MaybeUninit;

use crate::Details;
use crate::lent::Lent;

/// A value of one of several types, seen as `D`.
///
/// The function that initialises an object chooses its framing. So a program contains only the framings that it uses.
pub(crate) struct Erased<D: ?Sized, S, const WORDS: usize> {
    view: unsafe fn(*mut ()) -> *mut D,
    /// The memory lent to the object.
    pub lent: Lent<S>,
    pub error: Details,
    body: MaybeUninit<[u64; WORDS]>,
}

impl<D: ?Sized, S, const WORDS: usize> Erased<D, S, WORDS> {
    /// Stores `value`.
    ///
    /// # Safety
    /// `view` returns its argument, cast to a pointer to `T`.
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

    /// Returns the value and the place for the details of an error.
    pub fn parts(&mut self) -> (&mut D, &mut Details) {
        // SAFETY: the condition of `new`; nothing else uses the body while this is borrowed.
        (unsafe { &mut *(self.view)(self.body.as_mut_ptr().cast()) }, &mut self.error)
    }
}
