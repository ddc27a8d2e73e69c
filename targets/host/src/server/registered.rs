//! The registration of a server with rpcbind.

use oncilla::Table;

use super::{Server, Source};
use crate::{Error, Registration};

/// The programs that are registered while a server serves, and the registration while it exists.
#[derive(Debug, Default)]
pub(super) struct Registered {
    programs: Vec<(u32, u32)>,
    registration: Option<Registration>,
}

impl Server {
    /// Registers all programs of `table` with this machine's rpcbind, until [`serve`](Self::serve) ends.
    ///
    /// Call it after [`tcp`](Self::tcp) and [`udp`](Self::udp): the addresses of the server so far are registered, at
    /// once. Clients that find the server before `serve` begins wait. The programs are unregistered when `serve` ends
    /// by a [`Stopper`](crate::Stopper), a [signal](Self::stop_on_signals), an error or a panic, or when the server is
    /// dropped. When `serve` is called again, it registers them again. [`Registration`] describes the details.
    ///
    /// # Errors
    /// [`Error::Register`] when rpcbind does not answer, or another server that answers is registered. [`Error::Nowhere`]
    /// when the server has no IP address yet.
    pub fn register<S>(self, table: &Table<S>) -> Result<Self, Error> {
        self.register_programs(table.programs())
    }

    /// Registers these programs and versions with this machine's rpcbind. Otherwise like [`register`](Self::register).
    ///
    /// For [`serve_by`](Self::serve_by), which has no table.
    ///
    /// # Errors
    /// As [`register`](Self::register).
    pub fn register_programs(mut self, programs: impl IntoIterator<Item = (u32, u32)>) -> Result<Self, Error> {
        if !self.sources.iter().any(Source::is_ip) {
            return Err(Error::Nowhere);
        }
        self.registered.programs = programs.into_iter().collect();
        self.registered.registration = self.registration()?;
        Ok(self)
    }

    /// Returns the registration for serving. It is removed when it is dropped.
    pub(super) fn take_registration(&mut self) -> Result<Option<Registration>, Error> {
        match self.registered.registration.take() {
            None if !self.registered.programs.is_empty() => self.registration(),
            registration => Ok(registration),
        }
    }

    fn registration(&self) -> Result<Option<Registration>, Error> {
        let programs = self.registered.programs.iter().copied();
        let registration = Registration::new(programs, &self.tcp_addresses(), &self.udp_addresses());
        registration.map(Some).map_err(Error::Register)
    }
}
