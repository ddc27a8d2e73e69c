//! Devices under a link key, on every carrier.

use std::io;

use oncilla::Transport;
use oncilla::framing::{Cobs, RecordAhead};
use oncilla_host::keys::KeyClient;
use oncilla_host::{Reconnect, Serial};

use super::{Device, How, Tapped, again, again_identified, connector, identified, stream, tls};
use crate::failure::{Done, Failure};
use crate::settings::{LinkKey, Settings};
use crate::target::{Address, Framing};

/// Connects to an address under a key. The time-outs of calls are not set.
pub fn to(address: &Address, key: &LinkKey, settings: &Settings, how: &How) -> Done<Device> {
    let key = key.client(settings)?;
    match address {
        Address::Tcp(_) | Address::Unix(_) => match settings.framing.value {
            // The session of the key takes the place of the hellos.
            Framing::Serial | Framing::Cobs => over(stream::<Cobs>(address, settings), key, settings, how),
            Framing::Record => over(stream::<RecordAhead>(address, settings), key, settings, how),
        },
        Address::Tls(address) => match settings.framing.value {
            Framing::Record => over(tls::dial(address, settings)?, key, settings, how),
            framing => Err(Failure::usage(format_args!("framing={framing} does not apply to TLS"))
                .help("RPC-with-TLS uses framing=record")),
        },
        Address::Udp(address) => {
            let (address, connector) = (address.clone(), connector(settings).buffer(0));
            let dial = move || Ok(connector.udp(&*address)?.into_link().into_transport());
            // A datagram socket has no connection to lose.
            over(dial, key, settings, &How { reconnect: None, ..how.clone() })
        }
        Address::Serial(port) => {
            let (port, baud) = (port.clone(), settings.baud.value);
            match settings.framing.value {
                Framing::Serial | Framing::Cobs => over(move || Serial::<Cobs>::open(&port, baud), key, settings, how),
                Framing::Record => over(move || Serial::<RecordAhead>::open(&port, baud), key, settings, how),
            }
        }
        Address::Mqtt(address) => super::mqtt::to(address, settings, how),
        Address::Rpc { .. } => Err(Failure::usage("a target rpc://host has several addresses")
            .help("use the address of one server, such as tcp://host:port; `oncilla list` shows the addresses")),
    }
}

/// Connects over a carrier.
fn over<T: Transport<Error = io::Error, Framing: Send> + Send + 'static>(
    mut dial: impl FnMut() -> Result<T, oncilla_host::Error> + Send + 'static,
    key: KeyClient,
    settings: &Settings,
    how: &How,
) -> Done<Device> {
    let tapped = how.clone();
    let mut dial = move || dial().map(|transport| Tapped::new(transport, &tapped));
    let first = dial()?;
    let Some(limit) = how.reconnect else {
        return Ok(identified(connector(settings).keyed(first, &key)?, settings));
    };
    let again = again(first, dial, how);
    again_identified(connector(settings).reconnect(Reconnect::within(limit)).dial_keyed(again, &key)?, settings)
}
