//! Calls in flight that are sent by one system call.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use oncilla_device::connect::Cork;

use crate::place::Place;

/// The longest time for which calls are kept back is twice this.
const TICK: Duration = Duration::from_millis(1);

/// How many ticks without a call the thread waits for one before it ends.
const IDLE: usize = 100;

/// The calls that are kept back, and the thread that sends them if nobody waits for a reply.
#[derive(Default)]
pub struct Together {
    pub cork: Cork,
    has_thread: AtomicBool,
}

impl Together {
    /// Makes sure that a call that is kept back is sent soon, whatever the program does.
    pub fn send_soon(&self, place: &Arc<Place>) {
        if self.has_thread.swap(true, Ordering::AcqRel) {
            return;
        }
        let place_of_thread = Arc::downgrade(place);
        let work = move || send_again_and_again(&place_of_thread);
        if thread::Builder::new().name("oncilla sender".to_owned()).spawn(work).is_err() {
            self.has_thread.store(false, Ordering::Release);
            place.send_kept();
        }
    }
}

/// Sends what was kept back for a tick, until the device is gone or nothing is kept back for some time.
fn send_again_and_again(place: &Weak<Place>) {
    let (mut idle, mut before) = (0, None);
    loop {
        thread::sleep(TICK);
        let Some(place) = place.upgrade() else { return };
        let Together { cork, has_thread } = &place.together;
        if cork.held() == 0 {
            (idle, before) = (idle + 1, None);
            if idle < IDLE {
                continue;
            }
            has_thread.store(false, Ordering::Release);
            // A call that was kept back meanwhile has found a thread.
            if cork.held() == 0 || has_thread.swap(true, Ordering::AcqRel) {
                return;
            }
        }
        idle = 0;
        // Calls that a wait sends in the meantime are not cut in two.
        let releases = Some(cork.releases());
        if before == releases {
            place.send_kept();
        }
        before = releases;
    }
}
