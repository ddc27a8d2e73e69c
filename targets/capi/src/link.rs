//! A link in lent memory.

use oncilla::Transport;
use oncilla::framing::Framing;

use crate::carrier::{Carrier, Chosen, LinkOf};
use crate::checked::{CHECKS, cleared, place_at, reference};
use crate::io::{Buffers, Io};
use crate::lent::{Ends, Lent, Served, are_apart};
use crate::{ONCILLA_TOO_SMALL, Status};

/// Makes a link with room for messages of `send_max` bytes.
///
/// Neither buffer may share a byte with the `owner`, with what it serves, or with the `ends` of its sessions.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose, and nothing else uses the buffers as long as the link is used.
#[allow(clippy::too_many_arguments)]
#[inline]
pub(crate) unsafe fn link<K: Chosen, O>(
    owner: *const O,
    served: Option<&Served>,
    io: *const Io,
    clock_needed: bool,
    buffers: *const Buffers,
    ends: Ends,
    begin: impl FnOnce() -> Result<K::Begin, Status>,
    send_max: impl FnOnce() -> usize,
) -> Result<(LinkOf<K>, Lent), Status> {
    // SAFETY: this function's condition; the buffers are checked to be apart before they are used.
    unsafe {
        let carrier = Carrier::new(io, clock_needed)?;
        let buffers_at = place_at(buffers);
        let buffers = reference(buffers)?;
        let Buffers { rx, rx_size, tx, tx_size } = *buffers;
        let [rx_at, tx_at] = [(rx.cast_const(), rx_size), (tx.cast_const(), tx_size)];
        are_apart(&[place_at(owner), rx_at, tx_at, place_at(io), buffers_at], 3, served)?;
        for memory in [place_at(owner), rx_at, tx_at] {
            ends.are_apart_from(memory)?;
        }
        let (rx, tx) = (cleared(rx, rx_size)?, cleared(tx, tx_size)?);
        // Without this check, calls are refused or fail one by one.
        if CHECKS
            && (rx.len() < K::Framing::BUFFER_MIN || <K::Transport as Transport>::Framing::room(tx).len() < send_max())
        {
            return Err(ONCILLA_TOO_SMALL);
        }
        Ok((K::link(carrier, rx, tx, begin()?), Lent::new(place_at(owner), buffers, served)))
    }
}
