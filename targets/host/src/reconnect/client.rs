//! The client that connects again.

use std::io;
use std::time::{Duration, Instant};

use oncilla::framing::Framing;
use oncilla::xdr::{DecodeError, EncodeError};
use oncilla::{
    Anonymous, Authenticate, Beside, CallError, Caller, Link, LinkError, ProcedureId, Retry, Transport, Writer,
};

use super::carrier::{Carrier, Progress};
use super::layer::{Layer, Plain};
use super::redial::{NotConnected, Redial, is_by_server};
use super::state::{ConnectionState, Watch};
use crate::connect::boxed;
use crate::log::Log;
use crate::perhaps::perhaps_executed;

type Inner<T, A, L> = oncilla::Client<<L as Layer<T>>::Over, Box<[u8]>, A>;

/// A client that makes its connection again after a loss.
///
/// Made by [`Connector::reconnect`](crate::Connector::reconnect). It is a [`Caller`]: generated clients work over it.
///
/// **Blocking.** A call waits for a connection and for its reply until its total time-out
/// ([`set_timeout`](Self::set_timeout)). The time to resolve a name is not limited.
///
/// **Memory.** Two buffers of [`Connector::buffer`](crate::Connector::buffer) bytes each, which do not grow.
///
/// **What is sent again.** A call that was not sent completely is sent over the next connection. A call that may have
/// been executed is sent again, with the same xid, if one of these conditions holds. Otherwise it ends with an error:
///
/// - The interface marks the procedure `idempotent`, or it is NULL.
/// - The policy states that the [server remembers](crate::Reconnect::server_remembers). Then it is sent once more.
/// - On a serial line, the device has the same boot number as before the loss, so it still has its replay cache. With
///   another boot number, the call ends with [`CallError::Restarted`].
///
/// **Errors** state what is known of the call:
///
/// | error | the call was |
/// |---|---|
/// | [`NotConnected`](crate::NotConnected), in [`LinkError::Transport`] | not executed |
/// | [`LinkError::Unsent`] on TCP and Unix sockets | not executed |
/// | [`CallError::Closed`], other errors in [`LinkError::Transport`] | perhaps executed; the connection was lost |
/// | [`CallError::TimedOut`], [`CallError::Restarted`] | perhaps executed |
///
/// After each of these errors, the next call connects again if there is no connection.
///
/// `L` makes its links: [`Plain`], or a `KeyClient` for links under a key.
pub struct Reconnecting<T: Transport<Error = io::Error>, A = Anonymous, L: Layer<T> = Plain> {
    client: Inner<T, A, L>,
    layer: L,
    redial: Redial<T>,
    /// The size of each buffer.
    buffer: usize,
    timeout: Option<Duration>,
}

/// A call whose connection was lost.
struct Lost {
    error: CallError<io::Error>,
    /// Whether it was sent whole, so that it may have been executed.
    sent: bool,
}

/// The end of an attempt that has no reply.
enum Failure {
    /// The connection is as it was.
    Final(CallError<io::Error>),
    Lost(Lost),
}

impl<T: Transport<Error = io::Error>, L: Layer<T>> Reconnecting<T, Anonymous, L> {
    pub(super) fn new(
        link: Link<L::Over, Box<[u8]>>,
        layer: L,
        redial: Redial<T>,
        buffer: usize,
        first_xid: u32,
    ) -> Self {
        let client = oncilla::Client::new(link, first_xid);
        let timeout = Some(oncilla::Client::<L::Over, Box<[u8]>>::DEFAULT_TIMEOUT);
        Self { client, layer, redial, buffer, timeout }
    }

    /// Returns the client with a credential that it sends with every call.
    pub fn with_credential<A: Authenticate>(self, identity: A) -> Reconnecting<T, A, L> {
        let Self { client, layer, redial, buffer, timeout } = self;
        Reconnecting { client: client.with_credential(identity), layer, redial, buffer, timeout }
    }
}

impl<T: Transport<Error = io::Error>, A: Authenticate, L: Layer<T>> Reconnecting<T, A, L> {
    /// Returns the credential, to change it between calls.
    pub const fn credential_mut(&mut self) -> &mut A {
        self.client.credential_mut()
    }

    /// Passes text and logs of the device, and noise on the line, to `show`, whichever port the line has.
    ///
    /// For serial lines; as [`Serial::with_log`](crate::Serial::with_log).
    #[must_use]
    pub fn with_log(mut self, show: impl FnMut(Beside<'_>) + Send + 'static) -> Self {
        self.carrier().set_log(Log::to(show));
        self
    }

    /// Sets the total time-out of the calls that follow, attempts to connect included. The default is five seconds.
    pub const fn set_timeout(&mut self, timeout: Duration) {
        self.timeout = Some(timeout);
    }

    /// Makes the calls that follow wait for ever.
    ///
    /// While there is no connection, they end at the limit of the policy.
    pub const fn wait_for_ever(&mut self) {
        self.timeout = None;
    }

    /// Sets when the calls that follow are retransmitted, on a carrier that can lose messages.
    pub const fn set_retry(&mut self, retry: Retry) {
        self.client.set_retry(retry);
    }

    /// Returns whether there is a connection.
    #[must_use]
    pub fn state(&self) -> ConnectionState {
        self.redial.watch().state()
    }

    /// Returns a handle that reads the state from other threads, also during a call.
    #[must_use]
    pub fn watch(&self) -> Watch {
        self.redial.watch().clone()
    }

    /// Calls `observer` at each change of the state: a loss, each failed attempt, and a new connection.
    ///
    /// It runs on the thread that calls, and delays it. It replaces the observer before it.
    pub fn on_change(&mut self, observer: impl FnMut(&ConnectionState) + Send + 'static) {
        self.redial.observe(observer);
    }

    fn carrier(&mut self) -> &mut Carrier<T> {
        L::carrier(self.client.link().transport())
    }

    /// Makes one call, and returns the results in its reply.
    fn answer(
        &mut self,
        is_idempotent: bool,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<&[u8], CallError<io::Error>> {
        let call = self.client.identify(id);
        let reply = self.complete(is_idempotent, |client| client.attempt(call, &arguments))?;
        self.redial.answered();
        self.client.outcome(reply)
    }

    /// Makes one call, over as many connections as it takes.
    fn complete<R>(
        &mut self,
        is_idempotent: bool,
        attempt: impl Fn(&mut Inner<T, A, L>) -> Result<R, CallError<io::Error>>,
    ) -> Result<R, CallError<io::Error>> {
        let begun = Instant::now();
        // A time-out beyond what the clock counts is none.
        let deadline = self.timeout.and_then(|timeout| begun.checked_add(timeout));
        let mut left = self.timeout;
        // The server may have closed the connection after the last call. A call that is sent into it would be lost, and
        // whether it was executed unknown.
        if self.carrier().is_open() && self.carrier().is_gone() {
            self.lose(true);
        }
        // The loss of an attempt that may have been executed. No later error may say that the call was not.
        let mut lost: Option<CallError<io::Error>> = None;
        loop {
            if !self.carrier().is_open() {
                if let Err(unsent) = self.connect(deadline) {
                    return Err(lost.unwrap_or_else(|| unsent.into()));
                }
                left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            }
            match left {
                Some(left) => self.client.set_timeout(left),
                None => self.client.wait_for_ever(),
            }
            self.carrier().begin();
            match attempt(&mut self.client).map_err(|error| self.judge(error)) {
                Ok(reply) => return Ok(reply),
                Err(Failure::Final(error @ CallError::Link(_))) => return Err(lost.unwrap_or(error)),
                Err(Failure::Final(error)) => return Err(self.in_total(error)),
                Err(Failure::Lost(Lost { error, sent })) => {
                    self.lose(is_by_server(&error));
                    if sent {
                        if !is_idempotent && !self.is_remembered(lost.is_some()) {
                            return Err(error);
                        }
                        lost = Some(error);
                    }
                }
            }
        }
    }

    /// Returns whether the server answers a call that it receives again without executing it again.
    fn is_remembered(&mut self, repeated: bool) -> bool {
        // On a line, a device that has restarted does not accept a call of the session before.
        self.client.is_met() || self.redial.policy().remembered && !T::Framing::NOISY && !repeated
    }

    /// Returns what an error means for the connection and for the call.
    fn judge(&mut self, error: CallError<io::Error>) -> Failure {
        let progress = self.carrier().progress();
        // An incomplete record is never executed. On a line, the next frame could complete an incomplete one.
        let whole = if T::Framing::RESYNCHRONIZES { Progress::Some } else { Progress::Frame };
        let sent = progress >= whole;
        match error {
            CallError::Link(LinkError::Transport(error)) if sent => {
                let error = LinkError::Transport(perhaps_executed(error)).into();
                Failure::Lost(Lost { error, sent })
            }
            CallError::Closed
            | CallError::Link(
                LinkError::Transport(_) | LinkError::OutOfStep | LinkError::Broken | LinkError::Unverified,
            ) => Failure::Lost(Lost { error, sent }),
            CallError::Link(LinkError::Unsent { .. }) if !T::Framing::RESYNCHRONIZES && progress > Progress::None => {
                // The deadline has passed.
                self.lose(false);
                Failure::Final(error)
            }
            error => Failure::Final(error),
        }
    }

    /// Returns an error with the total time-out of the call, not that of its last attempt.
    fn in_total(&self, error: CallError<io::Error>) -> CallError<io::Error> {
        let after = self.timeout.unwrap_or_default();
        match error {
            CallError::TimedOut { unframed, .. } => CallError::TimedOut { after, unframed },
            CallError::Echoed { .. } => CallError::Echoed { after },
            error => error,
        }
    }

    /// Notes that the connection is lost, and whether the peer closed it. On a line, no server closes it.
    fn lose(&mut self, by_peer: bool) {
        self.carrier().replace(None);
        self.redial.lost(by_peer && !T::Framing::RESYNCHRONIZES);
    }

    /// Makes a connection, until `deadline` at most.
    fn connect(&mut self, deadline: Option<Instant>) -> Result<(), NotConnected> {
        let transport = self.redial.again(deadline)?;
        if T::Framing::RESYNCHRONIZES {
            // The handshake of a line outlives its port.
            self.carrier().replace(Some(transport));
            self.client.doubt_peer();
        } else {
            let buffers = [boxed(self.buffer), boxed(self.buffer)];
            match self.layer.link(Carrier::new(Some(transport)), buffers) {
                Ok(link) => *self.client.link() = link,
                // The system has no random numbers for a start, and the connection is closed.
                Err(error) => return Err(self.redial.refused(error)),
            }
        }
        Ok(())
    }
}

impl<T: Transport<Error = io::Error>, A: Authenticate, L: Layer<T>> Caller for Reconnecting<T, A, L> {
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
        self.complete(false, |client| client.cast(id, &arguments))
    }
}
