//! What controllers can set.

use core::time::Duration;

use crate::scpi::{Bounds, Reply};

/// How data are sent: `FORMat[:DATA]` and `FORMat:BORDer` (SCPI-99 volume 2, §9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    pub data: Data,
    /// The least significant byte first.
    pub is_swapped: bool,
}

/// The encoding of data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Data {
    /// Decimal numbers in volts.
    Ascii,
    /// IEEE 754 numbers of 32 bits in volts.
    Real,
    /// Integers of 32 bits in millionths of a volt.
    Integer,
}

impl Format {
    /// Returns the four bytes of a number, in binary encodings.
    pub fn bytes(self, microvolts: i32) -> [u8; 4] {
        let word = match self.data {
            Data::Real => (microvolts as f32 / 1_000_000.0).to_bits(),
            Data::Ascii | Data::Integer => microvolts.cast_unsigned(),
        };
        if self.is_swapped { word.to_le_bytes() } else { word.to_be_bytes() }
    }

    /// Writes one number: as a block of its own in binary encodings.
    pub fn number(self, microvolts: i32, reply: &mut Reply<'_>) {
        if self.data == Data::Ascii {
            reply.millionths(microvolts.into());
        } else {
            reply.block(4);
            reply.bytes(&self.bytes(microvolts));
        }
    }
}

/// The settings.
#[derive(Debug)]
pub struct Settings {
    /// The largest voltage, in millionths of a volt.
    pub range: i64,
    pub is_auto_range: bool,
    /// The smallest difference that is wanted, in millionths of a volt.
    pub resolution: i64,
    /// The integration time of a conversion, in hundredths of a power line cycle.
    pub line_cycles: i64,
    /// The conversions of a measurement.
    pub count: u16,
    pub triggered_by_bus: bool,
    pub format: Format,
    /// The points of a waveform.
    pub points: u16,
}

/// The ranges, in millionths of a volt.
pub const RANGES: [i64; 5] = [100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000];
pub const RANGE: Bounds = Bounds { min: 0, max: 1_000_000_000, default: 10_000_000 };
pub const RESOLUTION: Bounds = Bounds { min: 1, max: 1_000_000, default: 10 };
pub const LINE_CYCLES: Bounds = Bounds { min: 2, max: 10_000, default: 100 };
pub const COUNT: Bounds = Bounds { min: 1, max: 1000, default: 1 };
pub const POINTS: Bounds = Bounds { min: 1, max: 1024, default: 512 };

/// A hundredth of a power line cycle of 50 Hz.
const HUNDREDTH: Duration = Duration::from_micros(200);

impl Default for Settings {
    fn default() -> Self {
        Self {
            range: RANGE.default,
            is_auto_range: true,
            resolution: RESOLUTION.default,
            line_cycles: LINE_CYCLES.default,
            count: COUNT.default as u16,
            triggered_by_bus: false,
            format: Format { data: Data::Ascii, is_swapped: false },
            points: POINTS.default as u16,
        }
    }
}

impl Settings {
    /// Returns how long a conversion takes.
    pub fn aperture(&self) -> Duration {
        let hundredths = u64::try_from(self.line_cycles).unwrap_or(1);
        Duration::from_micros(hundredths.saturating_mul(HUNDREDTH.as_micros() as u64))
    }

    /// Sets the smallest range that holds a voltage.
    pub fn set_range(&mut self, microvolts: i64) {
        self.is_auto_range = false;
        self.range = RANGES.into_iter().find(|range| microvolts <= *range).unwrap_or(RANGE.max);
    }

    /// Sets what `CONFigure` sets (SCPI-99 volume 2, §3.1).
    pub fn configure(&mut self, range: Option<i64>, resolution: Option<i64>) {
        let Self { format, points, .. } = *self;
        *self = Self { format, points, ..Self::default() };
        if let Some(range) = range {
            self.set_range(range);
        }
        self.resolution = resolution.unwrap_or(RESOLUTION.default);
    }
}
