//! The task that serves.

use oncilla::framing::Serial as Framing;
use oncilla::message::REFUSAL_MAX;
use oncilla::{Link, ReplayCache, Served, Time};
use oncilla_freertos::{Line, Serial};
use oncilla_suite::{CALL_MAX, REPLY_MAX, TABLE};

use crate::STATE;
use crate::log::{Event, log};

/// Bytes of the largest call and the largest reply, framed.
pub const RX: usize = Framing::buffer(CALL_MAX);
/// Bytes of the largest call and the largest reply, framed.
pub const TX: usize = Framing::buffer(REPLY_MAX);
/// The replies to the last calls that must not be executed twice.
pub type Replies = ReplayCache<4, REFUSAL_MAX>;

/// A line, and what it takes to serve on it.
pub struct Server {
    /// The line.
    pub serial: Serial,
    /// Another number after every restart.
    pub boot: u32,
    /// Lent memory.
    pub rx: &'static mut [u8; RX],
    /// Lent memory.
    pub tx: &'static mut [u8; TX],
    /// Lent memory.
    pub replies: &'static mut Replies,
}

/// The task.
pub fn serve(Server { serial, boot, rx, tx, replies }: Server) -> ! {
    let mut link = Link::with_boot_number(Line::<Framing>::new(serial), &mut rx[..], &mut tx[..], boot);
    loop {
        // The state is locked while a call is answered: not while its bytes come, nor while those of its reply go.
        let served = link.serve_next_locking(replies, &TABLE, || STATE.lock(), Time::NEVER);
        // This line never fails nor ends, and no line of the log is worth waiting for.
        if let Ok(Served::Restart) = served {
            log(Event::Introduced);
        }
    }
}
