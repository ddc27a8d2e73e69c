//! A client: repeatedly reads a thermostat of the host over UART1, and writes the outcome to UART0.
#![no_std]
#![no_main]

use core::time::Duration;

use oncilla::framing::Cobs;
use oncilla::{CallError, Client, Link, Stream};
use oncilla_lm3s6965evb::semihosting::exit;
use oncilla_lm3s6965evb::{Clock, Log, Print, Uart};
use oncilla_thermostat::thermostat;
use panic_never as _;

/// Bytes of the largest call and reply, framed.
const CALL: usize = Cobs::buffer(thermostat::CALL_MAX);
const REPLY: usize = Cobs::buffer(thermostat::REPLY_MAX);

#[cortex_m_rt::entry]
fn main() -> ! {
    static mut RX: [u8; REPLY] = [0; REPLY];
    static mut TX: [u8; CALL] = [0; CALL];

    // `None` is returned only the second time, and this is the first.
    let Some(peripherals) = cortex_m::Peripherals::take() else { exit(false) };
    let stream = Stream::<Cobs, _, _>::new(Uart::start(), Clock::start(peripherals.SYST));
    let mut client = Client::new(Link::new(stream, &mut RX[..], &mut TX[..]), 1);
    client.set_timeout(Duration::from_millis(200));

    let mut thermostat = thermostat::Client::new(&mut client);
    loop {
        match thermostat.read(0) {
            // Temperatures are not negative here.
            Ok(Ok(reading)) => Log.figure(reading.place, reading.millidegrees.unsigned_abs()),
            Ok(Err(_)) => Log.text("fault\n"),
            Err(CallError::TimedOut { .. }) => Log.text("timed out\n"),
            Err(_) => Log.text("failed\n"),
        }
    }
}
