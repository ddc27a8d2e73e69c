//! Writes the frames of calls.

use oncilla::framing::{Framing, RecordAhead};
use oncilla::message::{CallHeader, MAX_AUTH_BODY};
use oncilla::xdr::{EncodeError, Fault};
use oncilla::{Authenticate, ProcedureId, Writer};

/// The first size of a buffer, in bytes.
const FIRST: usize = 512;

/// A buffer for calls, which grows up to a limit.
#[derive(Debug)]
pub(super) struct Frame {
    buffer: Vec<u8>,
    limit: usize,
}

impl Frame {
    pub(super) const fn new(limit: usize) -> Self {
        Self { buffer: Vec::new(), limit }
    }

    /// Returns an empty buffer with the same limit.
    pub(super) const fn another(&self) -> Self {
        Self::new(self.limit)
    }

    /// Writes a call, and returns its frame.
    pub(super) fn write(
        &mut self,
        xid: u32,
        id: ProcedureId,
        identity: &impl Authenticate,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<&[u8], EncodeError> {
        let (credential, verifier) = (identity.credential(), identity.verifier());
        if credential.body.len().max(verifier.body.len()) > MAX_AUTH_BODY {
            // A larger buffer would not help (RFC 5531 §8.2).
            return Err(EncodeError::Refused(Fault::Bound));
        }
        let header = CallHeader { xid, id, credential, verifier };
        let length = loop {
            match message(&header, &arguments, RecordAhead::room(&mut self.buffer)) {
                Err(EncodeError::NoRoom { .. }) if self.buffer.len() < self.limit => self.grow(),
                written => break written?,
            }
        };
        let available = self.buffer.len();
        RecordAhead::seal(&mut self.buffer, length).ok_or(EncodeError::NoRoom { needed: length, available })
    }

    fn grow(&mut self) {
        let size = self.buffer.len().saturating_mul(2).max(FIRST).min(self.limit);
        self.buffer.resize(size, 0);
    }
}

/// Writes a call before framing. Returns its size.
fn message(
    header: &CallHeader<'_>,
    arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    room: &mut [u8],
) -> Result<usize, EncodeError> {
    let (needed, available) = (header.size(), room.len());
    let start = header.write(room).ok_or(EncodeError::NoRoom { needed, available })?;
    let mut writer = Writer::new(room.get_mut(start..).unwrap_or_default());
    arguments(&mut writer)?;
    Ok(start + writer.length())
}
