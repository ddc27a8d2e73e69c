//! The task that calls the host.

use core::time::Duration;

use oncilla::framing::Cobs;
use oncilla::{Link, Retry};
use oncilla_freertos::{Line, Serial, delay};
use oncilla_suite::suite_1;

use crate::log::{Event, log};
use crate::{SPIN, STATE, TASKS, stacks_left};
use oncilla_firmware_tests::watch::{Report, watch};

/// The line, and the boot number of this start of the firmware.
pub struct Client {
    pub serial: Serial,
    pub boot: u32,
}

/// The time between two reports.
const PAUSE: Duration = Duration::from_millis(20);
/// Stacks are printed once in so many reports.
const PRINTED: u32 = 64;

/// Runs the task.
pub fn call(Client { serial, boot }: Client) -> ! {
    let mut rx = [0; Cobs::buffer(watch::REPLY_MAX)];
    let mut tx = [0; Cobs::buffer(watch::CALL_MAX)];
    let link = Link::new(Line::<Cobs>::new(serial), &mut rx[..], &mut tx[..]);
    // The boot number is in the upper bits, so that xids differ from those before a reset.
    let mut client = oncilla::Client::new(link, boot << 16);
    client.set_timeout(Duration::from_secs(1));
    client.set_retry(Retry::doubling(Duration::from_millis(100)));

    let (mut reports, mut lost) = (0_u32, 0_u32);
    let tell = |event, lost: &mut u32| *lost = lost.wrapping_add((!log(event)).into());
    loop {
        let stacks_left = stacks_left();
        // Each lock is held for one statement only, and none while the host is called.
        let rounds = SPIN.lock().rounds;
        let sum = suite_1::Service::sum(&mut *STATE.lock());
        match watch::Client::new(&mut client).report(Report { sum, rounds, lost, stacks_left }) {
            Ok(spin) => {
                let before = core::mem::replace(&mut SPIN.lock().on, spin);
                if spin != before {
                    tell(Event::Spins(spin), &mut lost);
                }
            }
            Err(_) => tell(Event::Silent, &mut lost),
        }
        if reports.is_multiple_of(PRINTED) {
            for (task, left) in TASKS.into_iter().zip(stacks_left) {
                tell(Event::StackLeft(task, left), &mut lost);
            }
        }
        reports = reports.wrapping_add(1);
        delay(PAUSE);
    }
}
