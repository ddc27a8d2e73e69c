//! Peripheral registers.

/// The registers of one peripheral, of 32 or 8 bits each, within 4096 bytes.
#[derive(Clone, Copy, Debug)]
pub struct Block(usize);

impl Block {
    /// Creates a block of registers at this address.
    ///
    /// # Safety
    /// Every register that is accessed in the 4096 bytes from `address` may be read and written at any time without
    /// harm to memory: no register there moves data by itself to memory that a program uses.
    #[expect(unsafe_code, reason = "only the author of a port knows the addresses")]
    #[must_use]
    pub const unsafe fn at(address: usize) -> Self {
        Self(address)
    }

    /// Reads the register at `offset` bytes.
    #[inline]
    #[must_use]
    pub fn read(self, offset: usize) -> u32 {
        #[expect(unsafe_code, reason = "a memory-mapped register has no safe access")]
        // SAFETY: the condition of `at`.
        unsafe {
            self.register(offset).read_volatile()
        }
    }

    /// Writes the register at `offset` bytes.
    #[inline]
    pub fn write(self, offset: usize, value: u32) {
        #[expect(unsafe_code, reason = "a memory-mapped register has no safe access")]
        // SAFETY: the condition of `at`.
        unsafe {
            self.register(offset).write_volatile(value);
        }
    }

    /// Reads the register of 8 bits at `offset` bytes.
    #[inline]
    #[must_use]
    pub fn read_byte(self, offset: usize) -> u8 {
        #[expect(unsafe_code, reason = "a memory-mapped register has no safe access")]
        // SAFETY: the condition of `at`.
        unsafe {
            self.byte(offset).read_volatile()
        }
    }

    /// Writes the register of 8 bits at `offset` bytes.
    #[inline]
    pub fn write_byte(self, offset: usize, value: u8) {
        #[expect(unsafe_code, reason = "a memory-mapped register has no safe access")]
        // SAFETY: the condition of `at`.
        unsafe {
            self.byte(offset).write_volatile(value);
        }
    }

    /// Returns the address of a byte of the block. An offset beyond the end wraps around.
    #[inline]
    const fn byte(self, offset: usize) -> *mut u8 {
        self.0.wrapping_add(offset & 0xFFF) as *mut u8
    }

    /// Returns the address of a register of the block. It is aligned, and an offset beyond the end wraps around.
    #[inline]
    const fn register(self, offset: usize) -> *mut u32 {
        self.0.wrapping_add(offset & 0xFFC) as *mut u32
    }
}
