//! Messages to and from a board byte for byte, also those that no client sends.

use core::fmt;
use std::error::Error;
use std::format;
use std::string::ToString;
use std::time::Duration;
use std::vec;
use std::vec::Vec;

use oncilla::framing::{Framing, Progress};
use oncilla::message::{CallHeader, Form, OpaqueAuth, ProcedureId, Refusal, Reply};
use oncilla::{Received, Time, Transport};

use super::carrier::{Carrier, On, Reach};
use super::introduction::Introduction;
use super::{Failure, Outcome, ensure, equal};
use crate::suite_1;

const BUFFER: usize = 1 << 16;

/// How long a board's hello is waited for.
const HELLO_PATIENCE: Duration = Duration::from_millis(500);

/// A carrier to a board, without a client.
pub struct Wire<T: Transport> {
    transport: T,
    framing: T::Framing,
    received: Vec<u8>,
    introduction: Introduction,
    /// What came of a frame on a line whose ends introduce themselves.
    frame: Vec<u8>,
    patience: Duration,
    xid: u32,
}

/// The board did not answer.
#[derive(Debug)]
pub struct Silence(Duration);

impl fmt::Display for Silence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "no reply within {:?}", self.0)
    }
}

impl Error for Silence {}

/// What a board replied: results, or why there are none.
pub type Replied = Result<Vec<u8>, Refusal>;

impl<T: Reach> Wire<T> {
    pub fn new(transport: T, patience: Duration, xid: u32) -> Self {
        Self {
            transport,
            framing: T::Framing::default(),
            received: vec![0; BUFFER],
            introduction: Introduction::new(xid),
            frame: Vec::new(),
            patience,
            xid,
        }
    }

    /// A message in its frame, to a board that knows this end.
    pub fn frame(&mut self, message: &[u8]) -> Result<Vec<u8>, Failure> {
        if self.introduction.is_due::<T::Framing>() {
            self.send_bytes(&self.introduction.hello())?;
            let deadline = self.transport.now().after(self.patience.min(HELLO_PATIENCE));
            while self.introduction.is_due::<T::Framing>() {
                match self.next_of_board(deadline) {
                    Err(error) if error.is::<Silence>() => self.introduction.give_up(),
                    came => drop(came?),
                }
            }
        }
        Ok(self.introduction.frame::<T>(message))
    }

    /// What comes next on a line whose ends introduce themselves, if it is a standard message.
    fn next_of_board(&mut self, deadline: Time) -> Result<Option<Vec<u8>>, Failure> {
        let byte = &mut [0];
        loop {
            match self.transport.receive(byte, deadline)? {
                Received::Bytes(_) if *byte == [0] => {
                    return Ok(self.introduction.open(&std::mem::take(&mut self.frame)));
                }
                Received::Bytes(_) => self.frame.extend(*byte),
                Received::TimeUp => return Err(Silence(self.patience).into()),
                Received::End | Received::Oversize(_) => return Err("the board closed the connection".into()),
            }
        }
    }

    /// A number for the next call.
    pub const fn xid(&mut self) -> u32 {
        self.xid = self.xid.wrapping_add(1);
        self.xid
    }

    /// Sends bytes as they are, between messages or as parts of them.
    pub fn send_bytes(&mut self, bytes: &[u8]) -> Outcome {
        let deadline = self.transport.now().after(self.patience);
        let sent = self.transport.send(bytes, deadline)?;
        ensure!(sent == bytes.len(), "{sent} of {} bytes could be sent", bytes.len());
        Ok(())
    }

    /// Sends a message.
    pub fn send(&mut self, message: &[u8]) -> Outcome {
        let frame = self.frame(message)?;
        self.send_bytes(&frame)
    }

    /// The next message that comes, standard calls and replies only.
    fn receive(&mut self) -> Result<Vec<u8>, Failure> {
        let deadline = self.transport.now().after(self.patience);
        if T::Framing::ON == On::Introduced {
            loop {
                if let Some(message) = self.next_of_board(deadline)? {
                    return Ok(message);
                }
            }
        }
        loop {
            match self.framing.next(&mut self.received) {
                Progress::Message { start, length } if self.framing.form() == Form::Full => {
                    return Ok(self.received[start..start + length].to_vec());
                }
                Progress::More => self.fill(deadline)?,
                _ => {}
            }
        }
    }

    fn fill(&mut self, deadline: Time) -> Outcome {
        match self.transport.receive(self.framing.window(&mut self.received), deadline)? {
            Received::Bytes(length) => self.framing.filled(length),
            Received::Oversize(size) => {
                return Err(format!("a datagram of {size} bytes is larger than the buffer").into());
            }
            Received::TimeUp => return Err(Silence(self.patience).into()),
            Received::End => return Err("the board closed the connection".into()),
        }
        Ok(())
    }

    /// The next reply to one of these calls, as it came.
    pub fn reply_to(&mut self, xids: &[u32]) -> Result<(u32, Vec<u8>), Failure> {
        loop {
            let message = self.receive()?;
            // Of a check before, or a call of the board's own.
            if let Some(xid) = message.first_chunk().map(|xid| u32::from_be_bytes(*xid))
                && xids.contains(&xid)
                && message.get(4..8) == Some(&[0, 0, 0, 1])
            {
                return Ok((xid, message));
            }
        }
    }

    /// Sends a call as it is and waits for its reply, which must be the standard's byte for byte up to the results.
    pub fn exchange(&mut self, message: &[u8]) -> Result<Replied, Failure> {
        let xid = message.first_chunk().map_or(0, |xid| u32::from_be_bytes(*xid));
        self.send(message)?;
        let (_, reply) = self.reply_to(&[xid])?;
        let reply = Reply::parse(&reply).map_err(|error| format!("a malformed reply, {error}: {reply:02x?}"))?;
        Ok(reply.outcome.map(<[u8]>::to_vec))
    }

    /// Calls a procedure with these bytes for arguments.
    pub fn call(&mut self, id: ProcedureId, arguments: &[u8]) -> Result<Replied, Failure> {
        let xid = self.xid();
        self.exchange(&call(xid, id, arguments))
    }

    /// Makes a good call, which must succeed.
    pub fn good(&mut self) -> Outcome {
        let xid = self.xid();
        equal("the next good call", self.exchange(&good(xid))?, Ok(difference(xid)))
    }

    /// Sends a message that must not be answered, and a good call behind it, which must.
    pub fn unanswered(&mut self, message: &[u8]) -> Outcome {
        let xid = self.xid();
        // Whatever the message begins with is what its reply would begin with.
        let strange = message.first_chunk().map_or(xid, |xid| u32::from_be_bytes(*xid));
        self.send(message)?;
        self.send(&good(xid))?;
        let (answered, reply) = self.reply_to(&[strange, xid])?;
        equal("what was answered", answered, xid)?;
        let reply = Reply::parse(&reply).map_err(|error| error.to_string())?;
        equal("the next good call", reply.outcome, Ok(&difference(xid)[..]))
    }
}

/// A call.
pub fn call(xid: u32, id: ProcedureId, arguments: &[u8]) -> Vec<u8> {
    call_by(OpaqueAuth::NONE, OpaqueAuth::NONE, xid, id, arguments)
}

/// The same with a credential and a verifier.
pub fn call_by(
    credential: OpaqueAuth<'_>,
    verifier: OpaqueAuth<'_>,
    xid: u32,
    id: ProcedureId,
    arguments: &[u8],
) -> Vec<u8> {
    let header = CallHeader { xid, id, credential, verifier };
    let mut message = vec![0; header.size()];
    header.write(&mut message);
    message.extend(arguments);
    message
}

/// A procedure of SUITE.
pub const fn suite(procedure: u32) -> ProcedureId {
    ProcedureId { program: suite_1::PROGRAM, version: suite_1::VERSION, procedure }
}

/// Numbers of procedures of SUITE.
pub const SUBTRACT: u32 = 3;
pub const ECHO: u32 = 4;
pub const RENAME: u32 = 5;
pub const ADD: u32 = 7;
pub const SUM: u32 = 8;
pub const NOTE: u32 = 9;
pub const FAIL: u32 = 11;

/// A call of SUITE_SUBTRACT, another for each xid.
pub fn good(xid: u32) -> Vec<u8> {
    call(xid, suite(SUBTRACT), &words([xid, 7]))
}

/// What it gives.
pub fn difference(xid: u32) -> Vec<u8> {
    words([xid.wrapping_sub(7)])
}

/// Numbers as they are on the wire.
pub fn words(words: impl IntoIterator<Item = u32>) -> Vec<u8> {
    words.into_iter().flat_map(u32::to_be_bytes).collect()
}
