//! Calls of a shared client, over as many connections as they take.

use std::io;
use std::sync::Arc;

use oncilla::message::Reply;
use oncilla::xdr::{DecodeError, EncodeError};
use oncilla::{Authenticate, CallError, Caller, LinkError, ProcedureId, Time, Writer};

use super::SharedClient;
use super::connection::{Answer, Connection};
use super::sync::Condvar;
use crate::reconnect::is_by_server;

/// The end of an attempt that has no reply.
enum Failure {
    /// Another attempt would not help.
    Final(CallError<io::Error>),
    /// The connection was lost.
    Lost {
        error: CallError<io::Error>,
        /// The call has this xid.
        xid: Option<u32>,
        /// The call was sent whole, so that it may have been executed.
        sent: bool,
    },
}

impl<A: Authenticate> SharedClient<A> {
    /// Makes attempts until one is answered, or until the call must not be sent again.
    fn complete(
        &mut self,
        is_idempotent: bool,
        mut attempt: impl FnMut(&mut Self, &Connection, Option<u32>, Time) -> Result<(), Failure>,
    ) -> Result<(), CallError<io::Error>> {
        let deadline = self.timeout.map_or(Time::NEVER, |timeout| self.source.clock.now().after(timeout));
        // The loss of an attempt that may have been executed. No later error may say that the call was not.
        let (mut known, mut lost) = (None, None);
        loop {
            let connection = match self.connection(deadline) {
                Ok(connection) => connection,
                Err(unsent) => return Err(lost.unwrap_or(unsent)),
            };
            match attempt(self, &connection, known, deadline) {
                Ok(()) => return Ok(()),
                Err(Failure::Final(error @ CallError::Link(_))) => return Err(lost.unwrap_or(error)),
                Err(Failure::Final(error)) => return Err(error),
                Err(Failure::Lost { error, xid, sent }) => {
                    self.source.lose(&connection, is_by_server(&error));
                    let must_not_repeat = sent && !is_idempotent && (lost.is_some() || !self.source.remembers);
                    if must_not_repeat || !self.source.reconnects {
                        return Err(error);
                    }
                    if sent {
                        lost = Some(error);
                    }
                    known = xid.or(known);
                    self.connection = None;
                }
            }
        }
    }

    /// Returns the connection of this clone, or the present one of all clones.
    fn connection(&mut self, deadline: Time) -> Result<Arc<Connection>, CallError<io::Error>> {
        if let Some(connection) = &self.connection {
            return Ok(Arc::clone(connection));
        }
        let connection = self.source.connect(deadline)?;
        // A condition variable belongs to the mutex of one connection.
        self.bell = Arc::new(Condvar::new());
        Ok(Arc::clone(self.connection.insert(connection)))
    }

    /// Makes a call on a connection. Without `waits`, it has no reply.
    fn attempt(
        &mut self,
        connection: &Connection,
        known: Option<u32>,
        deadline: Time,
        waits: bool,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<(), Failure> {
        let Self { source, bell, frame, reply, timeout, identity, .. } = self;
        let call = connection.begin(known, bell, reply).map_err(|error| unsent(error, None))?;
        let xid = call.xid();
        // The server may have closed the connection after the last call.
        if source.reconnects && connection.is_gone(xid) {
            return Err(Failure::Lost { error: CallError::Closed, xid: Some(xid), sent: false });
        }
        let frame = frame.write(xid, id, identity, arguments);
        let frame = frame.map_err(|error| Failure::Final(CallError::Arguments(error)))?;
        if !waits {
            return call.send(frame, deadline).map_err(|error| unsent(error, Some(xid)));
        }
        match call.send_and_wait(frame, deadline).map_err(|error| unsent(error, Some(xid)))? {
            Answer::Reply => {
                if source.reconnects && connection.is_first_answer() {
                    source.answered();
                }
                Ok(())
            }
            Answer::TooLarge(size) => Err(Failure::Final(CallError::ReplyTooLarge { size })),
            Answer::TimeUp(unframed) => {
                Err(Failure::Final(CallError::TimedOut { after: timeout.unwrap_or_default(), unframed }))
            }
            Answer::Lost(error) => Err(Failure::Lost { error, xid: Some(xid), sent: true }),
        }
    }

    /// Makes a call, and returns the results in the reply.
    fn answer(
        &mut self,
        is_idempotent: bool,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<&[u8], CallError<io::Error>> {
        self.complete(is_idempotent, |client, connection, known, deadline| {
            client.attempt(connection, known, deadline, true, id, &arguments)
        })?;
        Reply::parse(&self.reply).map_err(CallError::Reply)?.outcome.map_err(CallError::Refused)
    }
}

/// Returns what an error of sending means.
fn unsent(error: LinkError<io::Error>, xid: Option<u32>) -> Failure {
    match error {
        // The time is up. The connection is as it was, or the next call finds it out of step.
        LinkError::Unsent { .. } => Failure::Final(error.into()),
        error => Failure::Lost { error: error.into(), xid, sent: false },
    }
}

impl<A: Authenticate> Caller for SharedClient<A> {
    type Error = io::Error;

    fn call<'c, R>(
        &'c mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
        results: impl FnOnce(&'c [u8]) -> Result<R, DecodeError>,
    ) -> Result<R, CallError<io::Error>> {
        results(self.answer(false, id, arguments)?).map_err(CallError::Results)
    }

    fn call_idempotent<'c, R>(
        &'c mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
        results: impl FnOnce(&'c [u8]) -> Result<R, DecodeError>,
    ) -> Result<R, CallError<io::Error>> {
        results(self.answer(true, id, arguments)?).map_err(CallError::Results)
    }

    fn cast(
        &mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<(), CallError<io::Error>> {
        self.complete(false, |client, connection, known, deadline| {
            client.attempt(connection, known, deadline, false, id, &arguments)
        })
    }
}
