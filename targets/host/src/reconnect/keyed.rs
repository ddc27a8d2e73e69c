//! Makes clients under a key that connect again.

use std::fmt;
use std::io;
use std::net::ToSocketAddrs;
#[cfg(unix)]
use std::path::Path;
use std::time::Duration;

#[cfg(feature = "serial")]
use oncilla::framing::Cobs;
use oncilla::framing::Framing;
use oncilla::{Anonymous, Transport};

use super::carrier::Carrier;
use super::client::Reconnecting;
use super::connector::{Reconnector, connecting, tcp_stream};
use super::layer::Layer;
use super::redial::Dial;
use crate::connect::random;
#[cfg(unix)]
use crate::connect::unix_stream;
use crate::keys::KeyClient;
use crate::{Error, Socket};
#[cfg(feature = "serial")]
use crate::{Serial, ports::Finder};

/// A client under a key that connects again.
pub type KeyedReconnecting<T> = Reconnecting<T, Anonymous, KeyClient>;

/// # Keyed links
/// Clients under a key, with the feature `keys`. Each connection has a new start and opens a session of its own; the
/// boot number stays, so the server knows that it is the same client. The session of a serial line outlives its port.
impl<F: Framing + 'static> Reconnector<F> {
    /// Connects a client on TCP under a key. Otherwise like [`tcp`](Self::tcp).
    ///
    /// # Errors
    /// As [`tcp`](Self::tcp). [`Error::Key`] when the system has no random numbers.
    pub fn keyed_tcp(
        self,
        address: impl ToSocketAddrs + fmt::Debug + Send + 'static,
        key: &KeyClient,
    ) -> Result<KeyedReconnecting<Socket<F>>, Error> {
        let stream = tcp_stream(address);
        self.keyed_by(Box::new(move |timeout| stream(timeout).map(Socket::from)), key)
    }

    /// Connects a client to a Unix socket under a key. Otherwise like [`unix`](Self::unix).
    ///
    /// # Errors
    /// As [`unix`](Self::unix). [`Error::Key`] when the system has no random numbers.
    #[cfg(unix)]
    pub fn keyed_unix(self, path: impl AsRef<Path>, key: &KeyClient) -> Result<KeyedReconnecting<Socket<F>>, Error> {
        let path = path.as_ref().to_owned();
        self.keyed_by(Box::new(move |_| unix_stream(&path).map(Socket::from)), key)
    }

    /// Opens a serial port and returns a client under a key. Otherwise like [`serial`](Self::serial), with the framing
    /// [`Cobs`].
    ///
    /// # Errors
    /// As [`serial`](Self::serial). [`Error::Key`] when the system has no random numbers.
    #[cfg(feature = "serial")]
    pub fn keyed_serial(
        self,
        port: &str,
        baud_rate: u32,
        key: &KeyClient,
    ) -> Result<KeyedReconnecting<Serial<Cobs>>, Error> {
        let mut finder = Finder::new(port, baud_rate);
        self.keyed_by(Box::new(move |_| finder.open()), key)
    }

    /// Returns a client under a key on a transport of another kind. Otherwise like [`dial`](Self::dial).
    ///
    /// # Errors
    /// As [`dial`](Self::dial). [`Error::Key`] when the system has no random numbers.
    pub fn dial_keyed<T: Transport<Error = io::Error>>(
        self,
        dial: impl FnMut(Duration) -> io::Result<T> + Send + 'static,
        key: &KeyClient,
    ) -> Result<KeyedReconnecting<T>, Error> {
        self.keyed_by(connecting(dial), key)
    }

    fn keyed_by<T: Transport<Error = io::Error>>(
        self,
        dial: Dial<T>,
        key: &KeyClient,
    ) -> Result<KeyedReconnecting<T>, Error> {
        let (redial, transport) = self.begin(dial)?;
        let (rx, tx) = self.connector.keyed_buffers();
        let link = key.link(Carrier::new(transport), [rx, tx])?;
        Ok(Reconnecting::new(link, key.clone(), redial, self.connector.keyed_buffer_size(), random()))
    }
}
