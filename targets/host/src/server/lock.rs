//! Opens and seals the messages of one connection or of one UDP socket under keys.

use std::fmt;

use oncilla::framing::{Framing, Unsealed};
use oncilla::keys::{ForwardSecret, TAG, sealed_call_by, sealed_reply_by};
use oncilla::message::{Form, Sender, lengthen};

use crate::keys::{Acceptor, KeyError, KeyServer};

/// The keys that a UDP socket serves: as many as the protocol has places.
pub(super) const PLACES: usize = 32;

/// The bytes by which a call in the full form may be longer than in the short form.
const LONGER: usize = 36;

/// Returns the size of a sealed call of `call` bytes, in either suite.
pub(super) const fn sealed_call(call: usize) -> usize {
    // The full form of a short call stands in the same buffer on UDP.
    sealed_call_by::<ForwardSecret>(0).saturating_add(LONGER).saturating_add(call)
}

/// Returns the size of a sealed reply of `reply` bytes, in either suite. A CHALLENGE fits, too.
pub(super) const fn sealed_reply(reply: usize) -> usize {
    let most = usize::MAX - sealed_reply_by::<ForwardSecret>(0);
    sealed_reply_by::<ForwardSecret>(if reply < most { reply } else { most })
}

/// The sessions of a connection (`N` is 1) or of a UDP socket. `F` is the framing of the sealed messages.
pub(super) struct Lock<F, const N: usize>(Sealed<F, N>);

type Sealed<F, const N: usize> = oncilla::keys::Sealed<F, Acceptor<N>>;

/// What a frame contained.
pub(super) enum Unlocked {
    /// Nothing for the server.
    Nothing,
    /// A call in the full form, sealed or in the clear if that is allowed.
    Call(Vec<u8>),
    /// A message of a handshake. The answer of this size is at the start of the transmit buffer.
    Answer(usize),
    /// It does not verify.
    Refused,
}

impl<F: Framing, const N: usize> Lock<F, N> {
    pub(super) fn new(keys: &KeyServer) -> Result<Self, KeyError> {
        Ok(Self(Sealed::new(keys.acceptor()?)))
    }

    /// Verifies and decrypts a frame. `rx` is the size of the largest receive buffer.
    ///
    /// A HELLO is answered in the transmit buffer, which must not have an unsent reply.
    pub(super) fn unlock(&mut self, frame: &mut [u8], rx: usize, tx: &mut [u8]) -> Unlocked {
        match self.0.unseal(frame, rx, tx) {
            Unsealed::Message(start, length, form) => {
                let message = frame.get(start..).and_then(|rest| rest.get(..length)).unwrap_or_default();
                whole(form, message).map_or(Unlocked::Nothing, Unlocked::Call)
            }
            Unsealed::Answer(length) => {
                let answer = self.0.seal_next(tx, length, Sealed::<F, N>::HELLO_MARK);
                answer.map_or(Unlocked::Nothing, |frame| Unlocked::Answer(frame.len()))
            }
            Unsealed::Refused => Unlocked::Refused,
            // A server has no use for logs and text of its clients.
            Unsealed::Nothing | Unsealed::Log(..) | Unsealed::Text(..) => Unlocked::Nothing,
        }
    }

    /// Returns the sender of the last message. `None` when it came in the clear.
    pub(super) fn sender(&self) -> Option<Sender> {
        self.0.sender()
    }

    /// Returns where a reply to `sender` begins in a transmit buffer, and where it ends at the latest.
    pub(super) fn room(&mut self, sender: Option<Sender>, tx: &mut [u8]) -> (usize, usize) {
        let size = tx.len();
        let room = Sealed::<F, N>::room(tx).len();
        let start = size.saturating_sub(TAG).saturating_sub(room);
        // A procedure runs only if the client can receive its largest reply.
        let largest = self.0.largest_reply(sender).unwrap_or(room).min(room);
        (start, start + largest)
    }

    /// Seals the reply of `length` bytes to `sender`. Returns the bytes to send, `None` when its session has ended.
    pub(super) fn seal<'b>(&mut self, tx: &'b mut [u8], sender: Option<Sender>, length: usize) -> Option<&'b [u8]> {
        if !self.0.is_present(sender) {
            return None;
        }
        let mark = self.0.reply_mark(Form::Full, sender);
        self.0.seal_next(tx, length, mark)
    }
}

impl<F, const N: usize> fmt::Debug for Lock<F, N> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Lock").finish_non_exhaustive()
    }
}

/// Returns a message in the full form.
fn whole(form: Form, message: &[u8]) -> Option<Vec<u8>> {
    if form == Form::Full {
        return Some(message.to_vec());
    }
    let mut call = vec![0; message.len() + LONGER];
    let length = lengthen(message, &mut call)?;
    call.truncate(length);
    Some(call)
}
