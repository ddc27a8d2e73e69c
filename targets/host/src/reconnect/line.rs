//! Makes clients on serial lines that come back.

use std::io;
use std::time::Duration;

use oncilla::Transport;
use oncilla::framing::{self, Framing};

use super::carrier::Carrier;
use super::client::Reconnecting;
use super::connector::{Reconnector, connecting};
use super::layer::Plain;
use super::redial::Dial;
use crate::Error;
use crate::connect::random;
#[cfg(feature = "serial")]
use crate::{Serial, ports::Finder};

/// A client on a serial port that is opened again.
#[cfg(feature = "serial")]
pub type ReconnectingSerialClient = Reconnecting<Serial>;

/// # Serial lines
/// The session of a serial line can outlive its port, for example when a USB plug is pulled and put back. After that the
/// client sends a hello, and the device answers with its boot number. If the number is the same, the call is sent again
/// with the same xid, and the replay cache of the device answers if the call was executed. If the number is another
/// one, the call ends with [`CallError::Restarted`](oncilla::CallError::Restarted).
impl<F: Framing + 'static> Reconnector<F> {
    /// Opens a serial port, as [`Connector::serial`](crate::Connector::serial) does, and returns a client.
    ///
    /// The port of a USB device with a serial number is opened again by that number, whatever name the system gives it
    /// then, and whatever device has its old name. A port of another kind, and a link such as those in
    /// `/dev/serial/by-path`, is opened again by its name.
    ///
    /// # Errors
    /// [`Error::Open`] when the first attempt failed. Only [`Error::Size`] if the policy connects
    /// [later](crate::Reconnect::later).
    #[cfg(feature = "serial")]
    pub fn serial(self, port: &str, baud_rate: u32) -> Result<ReconnectingSerialClient, Error> {
        let mut finder = Finder::new(port, baud_rate);
        self.line(Box::new(move |_| finder.open()))
    }

    /// Returns a client on a serial line of another kind, which `dial` opens.
    ///
    /// `dial` runs for each attempt, on the thread of the call. It must return within the given time.
    ///
    /// # Errors
    /// [`Error::Connect`] when the first attempt failed. Only [`Error::Size`] if the policy connects
    /// [later](crate::Reconnect::later).
    pub fn dial_line<T: Transport<Error = io::Error, Framing = framing::Serial>>(
        self,
        dial: impl FnMut(Duration) -> io::Result<T> + Send + 'static,
    ) -> Result<Reconnecting<T>, Error> {
        self.line(connecting(dial))
    }

    fn line<T: Transport<Error = io::Error, Framing = framing::Serial>>(
        self,
        dial: Dial<T>,
    ) -> Result<Reconnecting<T>, Error> {
        let (redial, transport) = self.begin(dial)?;
        let link = self.connector.link(Carrier::new(transport));
        Ok(Reconnecting::new(link, Plain, redial, self.connector.buffer_size(), random()))
    }
}
