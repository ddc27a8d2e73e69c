//! The serial ports of this machine.

mod help;
#[cfg(unix)]
mod holder;
mod selector;

pub(crate) use help::{Refusal, help};
pub(crate) use selector::{Finder, find};

use std::fmt;
use std::io;
use std::path::Path;

use serialport::{SerialPortInfo, SerialPortType};

/// A serial port of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// The name to open it by, such as `/dev/ttyUSB0` or `COM3`.
    pub name: String,
    /// What its USB device reports, if it is one.
    pub usb: Option<UsbPort>,
}

/// The USB device of a serial port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsbPort {
    /// The vendor's number.
    pub vendor: u16,
    /// The product's number.
    pub product: u16,
    /// The serial number. Cheap adapters have none.
    pub serial: Option<String>,
    /// The name of the manufacturer.
    pub manufacturer: Option<String>,
    /// The name of the product.
    pub name: Option<String>,
    /// The number of the USB interface: it distinguishes the ports of a device that has several.
    pub interface: Option<u8>,
}

/// Lists the serial ports of this machine, in the order of their names.
///
/// On Linux it reads `/sys/class/tty`, and needs no permission. Ports without hardware, such as pseudo-terminals, are
/// not listed. FreeBSD reports no USB devices.
///
/// ```
/// for port in oncilla_host::ports()? {
///     println!("{port}");
/// }
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// It prints lines such as:
///
/// ```text
/// /dev/ttyACM0 usb=2e8a:000a:E6614C311B  Raspberry Pi Pico
/// /dev/ttyS0
/// ```
///
/// The second word is a name that stays the same when the device is plugged in elsewhere:
/// [`serial`](crate::serial) and [`Connector::serial`](crate::Connector::serial) open `usb=2e8a:000a:E6614C311B`, too.
///
/// # Errors
/// The error of the system.
pub fn ports() -> io::Result<Vec<Port>> {
    // `serialport` panics without this folder, which containers may lack.
    if cfg!(target_os = "linux") && !Path::new("/sys/class/tty").is_dir() {
        return Ok(Vec::new());
    }
    let mut ports: Vec<_> = serialport::available_ports()?.into_iter().map(Port::from).collect();
    // macOS lists a port twice, for incoming and outgoing calls.
    ports.retain(|port| !port.name.starts_with("/dev/tty."));
    ports.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(ports)
}

impl From<SerialPortInfo> for Port {
    fn from(info: SerialPortInfo) -> Self {
        let usb = match info.port_type {
            SerialPortType::UsbPort(usb) => Some(UsbPort {
                vendor: usb.vid,
                product: usb.pid,
                serial: usb.serial_number.filter(|serial| !serial.is_empty()),
                manufacturer: usb.manufacturer,
                name: usb.product,
                interface: usb.interface,
            }),
            SerialPortType::BluetoothPort | SerialPortType::PciPort | SerialPortType::Unknown => None,
        };
        Self { name: info.port_name, usb }
    }
}

impl fmt::Display for Port {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name)?;
        let Some(usb) = &self.usb else { return Ok(()) };
        write!(formatter, " {usb}")?;
        let names = [&usb.manufacturer, &usb.name].into_iter().flatten();
        for (index, name) in names.enumerate() {
            // A device can report control characters.
            let pause = if index == 0 { "  " } else { " " };
            write!(formatter, "{pause}{}", crate::harmless(name))?;
        }
        Ok(())
    }
}

/// The selector of the port: `usb=VENDOR:PRODUCT`, the numbers in hexadecimal, `:SERIAL` and `#INTERFACE`.
impl fmt::Display for UsbPort {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "usb={:04x}:{:04x}", self.vendor, self.product)?;
        if let Some(serial) = &self.serial {
            write!(formatter, ":{}", crate::harmless(serial))?;
        }
        // Almost all devices have one port, at interface 0.
        match self.interface {
            Some(interface) if interface > 0 => write!(formatter, "#{interface}"),
            _ => Ok(()),
        }
    }
}
