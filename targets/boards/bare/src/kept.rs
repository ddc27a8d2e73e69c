//! Memory that keeps its content over a reset.

use core::arch::asm;
use core::cell::UnsafeCell;
use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicU8, AtomicU32, Ordering::Relaxed};

/// A static that the start-up code does not touch: after a reset it has what it had before, after power-on anything.
/// Declared by [`kept!`](crate::kept).
#[repr(transparent)]
pub struct Kept<T>(UnsafeCell<MaybeUninit<T>>);

/// Types of which any bits are a value, and which threads may share.
trait Any: Sync {}

impl Any for AtomicU8 {}
impl Any for AtomicU32 {}
impl<T: Any, const N: usize> Any for [T; N] {}

#[expect(unsafe_code, reason = "a cell is not shared unless its author says that it may be")]
// SAFETY: only shared references are given out, and those may be shared.
unsafe impl<T: Any> Sync for Kept<T> {}

impl<T> Kept<T> {
    #[doc(hidden)]
    #[must_use]
    pub const fn new() -> Self {
        Self(UnsafeCell::new(MaybeUninit::uninit()))
    }
}

#[expect(private_bounds, reason = "for these types only")]
impl<T: Any> Kept<T> {
    /// What it has.
    pub fn get(&'static self) -> &'static T {
        let place = self.0.get().cast::<T>();
        #[expect(unsafe_code, reason = "reads what nothing in this program has written")]
        // SAFETY: the assembly may have written there, as far as the compiler knows, so that the bytes are some, and any
        // are a value of the type. Nobody has an exclusive reference.
        unsafe {
            asm!("/* {} */", in(reg) place, options(nostack, preserves_flags));
            &*place
        }
    }
}

/// Declares statics whose content is kept over a reset, of atomic integers and arrays of them:
/// `kept! { static COUNTS: [AtomicU32; 4]; }`, and `COUNTS.get()`.
#[macro_export]
macro_rules! kept {
    ($(static $name:ident: $type:ty;)*) => {$(
        #[expect(unsafe_code, reason = "the linker script has a section that is not cleared")]
        // SAFETY: whatever bytes are there are a value of a kept type.
        #[unsafe(link_section = concat!(".uninit.", stringify!($name)))]
        static $name: $crate::Kept<$type> = $crate::Kept::new();
    )*};
}

kept! {
    static BOOTS: AtomicU32;
}

/// A number for [`Link::with_boot_number`](oncilla::Link::with_boot_number): one more at every call, over resets too. Call
/// it once, at start.
///
/// After power-on it begins with what the memory happens to have. A product whose memory comes up with the
/// same bits every time takes a counter in flash instead, or what its random number generator gives.
pub fn boot_number() -> u32 {
    let boots = BOOTS.get();
    // One core, and no interrupt handler asks: no atomic addition, which the smaller cores do not have.
    let boot = boots.load(Relaxed).wrapping_add(1);
    boots.store(boot, Relaxed);
    boot
}
