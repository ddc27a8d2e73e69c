//! Peripheral registers.

/// A peripheral's 32-bit register at a fixed address.
///
/// Private to the crate: the two accesses below are sound because every address the crate writes down
/// is a register of this chip which is safe to read and to write at any time.
pub struct Register<const ADDRESS: usize>;

impl<const ADDRESS: usize> Register<ADDRESS> {
    #[inline]
    pub fn read(&self) -> u32 {
        #[expect(unsafe_code, reason = "a memory-mapped register has no safe access")]
        // SAFETY: see the type.
        unsafe {
            (ADDRESS as *const u32).read_volatile()
        }
    }

    #[inline]
    pub fn write(&self, value: u32) {
        #[expect(unsafe_code, reason = "a memory-mapped register has no safe access")]
        // SAFETY: see the type.
        unsafe {
            (ADDRESS as *mut u32).write_volatile(value);
        }
    }
}
