//! The task that serves.

use oncilla::framing::Serial as Framing;
use oncilla::message::REFUSAL_MAX;
use oncilla::{Link, ReplayCache, Served, Time};
use oncilla_freertos::{Line, Serial};
use oncilla_suite::{CALL_MAX, REPLY_MAX, TABLE};

use crate::STATE;
use crate::log::{Event, log};

/// Bytes of the receive buffer, for the largest framed call.
pub const RX: usize = Framing::buffer(CALL_MAX);
/// Bytes of the send buffer, for the largest framed reply.
pub const TX: usize = Framing::buffer(REPLY_MAX);
/// A replay cache for calls that must not be executed twice.
pub type Replies = ReplayCache<4, REFUSAL_MAX>;

/// The line, and what a server on it needs.
pub struct Server {
    /// The line.
    pub serial: Serial,
    /// The boot number, which differs after every restart.
    pub boot: u32,
    /// The receive buffer.
    pub rx: &'static mut [u8; RX],
    /// The send buffer.
    pub tx: &'static mut [u8; TX],
    /// The replay cache.
    pub replies: &'static mut Replies,
}

/// Runs the task.
pub fn serve(Server { serial, boot, rx, tx, replies }: Server) -> ! {
    let mut link = Link::with_boot_number(Line::<Framing>::new(serial), &mut rx[..], &mut tx[..], boot);
    loop {
        // The state is locked only while a call is answered, not while its bytes arrive or those of its reply leave.
        let served = link.serve_next_locking(replies, &TABLE, || STATE.lock(), Time::NEVER);
        // This line never fails or ends. The log is not worth waiting for.
        if let Ok(Served::Restart) = served {
            log(Event::Introduced);
        }
    }
}
