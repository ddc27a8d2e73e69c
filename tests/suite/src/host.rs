//! What a host serves to boards that call it.

use oncilla::Table;

use crate::host_1;

/// The host's state: how often it was called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Host {
    /// Calls that were executed.
    pub called: u32,
}

/// What it serves.
pub static HOST_TABLE: Table<Host> = oncilla::table![host_1::program()];

impl host_1::Service for Host {
    fn double(&mut self, value: u32) -> u32 {
        self.called = self.called.wrapping_add(1);
        value.wrapping_mul(2)
    }

    fn echo<'a>(&'a mut self, bytes: &'a [u8]) -> &'a [u8] {
        self.called = self.called.wrapping_add(1);
        bytes
    }
}
