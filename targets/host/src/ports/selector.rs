//! Ports by the identity of their USB device, whatever name the system gives them.

use std::io::{self, ErrorKind};

use super::{Port, Refusal, UsbPort, help, ports};
use crate::{Error, Serial};

/// The beginning of a name that selects a port by its USB device.
const USB: &str = "usb=";

/// What a selector such as `usb=2e8a:000a:E6614C311B#2` asks for.
#[derive(Debug, PartialEq, Eq)]
struct Selector<'s> {
    vendor: u16,
    product: u16,
    serial: Option<&'s str>,
    interface: Option<u8>,
}

impl<'s> Selector<'s> {
    /// Reads a selector without its `usb=`. `None` when it is malformed.
    fn parse(text: &'s str) -> Option<Self> {
        let number = |digits: &str| u16::from_str_radix(digits, 16).ok();
        let (text, interface) = match text.rsplit_once('#') {
            Some((text, digits)) => (text, Some(digits.parse().ok()?)),
            None => (text, None),
        };
        let (vendor, rest) = text.split_once(':')?;
        let (product, serial) = match rest.split_once(':') {
            Some((product, serial)) => (product, Some(serial)),
            None => (rest, None),
        };
        Some(Self { vendor: number(vendor)?, product: number(product)?, serial, interface })
    }

    fn selects(&self, usb: &UsbPort) -> bool {
        (self.vendor, self.product) == (usb.vendor, usb.product)
            && self.serial.is_none_or(|serial| usb.serial.as_deref() == Some(serial))
            && self.interface.is_none_or(|interface| usb.interface == Some(interface))
    }
}

/// Why a selector has no port.
#[derive(Debug, PartialEq, Eq)]
enum Unfound {
    Malformed,
    None,
    Several,
}

/// Returns the one port that a selector without its `usb=` selects.
fn select<'p>(selector: &str, ports: &'p [Port]) -> Result<&'p Port, Unfound> {
    let selector = Selector::parse(selector).ok_or(Unfound::Malformed)?;
    let usb_ports = ports.iter().filter_map(|port| Some((port, port.usb.as_ref()?)));
    let found: Vec<_> = usb_ports.filter(|(_, usb)| selector.selects(usb)).collect();
    match found[..] {
        [] => Err(Unfound::None),
        [(port, _)] => Ok(port),
        // Of the ports of one device, a selector without an interface means that at interface 0.
        _ if selector.serial.is_some() && selector.interface.is_none() => {
            let mut first = found.iter().filter(|(_, usb)| usb.interface == Some(0));
            first.next().filter(|_| first.next().is_none()).map(|(port, _)| *port).ok_or(Unfound::Several)
        }
        _ => Err(Unfound::Several),
    }
}

/// Returns the name of the port that `port` names or selects.
pub(crate) fn find(port: &str) -> Result<String, Error> {
    let Some(selector) = port.strip_prefix(USB) else { return Ok(port.to_owned()) };
    let failed = |kind: ErrorKind, text: &str, refusal| Error::Open {
        port: port.to_owned(),
        source: io::Error::new(kind, text),
        help: help(refusal),
    };
    let ports = ports().map_err(|source| Error::Open { port: port.to_owned(), source, help: None })?;
    match select(selector, &ports) {
        Ok(found) => Ok(found.name.clone()),
        Err(Unfound::Malformed) => Err(failed(ErrorKind::InvalidInput, "it is malformed", Refusal::Malformed)),
        Err(Unfound::None) => Err(failed(ErrorKind::NotFound, "no port has this USB device", Refusal::Missing)),
        Err(Unfound::Several) => Err(failed(ErrorKind::InvalidInput, "several ports match", Refusal::Several)),
    }
}

/// Opens one port again and again, and recognises its USB device.
///
/// The system may give the device another name, and its old name to another device.
pub(crate) struct Finder {
    port: String,
    baud_rate: u32,
    /// The selector of the device that had the port, if it has a serial number.
    device: Option<String>,
}

impl Finder {
    pub(crate) fn new(port: &str, baud_rate: u32) -> Self {
        Self { port: port.to_owned(), baud_rate, device: None }
    }

    pub(crate) fn open<F>(&mut self) -> Result<Serial<F>, Error> {
        let opened = Serial::open(self.device.as_ref().unwrap_or(&self.port), self.baud_rate)?;
        if self.device.is_none() {
            // A port that cannot be found in the list is found by its name.
            self.device = ports().ok().and_then(|ports| identity(&self.port, &ports));
        }
        Ok(opened)
    }
}

/// Returns the selector of the device that has a port, if it has a serial number that selects this port alone.
///
/// A link, such as those in `/dev/serial/by-path`, is not in the list. It means whatever device the system links it to.
fn identity(port: &str, ports: &[Port]) -> Option<String> {
    let found = ports.iter().find(|candidate| candidate.name == port)?;
    let usb = found.usb.as_ref().filter(|usb| usb.serial.is_some())?;
    let selector = usb.to_string();
    (select(selector.strip_prefix(USB)?, ports) == Ok(found)).then_some(selector)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn port(name: &str, vendor: u16, product: u16, serial: Option<&str>, interface: u8) -> Port {
        let serial = serial.map(str::to_owned);
        let usb = UsbPort { vendor, product, serial, manufacturer: None, name: None, interface: Some(interface) };
        Port { name: name.to_owned(), usb: Some(usb) }
    }

    fn ports() -> Vec<Port> {
        vec![
            port("/dev/ttyACM0", 0x2e8a, 0xa, Some("E661:4C"), 0),
            port("/dev/ttyACM1", 0x2e8a, 0xa, Some("E661:4C"), 2),
            port("/dev/ttyACM2", 0x2e8a, 0xa, Some("OTHER"), 0),
            Port { name: "/dev/ttyS0".into(), usb: None },
            port("/dev/ttyUSB0", 0x403, 0x6001, Some("A50285BI"), 0),
            port("/dev/ttyUSB1", 0x1a86, 0x7523, None, 0),
            port("/dev/ttyUSB2", 0x1a86, 0x7523, None, 0),
        ]
    }

    fn selected(selector: &str) -> Result<String, Unfound> {
        select(selector, &ports()).map(|port| port.name.clone())
    }

    #[test]
    fn a_selector_selects_one_port_or_none() {
        assert_eq!(selected("0403:6001:A50285BI").unwrap(), "/dev/ttyUSB0");
        assert_eq!(selected("403:6001").unwrap(), "/dev/ttyUSB0");
        assert_eq!(selected("2E8A:000A:OTHER").unwrap(), "/dev/ttyACM2");
        assert_eq!(selected("2e8a:a:E661:4C").unwrap(), "/dev/ttyACM0");
        assert_eq!(selected("2e8a:a:E661:4C#2").unwrap(), "/dev/ttyACM1");
        assert_eq!(selected("2e8a:a"), Err(Unfound::Several));
        assert_eq!(selected("1a86:7523"), Err(Unfound::Several));
        assert_eq!(selected("1a86:7523:A"), Err(Unfound::None));
        assert_eq!(selected("ffff:6001"), Err(Unfound::None));
        for malformed in ["", "403", "403:", ":6001", "10403:6001", "xyzw:6001", "403:6001#", "403:6001#300"] {
            assert_eq!(selected(malformed), Err(Unfound::Malformed), "{malformed}");
        }
    }

    #[test]
    fn what_is_displayed_selects_the_port() {
        let ports = ports();
        for port in &ports {
            let Some(usb) = port.usb.as_ref().filter(|usb| usb.serial.is_some()) else { continue };
            assert_eq!(identity(&port.name, &ports), Some(usb.to_string()));
        }
    }

    #[test]
    fn a_device_without_a_serial_number_is_known_by_its_name_alone() {
        for name in ["/dev/ttyUSB1", "/dev/ttyS0", "/dev/ttyUSB9"] {
            assert_eq!(identity(name, &ports()), None);
        }
    }
}
