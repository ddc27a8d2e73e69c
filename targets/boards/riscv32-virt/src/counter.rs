//! Time since start: the core-local interruptor's counter.

use oncilla_bare::{Block, Counter};
use riscv::{interrupt::Interrupt, register::mie};

use crate::uart::doze;

#[expect(unsafe_code, reason = "the address is from QEMU's source")]
// SAFETY: the registers of the core-local interruptor with the alarm of hart 0.
const ALARM: Block = unsafe { Block::at(0x0200_4000) };
#[expect(unsafe_code, reason = "the address is from QEMU's source")]
// SAFETY: the registers of the core-local interruptor with the counter.
const COUNTER: Block = unsafe { Block::at(0x0200_B000) };

const ALARM_LOW: usize = 0;
const ALARM_HIGH: usize = 4;
const COUNTER_LOW: usize = 0xFF8;
const COUNTER_HIGH: usize = 0xFFC;

/// The counter `mtime` of 10 MHz, which all harts of a board share.
#[derive(Debug)]
pub struct Mtime(());

impl Mtime {
    /// Starts the alarm, which ends the processor's sleep.
    #[must_use]
    pub fn start() -> Self {
        #[expect(unsafe_code, reason = "unmasking could break a critical section made by masking")]
        // SAFETY: interrupts are disabled in the hart as a whole: this one wakes it and has no handler.
        unsafe {
            mie::enable(Interrupt::MachineTimer);
        }
        Self(())
    }
}

impl Counter for Mtime {
    const COUNTS: u64 = 10;
    const MICROS: u64 = 1;

    fn count(&self) -> u64 {
        loop {
            let high = COUNTER.read(COUNTER_HIGH);
            let low = COUNTER.read(COUNTER_LOW);
            // If the lower half has wrapped between the readings, it may belong to either upper half.
            if COUNTER.read(COUNTER_HIGH) == high {
                return u64::from(high) << 32 | u64::from(low);
            }
        }
    }

    fn sleep_until(&mut self, count: u64) {
        set_alarm(count);
        doze();
        // An alarm in the past would end every sleep without an alarm.
        set_alarm(u64::MAX);
    }
}

/// Sets the alarm. It stays raised from `count` on.
#[expect(clippy::cast_possible_truncation, reason = "the two halves of a number")]
fn set_alarm(count: u64) {
    // Prevents an alarm while only one half is written.
    ALARM.write(ALARM_HIGH, u32::MAX);
    ALARM.write(ALARM_LOW, count as u32);
    ALARM.write(ALARM_HIGH, (count >> 32) as u32);
}
