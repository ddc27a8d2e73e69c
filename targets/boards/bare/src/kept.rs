//! Memory that keeps its content over a reset.

use core::arch::asm;
use core::cell::UnsafeCell;
use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicU8, AtomicU32, Ordering::Relaxed};

/// A static that keeps its content over a reset. After power-on its content is arbitrary.
///
/// The start-up code does not clear it. Declare it with [`kept!`](crate::kept).
#[repr(transparent)]
pub struct Kept<T>(UnsafeCell<MaybeUninit<T>>);

/// A type for which any bits are a value, and which threads may share.
trait Any: Sync {}

impl Any for AtomicU8 {}
impl Any for AtomicU32 {}
impl<T: Any, const N: usize> Any for [T; N] {}

#[expect(unsafe_code, reason = "a cell is shared only if its author states that it may be")]
// SAFETY: only shared references are returned, and those may be shared.
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
    /// Returns the content.
    pub fn get(&'static self) -> &'static T {
        let place = self.0.get().cast::<T>();
        #[expect(unsafe_code, reason = "reads what nothing in this program has written")]
        // SAFETY: the compiler must assume that the assembly has initialised the bytes, and any bytes are a value of
        // the type. No exclusive reference exists.
        unsafe {
            asm!("/* {} */", in(reg) place, options(nostack, preserves_flags));
            &*place
        }
    }
}

/// Declares statics that keep their content over a reset: atomic integers, and arrays of them.
///
/// For example `kept! { static COUNTS: [AtomicU32; 4]; }`, then `COUNTS.get()`.
#[macro_export]
macro_rules! kept {
    ($(static $name:ident: $type:ty;)*) => {$(
        #[expect(unsafe_code, reason = "the linker script has a section that is not cleared")]
        // SAFETY: any bytes are a value of a kept type.
        #[unsafe(link_section = concat!(".uninit.", stringify!($name)))]
        static $name: $crate::Kept<$type> = $crate::Kept::new();
    )*};
}

kept! {
    static BOOTS: AtomicU32;
}

/// Returns a number for [`Link::with_boot_number`](oncilla::Link::with_boot_number), which changes with every start.
///
/// It is one more at every call, also over resets, so call it once, at start. After power-on it starts from an
/// arbitrary value in memory. If a product's memory has the same bits after every power-on, use a counter in flash or
/// a random number instead.
pub fn boot_number() -> u32 {
    let boots = BOOTS.get();
    // Not an atomic addition, which small cores lack: there is one core, and no interrupt handler calls this.
    let boot = boots.load(Relaxed).wrapping_add(1);
    boots.store(boot, Relaxed);
    boot
}
