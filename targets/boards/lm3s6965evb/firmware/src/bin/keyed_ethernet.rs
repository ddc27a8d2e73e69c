//! A device with two keys of different rights, on UDP. It sleeps while there are no calls.
#![no_std]
#![no_main]

use core::panic::PanicInfo;

use cortex_m::peripheral::SCB;
use oncilla::SharedReplayCache;
use oncilla::keys::{sealed_call, sealed_reply};
use oncilla_ethernet_firmware::{KeyedMemory, MAC, panicked, serve_keyed};
use oncilla_firmware_tests::keyed::{PRINTED, guarded};
use oncilla_lm3s6965evb::ethernet::{Clock, Ethernet};
use oncilla_lm3s6965evb::{Log, boot_number, semihosting::exit};
use oncilla_lm3s6965evb_firmware::keyed::{Device, TABLE, accepts};

const CALL: usize = sealed_call(guarded::CALL_MAX);
const REPLY: usize = sealed_reply(TABLE.reply_max());

/// The number of this carrier.
const UDP: u8 = 1;

#[cortex_m_rt::entry]
fn main() -> ! {
    static mut MEMORY: KeyedMemory<CALL, REPLY> = KeyedMemory::new();

    // `None` is returned only the second time, and this is the first.
    let Some(peripherals) = cortex_m::Peripherals::take() else { exit(false) };
    let clock = Clock::start(peripherals.SYST);
    // A board that also serves peers without keys must use 16 random bytes.
    let mut replay = SharedReplayCache::<8, { TABLE.reply_max() }>::new(*b"known to no peer");
    let ends = accepts(boot_number(), UDP);
    serve_keyed(Ethernet::start(MAC), clock, MEMORY, ends, Log, |link| {
        let mut device = Device::new();
        loop {
            // smoltcp's sockets do not fail. If another carrier does, it is served again.
            let _ = link.serve_next_once(&mut replay, &TABLE, &mut device, oncilla::Time::NEVER);
            if device.take_print() {
                let _ = link.print(PRINTED, oncilla::Time::NEVER);
            }
            if let Some(log) = device.take_log() {
                let _ = link.log(&log, oncilla::Time::NEVER);
            }
        }
    });
    // Not reached: the device is an Ethernet device.
    exit(false)
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    panicked(info, Log);
    SCB::sys_reset()
}
