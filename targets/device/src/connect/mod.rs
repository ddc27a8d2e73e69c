//! Connections to devices.

mod cork;
mod device;
pub mod diagnose;
mod flight;
mod guess;
mod heard;
mod identity;
mod interrupt;
mod keyed;
pub mod listen;
pub mod mqtt;
pub mod probe;
mod rpcbind;
mod tap;
mod tls;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use oncilla::framing::{self, Cobs, RecordAhead};
use oncilla::{Anonymous, Client, Link, Retry, Transport};
use oncilla_host::{Connector, Layer, Reconnect, Reconnecting, Serial, Socket};

use crate::failure::{Done, Failure};
use crate::settings::{LinkKey, Setting, Settings};
use crate::target::{self, Address};

pub use cork::Cork;
pub use device::{Arguments, Connection, Device, Results};
pub use flight::{Flight, SLOT_SIZE, SLOTS};
pub use guess::{is_message, is_text};
pub use heard::Heard;
pub use identity::Identity;
pub use interrupt::Interrupt;
use rpcbind::ByProgram;
pub use tap::{Direction, Show, Stop, Tap, Tapped};
pub use tls::read as read_pem;

/// How to connect.
#[derive(Clone, Default)]
pub struct How {
    /// Whether to reconnect after a loss, and for how long.
    pub reconnect: Option<Duration>,
    /// Sees the bytes on the wire.
    pub tap: Option<Tap>,
    /// Sees text and logs of the device.
    pub show: Option<Show>,
    /// Cancels calls from another thread. The connection cannot be used afterwards.
    pub stop: Option<Stop>,
    /// Ends the wait of a call. The connection can be used afterwards.
    pub interrupt: Option<Interrupt>,
    /// Called before each attempt to reconnect.
    pub lost: Option<Arc<dyn Fn() + Send + Sync>>,
    /// Called after each reconnection.
    pub again: Option<Arc<dyn Fn() + Send + Sync>>,
    /// Keeps what the device sent, for errors.
    pub heard: Heard,
    /// Receives notes for people.
    pub note: Option<Note>,
    /// Keeps frames back, to send them together.
    pub cork: Cork,
}

/// Receives notes for people.
pub type Note = Arc<dyn Fn(&str) + Send + Sync>;

/// Connects to the device of the settings.
pub fn connect(settings: &Settings, how: &How) -> Done<Device> {
    let target = settings.target.as_ref().ok_or_else(no_target)?;
    let mut device = match &target.value.address {
        Address::Rpc { host, protocol } => Device::new(ByProgram::new(settings, how, host, *protocol)),
        Address::Mqtt(address) => mqtt::to(address, settings, how)?.observed(how),
        address => to(address, settings, how)?.observed(how),
    };
    device.set_timeout(settings.timeout.value);
    if let Some(retry) = &settings.retry {
        device.set_retry(Retry::every(retry.value));
    }
    Ok(device)
}

/// Connects to the device of the settings for the calls of one program.
///
/// A target rpc:// asks rpcbind for the port at once, not at the first call.
pub fn to_program(settings: &Settings, how: &How, program: u32, version: u32) -> Done<Device> {
    let target = settings.target.as_ref().ok_or_else(no_target)?;
    let Address::Rpc { host, protocol } = &target.value.address else { return connect(settings, how) };
    let address = ByProgram::new(settings, how, host, *protocol).resolve(program, version)?;
    let found = Settings {
        target: Some(Setting { value: target::Target { address, ..target.value.clone() }, from: target.from.clone() }),
        ..settings.clone()
    };
    connect(&found, how)
}

/// Returns the failure of a command without a target.
pub fn no_target() -> Failure {
    Failure::usage("no target is given").help(
        "give one: `oncilla -t tcp://host:port …`, the environment variable ONCILLA_TARGET, or `target = …` in the configuration file",
    )
}

/// Returns what makes connections, with the settings of sizes and times.
pub fn connector(settings: &Settings) -> Connector {
    let most = usize::try_from(settings.message_max.value).unwrap_or(usize::MAX);
    Connector::new().message_max(most).connect_timeout(settings.connect_timeout.value)
}

/// Connects to an address. The time-outs of calls are not set.
fn to(address: &Address, settings: &Settings, how: &How) -> Done<Device> {
    if let Some(key) = &settings.link_key {
        return keyed::to(address, &LinkKey::read(&key.value)?, settings, how);
    }
    match address {
        Address::Tcp(_) | Address::Unix(_) => match settings.framing.value {
            target::Framing::Serial => line(stream::<framing::Serial>(address, settings), settings, how),
            target::Framing::Cobs => plain(stream::<Cobs>(address, settings), settings, how),
            target::Framing::Record => plain(stream::<RecordAhead>(address, settings), settings, how),
        },
        Address::Tls(address) => match settings.framing.value {
            target::Framing::Record => plain(tls::dial(address, settings)?, settings, how),
            framing => Err(Failure::usage(format_args!("framing={framing} does not apply to TLS"))
                .help("RPC-with-TLS uses framing=record")),
        },
        Address::Udp(address) => {
            let transport = connector(settings).udp(&**address)?.into_link().into_transport();
            let (rx, tx) = buffers(settings);
            let transport = Tapped::new(transport, how);
            Ok(identified(Client::new(Link::new(transport, rx, tx), random()), settings))
        }
        Address::Serial(port) => {
            let (port, baud) = (port.clone(), settings.baud.value);
            match settings.framing.value {
                target::Framing::Serial => {
                    let connector = connector(settings);
                    let dial = move || Ok(connector.serial(&port, baud)?.into_link().into_transport());
                    line(dial, settings, how)
                }
                target::Framing::Cobs => plain(move || Serial::<Cobs>::open(&port, baud), settings, how),
                target::Framing::Record => plain(move || Serial::<RecordAhead>::open(&port, baud), settings, how),
            }
        }
        Address::Mqtt(address) => mqtt::to(address, settings, how),
        Address::Rpc { .. } => Err(Failure::usage("a target rpc://host has several addresses")
            .help("use the address of one server, such as tcp://host:port; `oncilla list` shows the addresses")),
    }
}

/// Returns a function that connects a stream socket.
pub fn stream<F: framing::Framing + Send + 'static>(
    address: &Address,
    settings: &Settings,
) -> impl FnMut() -> Result<Socket<F>, oncilla_host::Error> + Send + 'static {
    // Only the socket is used, not the client with its buffers.
    let (address, connector) = (address.clone(), connector(settings).buffer(0).framing::<F>());
    move || {
        let client = match &address {
            #[cfg(unix)]
            Address::Unix(path) => connector.unix(path)?,
            #[cfg(not(unix))]
            Address::Unix(path) => {
                let source = io::Error::new(io::ErrorKind::Unsupported, "this system has no Unix sockets");
                return Err(oncilla_host::Error::Connect { to: path.display().to_string(), source });
            }
            Address::Tcp(address) | Address::Tls(address) | Address::Udp(address) | Address::Serial(address) => {
                connector.tcp(&**address)?
            }
            Address::Rpc { host, .. } => connector.tcp(&**host)?,
            // A broker's connection is no stream of RPC.
            Address::Mqtt(address) => connector.tcp(&*address.broker)?,
        };
        Ok(client.into_link().into_transport())
    }
}

/// Connects over a carrier without restarts of the peer.
fn plain<T: Transport<Error = io::Error, Framing: Send> + Send + 'static>(
    mut dial: impl FnMut() -> Result<T, oncilla_host::Error> + Send + 'static,
    settings: &Settings,
    how: &How,
) -> Done<Device> {
    let tapped = how.clone();
    let mut dial = move || dial().map(|transport| Tapped::new(transport, &tapped));
    let first = dial()?;
    let Some(limit) = how.reconnect else {
        let (rx, tx) = buffers(settings);
        return Ok(identified(Client::new(Link::new(first, rx, tx), random()), settings));
    };
    let again = again(first, dial, how);
    again_identified(connector(settings).reconnect(Reconnect::within(limit)).dial(again)?, settings)
}

/// Connects over a serial line, whose peer has a boot number.
fn line<T: Transport<Error = io::Error, Framing = framing::Serial> + Send + 'static>(
    mut dial: impl FnMut() -> Result<T, oncilla_host::Error> + Send + 'static,
    settings: &Settings,
    how: &How,
) -> Done<Device> {
    let tapped = how.clone();
    let mut dial = move || dial().map(|transport| Tapped::new(transport, &tapped));
    let first = dial()?;
    let Some(limit) = how.reconnect else {
        return Ok(identified(Client::new(connector(settings).link(first), random()), settings));
    };
    let again = again(first, dial, how);
    again_identified(connector(settings).reconnect(Reconnect::within(limit)).dial_line(again)?, settings)
}

/// Returns the first transport, which is connected already, and then new ones.
fn again<T, D: FnMut() -> Result<T, oncilla_host::Error>>(
    first: T,
    mut dial: D,
    how: &How,
) -> impl FnMut(Duration) -> io::Result<T> + use<T, D> {
    let (mut first, how) = (Some(first), how.clone());
    move |_| {
        if let Some(first) = first.take() {
            return Ok(first);
        }
        how.stop.iter().try_for_each(Stop::check)?;
        how.lost.iter().for_each(|lost| lost());
        let transport = dial().map_err(io::Error::other)?;
        how.again.iter().for_each(|again| again());
        Ok(transport)
    }
}

fn identity(settings: &Settings) -> Identity {
    settings.user.as_ref().map(|user| Identity::of_user(user.value.0, user.value.1)).unwrap_or_default()
}

fn identified<T: Transport<Error = io::Error, Framing: Send> + Send + 'static>(
    client: Client<T, Box<[u8]>>,
    settings: &Settings,
) -> Device {
    Device::new(client.with_credential(identity(settings)))
}

fn again_identified<
    T: Transport<Error = io::Error, Framing: Send> + Send + 'static,
    L: Layer<T, Over: Transport<Error = io::Error, Framing: Send> + Send> + Send + 'static,
>(
    client: Reconnecting<T, Anonymous, L>,
    settings: &Settings,
) -> Done<Device> {
    Ok(Device::new(client.with_credential(identity(settings))))
}

/// Returns the buffers of a client.
fn buffers(settings: &Settings) -> (Box<[u8]>, Box<[u8]>) {
    let most = usize::try_from(settings.message_max.value).unwrap_or(usize::MAX);
    let size = Cobs::buffer(most).max(RecordAhead::buffer(most));
    let buffer = || vec![0; size].into_boxed_slice();
    (buffer(), buffer())
}

/// Returns a first xid that other clients are unlikely to use.
pub fn random() -> u32 {
    use std::hash::{BuildHasher, RandomState};
    (RandomState::new().hash_one(0) >> 32) as u32
}
