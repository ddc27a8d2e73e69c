//! A client with several calls in flight: repeatedly makes three calls at once to a thermostat of the host over UART1,
//! and writes the outcomes to UART0.
#![no_std]
#![no_main]

use core::time::Duration;

use oncilla::framing::Cobs;
use oncilla::{CallsInFlight, Client, Link, Starter, Stream, Ticket};
use oncilla_lm3s6965evb::semihosting::exit;
use oncilla_lm3s6965evb::{Clock, Log, Print, Uart};
use oncilla_thermostat::thermostat::{self, finish, start};
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
    let mut calls = CallsInFlight::<_, 3, { thermostat::SLOT_MAX }>::new(client);

    loop {
        // A call that could not be started has no ticket, and is reported like one without a reply.
        let (reading, level) = (start::read(&mut calls, 0), start::adjust(&mut calls, 0, 0));
        if let Ok(model) = start::model(&mut calls) {
            calls.then(model, told);
        }
        while calls.poll().is_ok_and(|tally| tally.in_flight > 0) {}
        match reading.and_then(|ticket| finish::read(&mut calls, ticket)) {
            Ok(Ok(reading)) => Log.figure(reading.place, reading.millidegrees.unsigned_abs()),
            _ => Log.text("no reading\n"),
        }
        match level.and_then(|ticket| finish::adjust(&mut calls, ticket)) {
            Ok(Ok(level)) => Log.figure("level", level.unsigned_abs()),
            _ => Log.text("no level\n"),
        }
    }
}

/// Finishes the call for the model.
fn told<C: Starter>(calls: &mut C, ticket: Ticket) {
    match finish::model(calls, ticket.typed()) {
        Ok(model) => Log.text(model),
        Err(_) => Log.text("no model"),
    }
    Log.text("\n");
}
