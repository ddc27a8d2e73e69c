//! Calls answered from a table, without a link.

use core::convert::Infallible;
use core::time::Duration;

use crate::client::{Anonymous, Authenticate, CallError, Caller};
use crate::codec::Writer;
use crate::link::LinkError;
use crate::message::{CallHeader, ProcedureId, Reply};
use crate::server::{Table, answer};
use crate::xdr::{DecodeError, EncodeError, Fault};

/// A [`Caller`] that is answered from a table in the same program, without a link.
///
/// Use it to test a `Service` implementation, or to call procedures of the same program. Each call is written as a
/// message, answered by [`answer`] and read back. So arguments and results are encoded and checked, and refusals come
/// as from a peer. There is no transport, no clock and no retransmission: to test a whole link, connect two transports
/// in memory with `oncilla_host::pipe`.
///
/// `N` is the size of each of its two buffers in bytes. It must hold the largest call and the largest reply:
/// [`largest`](crate::largest)`(&[thermostat::CALL_MAX, thermostat::REPLY_MAX])` is enough for one interface, with
/// [`CREDENTIALS_MAX`](crate::message::CREDENTIALS_MAX) more where calls have credentials.
///
/// ```
/// oncilla::program! {
///     pub mod thermostat = 0x2000_0042, version 1 {
///         fn read(channel: u32) -> i32 = 1;
///         fn set(channel: u32, value: i32) -> bool = 2;
///     }
/// }
///
/// struct Device {
///     channels: [i32; 2],
/// }
///
/// impl thermostat::Service for Device {
///     fn read(&mut self, channel: u32) -> i32 {
///         self.channels.get(channel as usize).copied().unwrap_or(0)
///     }
///
///     fn set(&mut self, channel: u32, value: i32) -> bool {
///         self.channels.get_mut(channel as usize).map(|place| *place = value).is_some()
///     }
/// }
///
/// static TABLE: oncilla::Table<Device> = oncilla::table![thermostat::program()];
///
/// let mut device = Device { channels: [21_500, 0] };
/// let mut client = thermostat::Client::new(oncilla::Direct::<_, 256>::new(&TABLE, &mut device));
/// assert_eq!(client.read(0), Ok(21_500));
/// assert_eq!(client.set(1, -3_000), Ok(true));
/// assert_eq!(device.channels[1], -3_000);
/// ```
///
/// # Errors of calls
///
/// | error | when |
/// |---|---|
/// | [`CallError::Refused`] | the server refuses the call, for instance because the table has no such program |
/// | [`CallError::Arguments`] | the call is larger than `N` bytes; nothing is executed |
/// | [`LinkError::BufferTooSmall`] | `N` is less than [`Table::reply_max`]; nothing is executed |
/// | [`CallError::TimedOut`], after zero seconds | the procedure sends no reply, for instance because it is one-way; it was executed |
/// | [`CallError::Results`] | the results do not match the client's interface |
pub struct Direct<'a, S: 'static, const N: usize, A = Anonymous> {
    table: &'a Table<S>,
    state: &'a mut S,
    identity: A,
    xid: u32,
    call: [u8; N],
    reply: [u8; N],
}

impl<'a, S, const N: usize> Direct<'a, S, N> {
    /// Returns a caller that is answered from `table` for `state`.
    pub const fn new(table: &'a Table<S>, state: &'a mut S) -> Self {
        Self { table, state, identity: Anonymous, xid: 1, call: [0; N], reply: [0; N] }
    }
}

impl<'a, S, const N: usize, A: Authenticate> Direct<'a, S, N, A> {
    /// Sends `identity` with every call, such as a [`SysCredential`](crate::message::SysCredential).
    ///
    /// So a test reaches what [`Table::authorize`] accepts and refuses. The peer's address is unknown:
    /// [`answer_from`](crate::answer_from) takes one.
    pub fn with_credential<I: Authenticate>(self, identity: I) -> Direct<'a, S, N, I> {
        let Self { table, state, xid, call, reply, .. } = self;
        Direct { table, state, identity, xid, call, reply }
    }

    /// Returns the state, for instance to look at it between two calls.
    pub const fn state(&mut self) -> &mut S {
        self.state
    }

    /// Writes a call in its buffer; returns its size in bytes.
    fn write(
        &mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<usize, EncodeError> {
        let Self { identity, call: room, xid, .. } = self;
        let (credential, verifier) = (identity.credential(), identity.verifier());
        let call = CallHeader { xid: *xid, id, credential, verifier };
        let (needed, available) = (call.size(), room.len());
        if !credential.is_within_bound() || !verifier.is_within_bound() {
            // No room would be enough (RFC 5531 §8.2).
            return Err(EncodeError::Refused(Fault::Bound));
        }
        let header = call.write(room).ok_or(EncodeError::NoRoom { needed, available })?;
        let mut writer = Writer::new(room.get_mut(header..).unwrap_or_default());
        arguments(&mut writer)?;
        *xid = xid.wrapping_add(1);
        Ok(header.saturating_add(writer.length()))
    }

    /// Executes one call; returns the size of its reply in bytes, if it has one.
    fn execute(
        &mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<Option<usize>, CallError<Infallible>> {
        let (needed, available) = (self.table.reply_max(), N);
        if available < needed {
            return Err(LinkError::BufferTooSmall { needed, available }.into());
        }
        let length = self.write(id, arguments).map_err(CallError::Arguments)?;
        let call = self.call.get(..length).unwrap_or_default();
        Ok(answer(self.table, self.state, call, &mut self.reply))
    }
}

impl<S, const N: usize, A: Authenticate> Caller for Direct<'_, S, N, A> {
    type Error = Infallible;

    fn call<'c, R>(
        &'c mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
        results: impl FnOnce(&'c [u8]) -> Result<R, DecodeError>,
    ) -> Result<R, CallError<Infallible>> {
        let Some(length) = self.execute(id, arguments)? else {
            return Err(CallError::TimedOut { after: Duration::ZERO, unframed: 0 });
        };
        let reply = Reply::parse(self.reply.get(..length).unwrap_or_default()).map_err(CallError::Reply)?;
        results(reply.outcome.map_err(CallError::Refused)?).map_err(CallError::Results)
    }

    fn cast(
        &mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<(), CallError<Infallible>> {
        self.execute(id, arguments).map(|_| ())
    }
}
