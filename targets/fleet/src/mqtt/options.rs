//! How to connect to a broker.

use std::fmt;
use std::time::Duration;

use crate::wire::Properties;

/// How to connect to a broker.
#[derive(Clone)]
pub struct Options {
    /// The address of the broker, `host:port`.
    pub address: String,
    /// The name by which the broker knows the client. Another client of the same name ends this one's connection.
    pub client: String,
    /// The user's name.
    pub user: Option<String>,
    /// The user's password.
    pub password: Option<Vec<u8>>,
    /// The settings of TLS. Without them the connection is in the clear.
    #[cfg(feature = "tls")]
    pub tls: Option<oncilla_host::TlsClient>,
    /// Whether the broker forgets what it kept for this client's name, at the first connection. Later ones keep it.
    pub clean_start: bool,
    /// How long the broker keeps messages for the client while it is away, in s.
    pub session_expiry: u32,
    /// After how long without a message the peers check each other, at most 18 h.
    pub keep_alive: Duration,
    /// How long connecting may take, and how long the broker may take to answer a check.
    pub connect_timeout: Duration,
    /// What the broker publishes when the connection is lost.
    pub will: Option<Will>,
    /// The largest packet that is received, in bytes.
    pub packet_max: u32,
    /// The largest number of received publications that are not acknowledged yet.
    pub receive_maximum: u16,
    /// Whether [`Connection::acknowledge`](super::Connection::acknowledge) acknowledges received publications. Otherwise
    /// each is acknowledged when it arrives.
    pub manual: bool,
}

/// What the broker publishes when the connection is lost.
#[derive(Clone, Debug)]
pub struct Will {
    /// The topic.
    pub topic: String,
    /// The payload.
    pub payload: Vec<u8>,
    /// The properties.
    pub properties: Properties,
    /// Whether the broker retains it.
    pub retain: bool,
}

impl Options {
    /// Returns the options for a broker and a client's name, with the default of each other one.
    #[must_use]
    pub fn new(address: impl Into<String>, client: impl Into<String>) -> Self {
        Self {
            address: address.into(),
            client: client.into(),
            user: None,
            password: None,
            #[cfg(feature = "tls")]
            tls: None,
            clean_start: true,
            session_expiry: 0,
            keep_alive: Duration::from_secs(15),
            connect_timeout: Duration::from_secs(5),
            will: None,
            packet_max: 4 << 20,
            receive_maximum: 1024,
            manual: false,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The password is not shown.
        formatter
            .debug_struct("Options")
            .field("address", &self.address)
            .field("client", &self.client)
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}
