//! Start-up code and nothing else: what every probe's flash and RAM are measured over.
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
