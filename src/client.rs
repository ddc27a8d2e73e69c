//! The client's shell: calls out, replies in.

use core::time::Duration;

use crate::caller::{CallError, Caller};
use crate::codec::Writer;
use crate::link::{Incoming, Link, Span};
use crate::message::{CallHeader, OpaqueAuth, ProcedureId, Reply, SysCredential, peek};
use crate::time::Time;
use crate::transport::Transport;
use crate::xdr::{DecodeError, EncodeError};

/// A client on a link of its own.
///
/// Every call has a total time-out, [`Client::DEFAULT_TIMEOUT`] unless set otherwise; no call waits
/// for ever unless [`wait_for_ever`](Self::wait_for_ever) asks for it, or the transport has no clock
/// ([`Forever`](crate::Forever)). Replies to other calls, such as late ones, are dropped and do not
/// prolong it.
///
/// `A` says who calls: nobody, unless [`with_credential`](Self::with_credential) is used.
pub struct Client<T: Transport, B, A = Anonymous> {
    link: Link<T, B>,
    xid: u32,
    timeout: Option<Duration>,
    identity: A,
}

/// Who calls, for a server that asks.
pub trait Authenticate {
    /// What is sent as the credential of every call.
    fn credential(&self) -> OpaqueAuth<'_>;

    /// What is sent as its proof. Empty by default, as AUTH_NONE and AUTH_SYS have it.
    fn verifier(&self) -> OpaqueAuth<'_> {
        OpaqueAuth::NONE
    }
}

/// Nobody in particular: AUTH_NONE.
#[derive(Clone, Copy, Debug, Default)]
pub struct Anonymous;

impl Authenticate for Anonymous {
    #[inline]
    fn credential(&self) -> OpaqueAuth<'_> {
        OpaqueAuth::NONE
    }
}

impl Authenticate for SysCredential {
    fn credential(&self) -> OpaqueAuth<'_> {
        self.as_auth()
    }
}

impl<T: Transport, B: AsMut<[u8]>> Client<T, B> {
    /// Five seconds.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(5);

    /// A client on `link` whose first call has the xid `first_xid`; the next has one more, and so on.
    ///
    /// A client that starts again should not start with the same xid, or a server that remembers
    /// its replies may take the new calls for repeated old ones: take a random number, the time, or
    /// a boot counter in the upper bits.
    pub const fn new(link: Link<T, B>, first_xid: u32) -> Self {
        Self { link, xid: first_xid, timeout: Some(Self::DEFAULT_TIMEOUT), identity: Anonymous }
    }
}

impl<T: Transport, B: AsMut<[u8]>, A: Authenticate> Client<T, B, A> {
    /// The same client, which says with every call who calls, such as a
    /// [`SysCredential`](crate::message::SysCredential).
    pub fn with_credential<N: Authenticate>(self, identity: N) -> Client<T, B, N> {
        let Self { link, xid, timeout, .. } = self;
        Client { link, xid, timeout, identity }
    }

    /// Sets the total time-out of the calls that follow: sending, waiting and receiving together.
    pub const fn set_timeout(&mut self, timeout: Duration) {
        self.timeout = Some(timeout);
    }

    /// Lets the calls that follow wait for ever.
    pub const fn wait_for_ever(&mut self) {
        self.timeout = None;
    }

    /// The link, for instance to look at its transport.
    pub const fn link(&mut self) -> &mut Link<T, B> {
        &mut self.link
    }

    /// Gives the link back.
    pub fn into_link(self) -> Link<T, B> {
        self.link
    }

    /// Writes the header of the next call and returns its xid and length.
    fn begin(&mut self, id: ProcedureId) -> Result<(u32, usize), CallError<T::Error>> {
        let xid = self.xid;
        self.xid = xid.wrapping_add(1);
        let (credential, verifier) = (self.identity.credential(), self.identity.verifier());
        let call = CallHeader { xid, id, credential, verifier };
        let room = self.link.room();
        let available = room.len();
        let needed = call.size();
        let length = call.write(room).ok_or(CallError::Arguments(EncodeError::NoRoom { needed, available }))?;
        Ok((xid, length))
    }

    /// Writes a call and returns its xid and length.
    #[inline]
    fn write(
        &mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<(u32, usize), CallError<T::Error>> {
        let (xid, header) = self.begin(id)?;
        let mut writer = Writer::new(self.link.room().get_mut(header..).unwrap_or_default());
        arguments(&mut writer).map_err(CallError::Arguments)?;
        Ok((xid, header.saturating_add(writer.length())))
    }

    fn deadline(&mut self) -> Time {
        match self.timeout {
            Some(timeout) => self.link.now().after(timeout),
            None => Time::NEVER,
        }
    }

    /// Sends what is in the room and waits for the reply to `xid`.
    fn exchange(&mut self, xid: u32, length: usize) -> Result<Span, CallError<T::Error>> {
        let deadline = self.deadline();
        self.link.send(length, deadline)?;
        loop {
            match self.link.receive(deadline)? {
                Incoming::Message(span) => {
                    if self.is_reply_to(xid, span) {
                        return Ok(span);
                    }
                }
                Incoming::Oversize(span, size) => {
                    if self.is_reply_to(xid, span) {
                        return Err(CallError::ReplyTooLarge { size });
                    }
                }
                Incoming::TimeUp => {
                    return Err(CallError::TimedOut { after: self.timeout.unwrap_or_default() });
                }
                Incoming::End => return Err(CallError::Closed),
            }
            // Strangers may come faster than they can be dropped, so that the transport never waits.
            if self.link.now() > deadline {
                return Err(CallError::TimedOut { after: self.timeout.unwrap_or_default() });
            }
        }
    }

    fn is_reply_to(&mut self, xid: u32, span: Span) -> bool {
        peek(self.link.message(span)) == Some((xid, true))
    }

    /// The results in the reply.
    fn results(&mut self, span: Span) -> Result<&[u8], CallError<T::Error>> {
        match Reply::parse(self.link.message(span)) {
            Ok(reply) => reply.outcome.map_err(CallError::Refused),
            Err(error) => Err(CallError::Reply(error)),
        }
    }
}

impl<T: Transport, B: AsMut<[u8]>, A: Authenticate> Caller for Client<T, B, A> {
    type Error = T::Error;

    fn call<'c, R>(
        &'c mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
        results: impl FnOnce(&'c [u8]) -> Result<R, DecodeError>,
    ) -> Result<R, CallError<T::Error>> {
        let (xid, length) = self.write(id, arguments)?;
        let span = self.exchange(xid, length)?;
        results(self.results(span)?).map_err(CallError::Results)
    }

    fn cast(
        &mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<(), CallError<T::Error>> {
        let (_, length) = self.write(id, arguments)?;
        let deadline = self.deadline();
        Ok(self.link.send(length, deadline)?)
    }
}
