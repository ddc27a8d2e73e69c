//! The bytes of a target, without calls: for logs, boot loaders and unknown servers.

use std::io;
use std::time::Duration;

use oncilla::framing::Cobs;
use oncilla::{Received, Transport};
use oncilla_host::Serial;

use super::{no_target, stream};
use crate::failure::{Done, Failure};
use crate::settings::Settings;
use crate::target::Address;

/// A carrier of bytes.
pub trait Bytes {
    /// Waits at most this long for bytes.
    fn receive(&mut self, into: &mut [u8], wait: Duration) -> io::Result<Received>;

    /// Sends bytes, for at most this long. Returns how many were sent.
    fn send(&mut self, bytes: &[u8], wait: Duration) -> io::Result<usize>;
}

impl<T: Transport<Error = io::Error>> Bytes for T {
    fn receive(&mut self, into: &mut [u8], wait: Duration) -> io::Result<Received> {
        let deadline = self.now().after(wait);
        Transport::receive(self, into, deadline)
    }

    fn send(&mut self, bytes: &[u8], wait: Duration) -> io::Result<usize> {
        let deadline = self.now().after(wait);
        Transport::send(self, bytes, deadline)
    }
}

/// Opens the carrier of the target. Nothing is sent.
pub fn open(settings: &Settings) -> Done<Box<dyn Bytes>> {
    let target = &settings.target.as_ref().ok_or_else(no_target)?.value;
    match &target.address {
        Address::Tcp(_) | Address::Unix(_) => Ok(Box::new(stream::<Cobs>(&target.address, settings)()?)),
        Address::Serial(port) => Ok(Box::new(Serial::<Cobs>::open(port, settings.baud.value)?)),
        Address::Tls(_) | Address::Udp(_) | Address::Rpc { .. } | Address::Mqtt(_) => {
            Err(Failure::usage(format_args!("{target} does not carry a stream of bytes"))
                .help("use a serial port, TCP or a Unix socket"))
        }
    }
}
