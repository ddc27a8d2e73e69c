//! A table in flash of what each key may call.

use crate::message::{AuthStatus, Call, KeyId};

/// One row of [`Rights`]: procedures that the holder of a key may call.
#[derive(Clone, Copy, Debug)]
pub struct Right {
    /// The key, or `None` for calls in the clear.
    key: Option<KeyId>,
    program: u32,
    /// The numbers of the procedures, or `None` for all.
    procedures: Option<&'static [u32]>,
}

impl Right {
    /// Allows the holder of `key` to call all procedures of all versions of a program.
    #[must_use]
    pub const fn all(key: KeyId, program: u32) -> Self {
        Self { key: Some(key), program, procedures: None }
    }

    /// Allows the holder of `key` to call these procedures of all versions of a program. NULL is procedure 0.
    #[must_use]
    pub const fn only(key: KeyId, program: u32, procedures: &'static [u32]) -> Self {
        Self { key: Some(key), program, procedures: Some(procedures) }
    }

    /// Allows anybody to call these procedures in the clear.
    ///
    /// Such calls arrive only if the link allows them, too:
    /// [`Accepts::allow_plain`](crate::keys::Accepts::allow_plain).
    #[must_use]
    pub const fn plain(program: u32, procedures: &'static [u32]) -> Self {
        Self { key: None, program, procedures: Some(procedures) }
    }
}

/// A table of what the holder of each key may call.
///
/// It is for a [link with keys](crate::Link::with_keys). A call is allowed if one of the rows allows it, and refused
/// otherwise. Use it in [`Table::authorize`](crate::Table::authorize). It is a list in flash. On a 32-bit machine a row
/// takes 16 bytes, and 4 bytes for each procedure that it lists.
///
/// # Example
/// The display may only read; the service laptop may do everything:
///
/// ```
/// # oncilla::program! {
/// #     pub mod thermostat = 0x2000_0042, version 1 {
/// #         fn read(channel: u32) -> i32 = 1;
/// #         fn set(channel: u32, value: i32) -> bool = 2;
/// #     }
/// # }
/// # struct Device;
/// # impl thermostat::Service for Device {
/// #     fn read(&mut self, _: u32) -> i32 { 21_500 }
/// #     fn set(&mut self, _: u32, _: i32) -> bool { true }
/// # }
/// use oncilla::keys::KeyId;
/// use oncilla::{Right, Rights, Table};
///
/// const DISPLAY: KeyId = KeyId(1);
/// const LAPTOP: KeyId = KeyId(2);
///
/// static RIGHTS: Rights = Rights::new(&[
///     Right::only(DISPLAY, thermostat::PROGRAM, &[1]), // read
///     Right::all(LAPTOP, thermostat::PROGRAM),
/// ]);
///
/// static TABLE: Table<Device> = oncilla::table![thermostat::program()].authorize(|_, call| RIGHTS.check(call));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Rights(&'static [Right]);

impl Rights {
    /// Creates the table.
    #[must_use]
    pub const fn new(rows: &'static [Right]) -> Self {
        Self(rows)
    }

    /// Checks whether a call is allowed, and its credential ([`Call::check_credential`]).
    ///
    /// # Errors
    /// [`AuthStatus::TOO_WEAK`] for a call in the clear that is not allowed, [`AuthStatus::REJECTED_CREDENTIAL`] for
    /// the holder of a key that lacks the right, and the errors of [`Call::check_credential`].
    pub fn check(&self, call: &Call<'_>) -> Result<(), AuthStatus> {
        let (key, id) = (call.key(), call.id());
        let allowed = self.0.iter().any(|row| {
            row.key == key
                && row.program == id.program
                && row.procedures.is_none_or(|numbers| numbers.contains(&id.procedure))
        });
        match key {
            _ if allowed => call.check_credential(),
            None => Err(AuthStatus::TOO_WEAK),
            Some(_) => Err(AuthStatus::REJECTED_CREDENTIAL),
        }
    }
}
