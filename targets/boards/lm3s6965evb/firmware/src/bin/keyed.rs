//! A device with two keys of different rights, on a serial line whose messages and logs are sealed.
#![no_std]
#![no_main]

use oncilla::framing::Cobs;
use oncilla::keys::{sealed_call, sealed_reply};
use oncilla::{Forever, Link, ReplayCache, Stream, Time};
use oncilla_firmware_tests::keyed::{PRINTED, STARTED, guarded};
use oncilla_lm3s6965evb::{Uart, boot_number};
use oncilla_lm3s6965evb_firmware::keyed::{Device, TABLE, accepts};
use panic_never as _;

/// Bytes of the largest call and reply, sealed and framed.
const CALL: usize = Cobs::buffer(sealed_call(guarded::CALL_MAX));
const REPLY: usize = Cobs::buffer(sealed_reply(TABLE.reply_max()));

/// The number of this carrier.
const UART: u8 = 0;

#[cortex_m_rt::entry]
fn main() -> ! {
    static mut RX: [u8; CALL] = [0; CALL];
    static mut TX: [u8; REPLY] = [0; REPLY];

    let stream = Stream::<Cobs, _>::new(Uart::start(), Forever);
    let mut link = Link::with_keys(stream, &mut RX[..], &mut TX[..], accepts(boot_number(), UART));
    let mut replay = ReplayCache::<8, { TABLE.reply_max() }>::new();
    let mut device = Device::new();
    // There is no session yet, in which it could be sealed.
    let _ = link.print_plain(STARTED, Time::NEVER);
    loop {
        // This UART never fails or ends. If another one does, it is served again.
        let _ = link.serve_next_once(&mut replay, &TABLE, &mut device, Time::NEVER);
        if device.take_print() {
            // The session is that of the call before.
            let _ = link.print(PRINTED, Time::NEVER);
        }
        if let Some(log) = device.take_log() {
            let _ = link.log(&log, Time::NEVER);
        }
    }
}
