//! Places to listen: addresses, sockets and serial lines, parsed from text.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::target::{Address, Framing, Target};

/// Where a server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// `host:port`.
    Tcp(String),
    /// `host:port`.
    Udp(String),
    /// The path of a Unix socket.
    Unix(PathBuf),
    /// A serial line.
    Line(Line),
}

/// A serial line whose peer calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The port. `None` makes a pseudo-terminal.
    pub port: Option<String>,
    /// The baud rate.
    pub baud: u32,
    /// The framing of messages.
    pub framing: Framing,
}

const BAUD: u32 = 115_200;

/// The forms of a place, for errors.
const FORMS: &str = "write tcp://127.0.0.1:20049, udp://0.0.0.0:20049, unix:/path, serial:/dev/ttyUSB0 or pty (port 0 takes a free one)";

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (scheme, query) = text.split_once('?').map_or((text, None), |(scheme, query)| (scheme, Some(query)));
        if matches!(scheme, "pty" | "pty:") {
            // The settings of a pseudo-terminal are those of a port.
            let query = query.map_or(String::new(), |query| format!("?{query}"));
            let target: Target = format!("serial:pty{query}").parse()?;
            return Ok(Self::Line(Line::new(None, &target)));
        }
        let target: Target = text.parse().map_err(|error: String| match error.find("; write") {
            Some(at) if error.contains("is not a target") => {
                format!("{}; {FORMS}", error[..at].replace("is not a target", "is not a place to listen"))
            }
            _ => error,
        })?;
        match (&target.address, target.framing) {
            (Address::Serial(port), _) => Ok(Self::Line(Line::new(Some(port.clone()), &target))),
            (_, Some(framing)) if framing != Framing::Record => {
                Err(format!("framing={framing} applies to serial lines only; sockets are served with framing=record"))
            }
            (Address::Tcp(address), _) => Ok(Self::Tcp(address.clone())),
            (Address::Udp(address), _) => Ok(Self::Udp(address.clone())),
            (Address::Unix(path), _) => Ok(Self::Unix(path.clone())),
            (Address::Tls(_), _) => {
                Err("write tcp://host:port and give `--tls-cert FILE` and `--tls-key FILE` to serve with TLS"
                    .to_owned())
            }
            (Address::Rpc { .. } | Address::Mqtt(_), _) => Err(format!("{text:?} is not a place to listen; {FORMS}")),
        }
    }
}

impl Line {
    fn new(port: Option<String>, target: &Target) -> Self {
        Self { port, baud: target.baud.unwrap_or(BAUD), framing: target.framing.unwrap_or(Framing::Serial) }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "serial:{}", self.port.as_deref().unwrap_or("pty"))?;
        if self.framing == Framing::Serial { Ok(()) } else { write!(formatter, "?framing={}", self.framing) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_targets_and_pseudo_terminals() {
        let place = |text: &str| text.parse::<Place>();
        assert_eq!(place("tcp://127.0.0.1:0"), Ok(Place::Tcp("127.0.0.1:0".into())));
        assert_eq!(place("unix:/run/oven"), Ok(Place::Unix("/run/oven".into())));
        let line = Line { port: None, baud: BAUD, framing: Framing::Cobs };
        assert_eq!(place("pty?framing=cobs"), Ok(Place::Line(line)));
        let line = Line { port: Some("COM3".into()), baud: 9600, framing: Framing::Serial };
        assert_eq!(place("COM3?baud=9600"), Ok(Place::Line(line)));
        assert!(place("rpc://nas").unwrap_err().contains("is not a place to listen; write tcp://"));
        assert!(place("oven").unwrap_err().contains("\"oven\" is not a place to listen; write tcp://"));
        assert!(place("tcp://a:1?framing=cobs").unwrap_err().contains("serial lines only"));
        assert!(place("pty?framing=slip").unwrap_err().contains("framing=cobs"));
    }
}
