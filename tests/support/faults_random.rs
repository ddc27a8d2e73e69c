//! Numbers that look random and are the same for every run.

/// A xorshift generator.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// Similar seeds give numbers that have nothing in common.
    pub fn new(seed: u64) -> Self {
        let mut random = Self((seed ^ 0x9e37_79b9_7f4a_7c15).max(1));
        for _ in 0..8 {
            random.next();
        }
        random
    }

    // Not an iterator: it has no end, and callers want a number and not an option.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        // The upper bits are the better ones.
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    /// A number from 0 to `limit - 1`.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// `true` in so many cases of a hundred.
    pub fn percent(&mut self, percent: u8) -> bool {
        self.below(100) < percent.into()
    }

    /// From 1 to `limit` bytes of any kind.
    pub fn bytes(&mut self, limit: u64) -> Vec<u8> {
        (0..=self.below(limit)).map(|_| self.next() as u8).collect()
    }
}
