//! Time since start.

use oncilla::Time;
use oncilla_bare::Block;

use crate::{sleep::doze, uart};

#[expect(unsafe_code, reason = "the address is from the chip's manual")]
// SAFETY: the registers of TIMER0, which moves no data by itself.
const TIMER: Block = unsafe { Block::at(0x4000_8000) };

const START: usize = 0x000;
/// Copies the count to [`COUNT`].
const CAPTURE: usize = 0x044;
/// Set when the count has reached [`ALARM`].
const REACHED: usize = 0x140;
const INTERRUPT_SET: usize = 0x304;
const WIDTH: usize = 0x508;
const PRESCALER: usize = 0x510;
const ALARM: usize = 0x540;
const COUNT: usize = 0x544;

const REACHED_INTERRUPT: u32 = 1 << 16;
const BITS_32: u32 = 3;
/// 16 MHz divided by two to this power: a count is a microsecond.
const MICROSECONDS: u32 = 4;
/// Microseconds of the longest sleep, well below the 71 minutes after which the count wraps.
const LONGEST: u64 = 1 << 31;

/// Time since start, by TIMER0, to the microsecond. Deadlines are equally exact.
///
/// It does not tick: there is an interrupt at a deadline only. On the real chip, it is as exact as its 16 MHz
/// oscillator: start the crystal oscillator if some percent are not good enough.
#[derive(Debug)]
pub struct Clock {
    /// The last time that was returned.
    passed: u64,
}

impl Clock {
    /// Starts the clock. There is one timer: a second clock would continue with the count of the first.
    #[must_use]
    pub fn start() -> Self {
        TIMER.write(WIDTH, BITS_32);
        TIMER.write(PRESCALER, MICROSECONDS);
        TIMER.write(INTERRUPT_SET, REACHED_INTERRUPT);
        TIMER.write(START, 1);
        Self { passed: 0 }
    }

    fn micros(&mut self) -> u64 {
        TIMER.write(CAPTURE, 1);
        let since = TIMER.read(COUNT).wrapping_sub(self.passed as u32);
        self.passed = self.passed.wrapping_add(since.into());
        self.passed
    }
}

impl oncilla::Clock for Clock {
    fn now(&mut self) -> Time {
        Time::from_micros(self.micros())
    }

    fn idle(&mut self, until: Time) {
        let until = until.as_micros().min(self.micros().wrapping_add(LONGEST));
        TIMER.write(ALARM, until as u32);
        TIMER.write(REACHED, 0);
        // If the alarm's time has passed meanwhile, it would be raised 71 minutes late.
        doze(|| uart::has_received() || self.micros() >= until);
    }
}
