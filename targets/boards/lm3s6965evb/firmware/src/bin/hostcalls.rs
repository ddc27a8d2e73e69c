//! A sensor that calls its host over UART1 for the time and its configuration. The host calls it on the same line,
//! which also carries the text that it prints.
#![no_std]
#![no_main]

use core::time::Duration;

use oncilla::framing::Serial;
use oncilla::{Endpoint, Link, ReplayCache, Retry, Stream};
use oncilla_hostcalls::{MESSAGE_MAX, Sensor, TABLE, run};
use oncilla_lm3s6965evb::semihosting::exit;
use oncilla_lm3s6965evb::{Clock, Uart, boot_number};
use panic_never as _;

/// Bytes of the largest message in either direction, framed.
const BUFFER: usize = Serial::buffer(MESSAGE_MAX);

#[cortex_m_rt::entry]
fn main() -> ! {
    static mut RX: [u8; BUFFER] = [0; BUFFER];
    static mut TX: [u8; BUFFER] = [0; BUFFER];

    // `None` is returned only the second time, and this is the first.
    let Some(peripherals) = cortex_m::Peripherals::take() else { exit(false) };
    let boot = boot_number();
    let stream = Stream::<Serial, _, _>::new(Uart::start(), Clock::start(peripherals.SYST));
    let link = Link::with_boot_number(stream, &mut RX[..], &mut TX[..], boot);
    // While one of its calls is in flight, the host may make and repeat as many calls as there are slots.
    let replay = ReplayCache::<4, { TABLE.reply_max() }>::new();
    // The boot number is in the upper bits, so that xids differ from those before a reset.
    let mut endpoint = Endpoint::new(link, &TABLE, Sensor::default(), boot << 16).with_replay(replay);
    endpoint.set_timeout(Duration::from_secs(1));
    endpoint.set_retry(Retry::doubling(Duration::from_millis(100)));
    loop {
        // This UART never fails or ends. If another one does, it is served again.
        let _ = run(&mut endpoint);
    }
}
