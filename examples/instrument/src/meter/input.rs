//! What the multimeter measures.

/// The inputs of the multimeter, such as an analog-to-digital converter.
pub trait Input: 'static {
    /// Returns the voltage in millionths of a volt.
    fn microvolts(&mut self) -> i32;

    /// Returns a point of the captured waveform in millionths of a volt.
    fn point(&mut self, index: u16) -> i32;
}

/// Simulated inputs: 1.25 V with some noise, and a wave of 1 V.
#[derive(Debug)]
pub struct Simulated {
    noise: u16,
}

impl Simulated {
    /// The voltage without noise, in millionths of a volt.
    pub const MICROVOLTS: i32 = 1_250_000;

    /// The largest deviation.
    pub const NOISE: i32 = 64;

    /// Creates inputs.
    #[must_use]
    pub const fn new() -> Self {
        Self { noise: 0xACE1 }
    }
}

impl Default for Simulated {
    fn default() -> Self {
        Self::new()
    }
}

impl Input for Simulated {
    fn microvolts(&mut self) -> i32 {
        // A shift register with feedback, of the longest period.
        let bit = self.noise & 1;
        self.noise = self.noise >> 1 ^ if bit == 1 { 0xB400 } else { 0 };
        let deviation = i32::from(self.noise % 129).wrapping_sub(Self::NOISE);
        Self::MICROVOLTS.wrapping_add(deviation)
    }

    /// Two parabolas in 64 points, which look like a sine.
    fn point(&mut self, index: u16) -> i32 {
        let phase = i32::from(index % 32);
        let height = phase.wrapping_mul(32_i32.wrapping_sub(phase)).wrapping_mul(1_000_000) >> 8;
        if index % 64 < 32 { height } else { height.wrapping_neg() }
    }
}
