//! Serial ports of this machine, and servers on its networks.

use pyo3::prelude::*;

use crate::errors::{Class, failed};
use crate::settings::time;
use crate::signals::{self, waiting};

/// A serial port: its name, and of its USB device the selector, vendor, product, serial number, manufacturer and name.
type Port = (String, Option<(String, u16, u16, Option<String>, Option<String>, Option<String>)>);

/// Returns the serial ports of this machine.
#[pyfunction]
pub fn ports(py: Python<'_>) -> PyResult<Vec<Port>> {
    let ports = waiting(py, || signals::check(py), oncilla_host::ports)?;
    let ports = ports
        .map_err(|error| Class::NotConnected.error(py, &format!("cannot list the serial ports: {error}"), &[], None))?;
    let of_usb = |usb: oncilla_host::UsbPort| {
        (usb.to_string(), usb.vendor, usb.product, usb.serial.clone(), usb.manufacturer.clone(), usb.name.clone())
    };
    Ok(ports.into_iter().map(|port| (port.name, port.usb.map(of_usb))).collect())
}

/// Returns the addresses of servers of a program on the local networks, which answer within a time.
#[pyfunction]
pub fn search(py: Python<'_>, program: u32, version: u32, seconds: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
    let within = time(py, "seconds", seconds)?;
    let search = move || -> Result<Vec<String>, oncilla_host::Error> {
        oncilla_host::search(program, version, within)?
            .map(|address| address.map(|address| address.to_string()))
            .collect()
    };
    let found = waiting(py, || signals::check(py), search)?;
    found.map_err(|error| failed(py, &error.into()))
}
