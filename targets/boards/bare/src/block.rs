//! Peripheral registers.

/// The registers of one peripheral: 32 bits each, or 8, within 4096 bytes.
#[derive(Clone, Copy, Debug)]
pub struct Block(usize);

impl Block {
    /// The registers from this address.
    ///
    /// # Safety
    /// Each register in the 4096 bytes from `address` that the holder accesses may be read and written at any time without
    /// harm to memory: no register there moves data by itself to where a program keeps something.
    #[expect(unsafe_code, reason = "only the author of a port knows what is at an address")]
    #[must_use]
    pub const unsafe fn at(address: usize) -> Self {
        Self(address)
    }

    /// Reads the register that begins `offset` bytes into the block.
    #[inline]
    #[must_use]
    pub fn read(self, offset: usize) -> u32 {
        #[expect(unsafe_code, reason = "a memory-mapped register has no safe access")]
        // SAFETY: promised by `at`.
        unsafe {
            self.register(offset).read_volatile()
        }
    }

    /// Writes the register that begins `offset` bytes into the block.
    #[inline]
    pub fn write(self, offset: usize, value: u32) {
        #[expect(unsafe_code, reason = "a memory-mapped register has no safe access")]
        // SAFETY: promised by `at`.
        unsafe {
            self.register(offset).write_volatile(value);
        }
    }

    /// Reads the register of 8 bits that is `offset` bytes into the block.
    #[inline]
    #[must_use]
    pub fn read_byte(self, offset: usize) -> u8 {
        #[expect(unsafe_code, reason = "a memory-mapped register has no safe access")]
        // SAFETY: promised by `at`.
        unsafe {
            self.byte(offset).read_volatile()
        }
    }

    /// Writes the register of 8 bits that is `offset` bytes into the block.
    #[inline]
    pub fn write_byte(self, offset: usize, value: u8) {
        #[expect(unsafe_code, reason = "a memory-mapped register has no safe access")]
        // SAFETY: promised by `at`.
        unsafe {
            self.byte(offset).write_volatile(value);
        }
    }

    /// A byte of the block, whatever the offset: none beyond its end.
    #[inline]
    const fn byte(self, offset: usize) -> *mut u8 {
        self.0.wrapping_add(offset & 0xFFF) as *mut u8
    }

    /// A register of the block, whatever the offset: words only, and none beyond its end.
    #[inline]
    const fn register(self, offset: usize) -> *mut u32 {
        self.0.wrapping_add(offset & 0xFFC) as *mut u32
    }
}
