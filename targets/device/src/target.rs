//! Targets: where a device is, as one text.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// How messages are delimited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde_derive::Deserialize, serde_derive::Serialize)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum Framing {
    /// COBS with CRC-32, and short headers with devices that support them
    Serial,
    /// COBS with CRC-32
    Cobs,
    /// Record marking (RFC 5531 §11)
    Record,
}

impl Framing {
    /// Returns the framing with this name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Serial, Self::Cobs, Self::Record].into_iter().find(|framing| framing.to_string() == name)
    }
}

impl fmt::Display for Framing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Serial => "serial",
            Self::Cobs => "cobs",
            Self::Record => "record",
        })
    }
}

/// How arguments and results are encoded. A `.x` file does not state it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde_derive::Deserialize, serde_derive::Serialize)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum Payload {
    /// XDR (RFC 4506), the standard
    Xdr,
    /// postcard, of servers in Rust whose interface has `payload Postcard`
    Postcard,
}

impl Payload {
    /// Returns the encoding with this name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Xdr, Self::Postcard].into_iter().find(|payload| payload.to_string() == name)
    }
}

impl fmt::Display for Payload {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Xdr => "xdr",
            Self::Postcard => "postcard",
        })
    }
}

impl From<Payload> for oncilla_dynamic::Payload {
    fn from(payload: Payload) -> Self {
        match payload {
            Payload::Xdr => Self::Xdr,
            Payload::Postcard => Self::Postcard,
        }
    }
}

/// A transport that rpcbind knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// TCP for rpcbind, and TLS for the program.
    Tls,
    /// UDP.
    Udp,
}

/// Where a device is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// `host:port`.
    Tcp(String),
    /// `host:port`, inside TLS (RFC 9289).
    Tls(String),
    /// `host:port`.
    Udp(String),
    /// A host whose rpcbind knows the ports.
    Rpc {
        /// The name or address of the host, perhaps with the port of its rpcbind.
        host: String,
        /// The transport of the programs.
        protocol: Protocol,
    },
    /// The path of a Unix socket.
    Unix(PathBuf),
    /// A name such as `/dev/ttyACM0` or `COM3`, or `usb=VID:PID:SERIAL`.
    Serial(String),
    /// A device of a fleet behind a broker, or any device of a group.
    Mqtt(oncilla_fleet::Address),
}

/// A target: an address, and the settings after its `?`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Where the device is.
    pub address: Address,
    /// The baud rate of a serial port.
    pub baud: Option<u32>,
    /// How messages are delimited.
    pub framing: Option<Framing>,
}

/// The forms of a target, for errors.
const FORMS: &str = "write tcp://host:port, udp://host:port, rpc://host, tcp+tls://host:port, rpc+tls://host, unix:/path, serial:/dev/ttyACM0, \
                     serial:usb=VID:PID:SERIAL, COM3, mqtt://broker/fleet/device, or a name of the configuration file";

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (address, query) = text.split_once('?').unwrap_or((text, ""));
        let mut target = Self { address: parse_address(address)?, baud: None, framing: None };
        for setting in query.split('&').filter(|setting| !setting.is_empty()) {
            target.set(setting)?;
        }
        Ok(target)
    }
}

impl Target {
    /// Takes a setting, such as `baud=115200`.
    fn set(&mut self, setting: &str) -> Result<(), String> {
        let (name, value) = setting.split_once('=').unwrap_or((setting, ""));
        match (name, &mut self.address) {
            ("baud", Address::Serial(_)) => {
                let baud = value.parse().ok().filter(|&baud| baud > 0);
                self.baud = Some(baud.ok_or_else(|| format!("{value:?} is not a baud rate; write baud=115200"))?);
            }
            ("framing", Address::Serial(_) | Address::Tcp(_) | Address::Unix(_)) => {
                let wrong =
                    || format!("{value:?} is not a framing; write framing=serial, framing=cobs or framing=record");
                self.framing = Some(Framing::named(value).ok_or_else(wrong)?);
            }
            ("transport", Address::Rpc { protocol: Protocol::Tls, .. }) => {
                return Err("TLS needs TCP; leave out transport, or write rpc:// for a call in the clear".to_owned());
            }
            ("transport", Address::Rpc { protocol, .. }) => {
                *protocol = match value {
                    "tcp" => Protocol::Tcp,
                    "udp" => Protocol::Udp,
                    _ => return Err(format!("{value:?} is not a transport; write transport=tcp or transport=udp")),
                };
            }
            ("baud" | "framing" | "transport", _) => return Err(format!("{name} does not apply to this target")),
            _ => {
                return Err(format!(
                    "{name:?} is not a setting of a target; write baud, framing or transport after the `?`"
                ));
            }
        }
        Ok(())
    }
}

fn parse_address(text: &str) -> Result<Address, String> {
    if let Some((scheme, rest)) = text.split_once("://") {
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        return match scheme {
            "tcp" => Ok(Address::Tcp(with_port(rest)?)),
            "udp" => Ok(Address::Udp(with_port(rest)?)),
            "rpc" if !rest.is_empty() => Ok(Address::Rpc { host: rest.to_owned(), protocol: Protocol::Tcp }),
            "tcp+tls" => Ok(Address::Tls(with_port(rest)?)),
            "rpc+tls" if !rest.is_empty() => Ok(Address::Rpc { host: rest.to_owned(), protocol: Protocol::Tls }),
            "unix" => Ok(Address::Unix(rest.into())),
            "mqtt" | "mqtts" => text.parse().map(Address::Mqtt),
            _ => Err(format!("{text:?} is not a target; {FORMS}")),
        };
    }
    if let Some(path) = text.strip_prefix("unix:").filter(|path| !path.is_empty()) {
        return Ok(Address::Unix(path.into()));
    }
    if let Some(port) = text.strip_prefix("serial:").filter(|port| !port.is_empty()) {
        return Ok(Address::Serial(port.to_owned()));
    }
    if text.starts_with("/dev/") || text.starts_with("usb=") || is_com(text) {
        return Ok(Address::Serial(text.to_owned()));
    }
    // Most programs read `host:port` as TCP.
    with_port(text).map(Address::Tcp).map_err(|error| {
        let is_address = text.rsplit_once(':').is_some_and(|(_, port)| is_number(port));
        if is_address { error } else { format!("{text:?} is not a target; {FORMS}") }
    })
}

/// Returns whether a text names a serial port of Windows, such as `COM3`.
fn is_com(text: &str) -> bool {
    let head = text.get(..3).unwrap_or_default();
    head.eq_ignore_ascii_case("com") && text.len() > 3 && text.bytes().skip(3).all(|digit| digit.is_ascii_digit())
}

/// Checks that a host and a port are there.
fn with_port(text: &str) -> Result<String, String> {
    let wrong = || format!("{text:?} has no port; write host:port, or rpc://host to ask the host's rpcbind for it");
    let (host, port) = text.rsplit_once(':').filter(|(host, _)| !host.is_empty()).ok_or_else(wrong)?;
    if !is_number(port) {
        return Err(wrong());
    }
    if port.parse::<u16>().is_err() {
        return Err(format!("the port {port} of {text:?} is too large; the largest port is {}", u16::MAX));
    }
    let bracketed = host.starts_with('[') && host.ends_with(']');
    if host.contains(':') && !bracketed {
        return Err(format!("an IPv6 address has brackets; write [{host}]:{port}"));
    }
    Ok(text.to_owned())
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit())
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut settings = Vec::new();
        match &self.address {
            Address::Tcp(address) => write!(formatter, "tcp://{address}")?,
            Address::Tls(address) => write!(formatter, "tcp+tls://{address}")?,
            Address::Udp(address) => write!(formatter, "udp://{address}")?,
            Address::Rpc { host, protocol } => {
                let scheme = if *protocol == Protocol::Tls { "rpc+tls" } else { "rpc" };
                write!(formatter, "{scheme}://{host}")?;
                settings.extend((*protocol == Protocol::Udp).then(|| "transport=udp".to_owned()));
            }
            Address::Unix(path) => write!(formatter, "unix:{}", path.display())?,
            Address::Serial(port) => write!(formatter, "serial:{port}")?,
            Address::Mqtt(address) => address.fmt(formatter)?,
        }
        settings.extend(self.baud.map(|baud| format!("baud={baud}")));
        settings.extend(self.framing.map(|framing| format!("framing={framing}")));
        let mark = if settings.is_empty() { "" } else { "?" };
        write!(formatter, "{mark}{}", settings.join("&"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_read_and_written() {
        for text in [
            "tcp://thermostat.local:20049",
            "tcp://[fd00::7]:20049?framing=cobs",
            "udp://127.0.0.1:111",
            "rpc://nas",
            "tcp+tls://[fd00::7]:20049",
            "rpc+tls://nas",
            "rpc://nas?transport=udp",
            "unix:/run/oven.sock",
            "unix:/run/oven.sock?framing=serial",
            "serial:/dev/ttyACM0?baud=9600&framing=record",
            "serial:usb=2e8a:000a:E6614C311B",
            "serial:COM3",
            "mqtt://broker/plant/oven-7",
            "mqtts://alice@broker:8884/plant/any:ovens",
        ] {
            assert_eq!(text.parse::<Target>().unwrap().to_string(), text);
        }
        let short = |text: &str| text.parse::<Target>().unwrap().to_string();
        assert_eq!(short("/dev/ttyUSB0"), "serial:/dev/ttyUSB0");
        assert_eq!(short("COM12"), "serial:COM12");
        assert_eq!(short("usb=2e8a:000a"), "serial:usb=2e8a:000a");
        assert_eq!(short("oven.local:7"), "tcp://oven.local:7");
        assert_eq!(short("tcp://oven.local:7/"), "tcp://oven.local:7");
    }

    #[test]
    fn errors_state_what_to_write() {
        let error = |text: &str| text.parse::<Target>().unwrap_err();
        assert!(error("oven").contains("serial:/dev/ttyACM0"));
        assert!(error("tcp://oven").contains("write host:port, or rpc://host"));
        for text in ["tcp://fd00::7:1", "fd00::7:1"] {
            assert!(error(text).contains("write [fd00::7]:1"), "{text}");
        }
        for text in ["tcp://a:99999", "a:65536"] {
            assert!(error(text).contains("the largest port is 65535"), "{text}");
        }
        assert!(error("http://oven:1").contains("tcp://host:port"));
        assert!(error("COM3?baud=fast").contains("baud=115200"));
        assert!(error("COM3?framing=slip").contains("framing=cobs"));
        assert!(error("udp://oven:1?framing=cobs").contains("does not apply"));
        assert!(error("COM3?parity=odd").contains("\"parity\" is not a setting"));
        assert!(error("rpc+tls://nas?transport=udp").contains("TLS needs TCP"));
        assert!(error("tcp+tls://oven:1?framing=cobs").contains("does not apply"));
        assert!(error("tcp+tls://oven").contains("has no port"));
        assert!(error("rpc://nas?transport=sctp").contains("transport=udp"));
        for text in ["", "?", "serial:", "unix:", "://", "rpc://", "tcp://:1", "tcp://a:99999"] {
            text.parse::<Target>().unwrap_err();
        }
    }
}
