//! The bytes of the bus: finds the frames that are for one address.

use core::time::Duration;

use oncilla::{Clock, Received, Time};

use super::address::{Address, HEADER, Header};
use crate::{PortError, Receive, Transmit};

/// The silence before a frame by default: the time in which a peer turns its driver off.
const TURN: Duration = Duration::from_millis(1);

/// Where the next byte belongs.
#[derive(Clone, Copy, Debug)]
enum Piece {
    /// To a header, or to a frame for nobody. This many bytes came since the last zero; more than a header has are not counted.
    Unknown(u8),
    /// To a frame with this header.
    Of(Header),
}

/// A port on a bus, its clock, and the place in the stream of bytes.
#[derive(Debug)]
pub(super) struct Wire<P, C> {
    port: P,
    pub clock: C,
    piece: Piece,
    gathered: [u8; HEADER],
    /// The header that has come, for the next frame.
    announced: Option<Header>,
    /// The last header that has come.
    last: Option<Header>,
    /// The first byte of a frame that is returned next, since there was no room for it.
    held: Option<u8>,
    /// When a byte was received last.
    heard: Time,
    pub turn: Duration,
}

type Failure<P> = PortError<<P as Receive>::Error, <P as Transmit>::Error>;

impl<P: Receive + Transmit, C: Clock> Wire<P, C> {
    pub const fn new(port: P, clock: C) -> Self {
        Self {
            port,
            clock,
            piece: Piece::Unknown(0),
            gathered: [0; HEADER],
            announced: None,
            last: None,
            held: None,
            heard: Time::ZERO,
            turn: TURN,
        }
    }

    /// Waits for bytes of a frame for `to`, and from `from` if that is given. Stores who sent it in `sender`.
    ///
    /// It returns at the end of a frame, so that the reply goes to the sender of that frame.
    pub fn receive(
        &mut self,
        into: &mut [u8],
        deadline: Time,
        (to, from): (Address, Option<Address>),
        sender: &mut Address,
    ) -> Result<Received, Failure<P>> {
        let is_ours = |header: &Header| header.to == to && from.is_none_or(|from| from == header.from);
        let mut count: usize = 0;
        while let Some(place) = into.get_mut(count) {
            if let Some(byte) = self.held.take() {
                *place = byte;
                count = count.wrapping_add(1);
                continue;
            }
            let Some(byte) = self.next().map_err(PortError::Receive)? else {
                if count > 0 {
                    break;
                }
                if self.clock.now() >= deadline {
                    return Ok(Received::TimeUp);
                }
                self.clock.idle(deadline);
                continue;
            };
            let before = self.piece;
            self.sort(byte);
            match (before, self.piece) {
                // A frame begins: the zero before it ends what came of one before.
                (Piece::Unknown(_), Piece::Of(header)) if is_ours(&header) => {
                    *sender = header.from;
                    self.held = Some(byte);
                    *place = 0;
                }
                (Piece::Of(header), now) if is_ours(&header) => {
                    *place = byte;
                    if matches!(now, Piece::Unknown(_)) {
                        return Ok(Received::Bytes(count.saturating_add(1)));
                    }
                }
                _ => continue,
            }
            count = count.wrapping_add(1);
        }
        Ok(Received::Bytes(count))
    }

    /// Sends a frame with its header, after the bus was silent. With `asked`, only if it is still the sender's turn.
    pub fn send(&mut self, frame: &[u8], deadline: Time, header: Header, asked: bool) -> Result<usize, Failure<P>> {
        loop {
            // What comes now is for others, or late.
            while let Some(byte) = self.next().map_err(PortError::Receive)? {
                self.sort(byte);
            }
            let now = self.clock.now();
            if now.since(self.heard) >= self.turn {
                break;
            }
            if now >= deadline {
                return Ok(0);
            }
        }
        // An echo of what this side has sent does not end its turn.
        let is_mine = |last: Header| last.to == header.from || last.from == header.from;
        if asked && !self.last.is_some_and(is_mine) {
            return Ok(frame.len());
        }
        self.held = None;
        let [a, b, c, d, e] = header.bytes();
        if self.put(&[0, a, b, c, d, e, 0], deadline)? < HEADER + 2 {
            return Ok(0);
        }
        let sent = self.put(frame, deadline)?;
        while !self.port.is_sent().map_err(PortError::Transmit)? {
            if self.clock.now() >= deadline {
                break;
            }
        }
        Ok(sent)
    }

    /// Sends bytes and returns how many were accepted until the deadline.
    fn put(&mut self, bytes: &[u8], deadline: Time) -> Result<usize, Failure<P>> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let accepted = self.port.put(rest).map_err(PortError::Transmit)?;
            rest = rest.get(accepted..).unwrap_or_default();
            if accepted == 0 && self.clock.now() >= deadline {
                break;
            }
        }
        Ok(bytes.len().saturating_sub(rest.len()))
    }

    fn next(&mut self) -> Result<Option<u8>, <P as Receive>::Error> {
        let mut byte = [0];
        if self.port.take(&mut byte)? == 0 {
            return Ok(None);
        }
        self.heard = self.clock.now();
        Ok(Some(byte[0]))
    }

    /// Finds out where a byte belongs.
    fn sort(&mut self, byte: u8) {
        self.piece = match (self.piece, byte) {
            (Piece::Unknown(length), 0) => {
                // Nothing between two zeros leaves the header as it is.
                if length > 0 {
                    let is_header = usize::from(length) == HEADER;
                    self.announced = if is_header { Header::parse(self.gathered) } else { None };
                    self.last = self.announced.or(self.last);
                }
                Piece::Unknown(0)
            }
            (Piece::Of(_), 0) => Piece::Unknown(0),
            (Piece::Unknown(length), _) => {
                if let (0, Some(header)) = (length, self.announced.take()) {
                    self.piece = Piece::Of(header);
                    return;
                }
                if let Some(place) = self.gathered.get_mut(usize::from(length)) {
                    *place = byte;
                }
                Piece::Unknown(length.saturating_add(1))
            }
            (of, _) => of,
        };
    }
}
