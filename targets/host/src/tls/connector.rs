//! Makes clients inside TLS.

use std::fmt;
use std::net::ToSocketAddrs;
use std::time::{Duration, Instant};

use oncilla::framing::{Framing, RecordAhead};
use rustls::pki_types::ServerName;

use super::{Secured, TlsClient};
use crate::reconnect::tcp_stream;
use crate::shared::Wire;
use crate::{Client, Connector, Error, ReconnectingClient, Reconnector, SharedClient, Socket};

impl<F: Framing> Connector<F> {
    /// Connects a client on TCP, and begins TLS 1.3 on the connection (RFC 9289).
    ///
    /// `name` is the DNS name or IP address that the server's certificate must have. It is not resolved. All addresses
    /// of `address` are tried in turn; TLS begins with the first that accepts the connection. The connect time-out
    /// covers the handshake. The client uses record marking, whatever [`framing`](Self::framing) was set.
    ///
    /// ```no_run
    /// use oncilla_host::{Connector, TlsClient};
    ///
    /// let tls = TlsClient::new(std::fs::read("ca.pem")?)?;
    /// let client = Connector::new().tls("plant.example:20049", "plant.example", &tls)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// A server that requires a client certificate refuses a client without one after the handshake: the first call
    /// fails, with a text that says so.
    ///
    /// **Memory.** Some 25 KiB beside the buffers, for the session, and a sealed copy of each call while it is sent.
    ///
    /// # Errors
    /// As [`tcp`](Self::tcp). [`Error::Tls`] when the server offers no TLS, its certificate is not trusted or has
    /// another name, or the handshake fails.
    pub fn tls(&self, address: impl ToSocketAddrs + fmt::Debug, name: &str, tls: &TlsClient) -> Result<Client, Error> {
        self.check()?;
        Ok(self.on(Socket::from(self.tls_stream(address, tls.name(name)?, tls)?).of_client()))
    }

    /// Connects a socket on TCP, and begins TLS on it.
    pub(crate) fn tls_stream(
        &self,
        address: impl ToSocketAddrs + fmt::Debug,
        name: ServerName<'static>,
        tls: &TlsClient,
    ) -> Result<Secured, Error> {
        let deadline = Instant::now().checked_add(self.timeout());
        tls.secure(self.tcp_stream(address)?, name, deadline)
    }

    /// Connects a client on TCP with TLS that threads share. Otherwise like [`tls`](Self::tls).
    ///
    /// # Errors
    /// As [`tls`](Self::tls).
    pub fn shared_tls(
        &self,
        address: impl ToSocketAddrs + fmt::Debug,
        name: &str,
        tls: &TlsClient,
    ) -> Result<SharedClient, Error> {
        self.check()?;
        Ok(SharedClient::new(self.tls_stream(address, tls.name(name)?, tls)?.into(), self.buffer_size()))
    }
}

impl<F: Framing + 'static> Reconnector<F> {
    /// Connects a client on TCP with TLS, as [`Connector::tls`] does. Each connection begins TLS anew.
    ///
    /// # Errors
    /// As [`Connector::tls`], when the first attempt failed. Only [`Error::Size`] and [`Error::Tls`] with a wrong name
    /// if the policy connects [later](crate::Reconnect::later).
    pub fn tls(
        self,
        address: impl ToSocketAddrs + fmt::Debug + Send + 'static,
        name: &str,
        tls: &TlsClient,
    ) -> Result<ReconnectingClient, Error> {
        let stream = tls_stream(address, name, tls)?;
        Reconnector { connector: self.connector.framing::<RecordAhead>(), policy: self.policy }
            .dial_by(Box::new(move |timeout| stream(timeout).map(Socket::from)))
    }

    /// Connects a client on TCP with TLS that threads share, as [`Connector::shared_tls`] does.
    ///
    /// # Errors
    /// As [`tls`](Self::tls).
    pub fn shared_tls(
        self,
        address: impl ToSocketAddrs + fmt::Debug + Send + 'static,
        name: &str,
        tls: &TlsClient,
    ) -> Result<SharedClient, Error> {
        let stream = tls_stream(address, name, tls)?;
        self.shared(Box::new(move |timeout| stream(timeout).map(Wire::from)))
    }
}

/// Returns a function that connects on TCP and begins TLS, within the time it is given.
fn tls_stream<A: ToSocketAddrs + fmt::Debug>(
    address: A,
    name: &str,
    tls: &TlsClient,
) -> Result<impl Fn(Duration) -> Result<Secured, Error> + use<A>, Error> {
    let (name, tls, stream) = (tls.name(name)?, tls.clone(), tcp_stream(address));
    Ok(move |timeout| {
        let deadline = Instant::now().checked_add(timeout);
        tls.secure(stream(timeout)?, name.clone(), deadline)
    })
}
