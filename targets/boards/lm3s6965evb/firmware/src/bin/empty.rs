//! Start-up code only. The flash and RAM of the probes are measured in addition to this.
#![no_std]
#![no_main]

use lm3s6965 as _;
use panic_never as _;

#[cortex_m_rt::entry]
fn main() -> ! {
    loop {
        cortex_m::asm::wfi();
    }
}
