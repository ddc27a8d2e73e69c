//! Servers whose clients have keys.

use super::Server;
use super::lock::PLACES;
use super::source::Source;
use crate::Error;
use crate::keys::{KeyError, KeyServer};

impl Server {
    /// Serves all clients under keys, on every address. See [`crate::keys`].
    ///
    /// ```no_run
    /// use oncilla_host::keys::{KeyFile, KeyId, KeyServer};
    /// use oncilla_host::{Access, Server};
    ///
    /// let keys = KeyServer::new(&KeyFile::read("plant.key")?)?;
    /// let server = Server::new()?
    ///     .tcp("[::]:20049")?
    ///     .udp("[::]:20049")?
    ///     .keys(keys)
    ///     // Only the peer with this key may call.
    ///     .allow(Access::key(KeyId(1)));
    /// # Ok::<(), oncilla_host::Error>(())
    /// ```
    ///
    /// Nobody without a key can read, change, repeat or forge a call or a reply. A message that does not verify gets no
    /// answer. On a connection it also ends the connection. A call in the clear is such a message, unless [its
    /// procedure is allowed](KeyServer::allow_plain).
    ///
    /// **Callers.** The key of a call reaches the table's `authorize` function
    /// ([`Call::key`](oncilla::message::Call::key)), [`Access`](crate::Access) rules and [observers](Self::observe).
    ///
    /// **Strangers.** A client that opens no session counts as idle from the beginning, whatever it sends. The [idle
    /// time-out](Self::idle_timeout) closes its connection. When [all slots are taken](Self::connections), such a
    /// connection is closed first, however few there are.
    ///
    /// **UDP.** An address has a session for each of the first 32 keys. A key has one client at a time: a second one
    /// with the same key takes the session over.
    ///
    /// **Repeated calls.** The replay caches distinguish clients by key and boot number, not by address. So a
    /// client that connects again under its key gets its reply, also at another address.
    ///
    /// **TLS.** A server that also has [TLS](Self::tls) has both: sealed messages inside TLS.
    ///
    /// **Memory.** A call is copied once while it runs. A connection takes some 1 kB more.
    #[must_use]
    pub fn keys(mut self, keys: KeyServer) -> Self {
        self.keys = Some(keys);
        self
    }

    /// Prepares the UDP addresses for the keys.
    pub(super) fn lock(&mut self) -> Result<(), Error> {
        let Some(keys) = &self.keys else { return Ok(()) };
        for source in &mut self.sources {
            let Source::Mailbox(mailbox) = source else { continue };
            if keys.count > PLACES {
                return Err(KeyError::Places { keys: keys.count, most: PLACES }.into());
            }
            mailbox.lock(keys)?;
        }
        Ok(())
    }
}
