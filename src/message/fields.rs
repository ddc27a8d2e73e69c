//! Calls that did not come in a message of ONC RPC.

use super::call::RestoredHeader;
use super::{AUTH_NONE, CALL, Call, ProcedureId, RPC_VERSION};

/// The fields of a call that came in another envelope than ONC RPC's: its number and its procedure.
///
/// They become a [`Call`] with [`call`](Self::call), for [`Table::execute`](crate::Table::execute) or for a
/// [`Handler`](crate::Handler). It has an empty credential. [`Call::from_origin`] states where it came from.
///
/// ```
/// # oncilla::program! { pub mod thermostat = 0x2000_0042, version 1 { fn read(channel: u32) -> i32 = 1; } }
/// # struct Device;
/// # impl thermostat::Service for Device { fn read(&mut self, channel: u32) -> i32 { 21_000 + channel as i32 } }
/// use oncilla::message::CallFields;
/// use oncilla::{ProcedureId, Refusal, Table, table};
///
/// static TABLE: Table<Device> = table![thermostat::program()];
///
/// let id = ProcedureId { program: thermostat::PROGRAM, version: 1, procedure: 1 };
/// let fields = CallFields::new(42, id);
/// let mut room = [0; TABLE.results_max()];
/// assert_eq!(TABLE.execute(&mut Device, &fields.call(&[0, 0, 0, 5]), &mut room), Ok(Some(4)));
/// assert_eq!(room[..4], 21_005_i32.to_be_bytes());
/// assert_eq!(TABLE.execute(&mut Device, &fields.call(&[5]), &mut room), Err(Refusal::GarbageArguments));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallFields {
    header: RestoredHeader,
}

impl CallFields {
    /// Creates the fields of a call of procedure `id`.
    ///
    /// `xid` is what procedures and hooks see by [`Call::xid`]. Use the envelope's number of the call, or 0.
    #[inline]
    #[must_use]
    pub const fn new(xid: u32, id: ProcedureId) -> Self {
        let ProcedureId { program, version, procedure } = id;
        Self {
            header: [
                xid.to_be_bytes(),
                CALL.to_be_bytes(),
                RPC_VERSION.to_be_bytes(),
                program.to_be_bytes(),
                version.to_be_bytes(),
                procedure.to_be_bytes(),
                AUTH_NONE.to_be_bytes(),
            ],
        }
    }

    /// Returns the call with these encoded arguments.
    #[inline]
    #[must_use]
    pub fn call<'a>(&'a self, arguments: &'a [u8]) -> Call<'a> {
        Call::without_credential(&self.header, arguments)
    }

    /// Returns the fixed part of a header of ONC RPC with these fields.
    #[inline]
    pub(super) const fn into_header(self) -> RestoredHeader {
        self.header
    }
}
