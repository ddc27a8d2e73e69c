//! Text and logs of the device, for Python's `logging`.

use std::sync::{Arc, Mutex, PoisonError};

use oncilla::Beside;
use oncilla_device::connect::Show;
use oncilla_rpcgen::harmless;
use pyo3::prelude::*;

/// The largest line in bytes. A longer one is divided.
const LINE_MAX: usize = 4096;

/// Returns what passes text of the device on to a logger, line by line.
pub fn show(logger: Py<PyAny>) -> Show {
    let part = Mutex::new(Vec::new());
    Arc::new(move |what| match what {
        Beside::Text(text) => {
            let mut part = part.lock().unwrap_or_else(PoisonError::into_inner);
            part.extend_from_slice(text);
            while let Some(line) = first_line(&mut part) {
                log(&logger, "info", &line);
            }
        }
        Beside::Unverified(text) => {
            log(&logger, "warning", &format!("(in the clear) {}", String::from_utf8_lossy(text).trim_end()));
        }
        Beside::Log(bytes) => log(&logger, "debug", &format!("binary log of {} bytes: {}", bytes.len(), hex(bytes))),
        Beside::Dropped(bytes) => log(&logger, "debug", &format!("{} bytes are not a message", bytes.len())),
    })
}

/// Takes the first whole line.
fn first_line(part: &mut Vec<u8>) -> Option<String> {
    let end = part.iter().position(|&byte| byte == b'\n').or((part.len() >= LINE_MAX).then_some(LINE_MAX - 1))?;
    let line: Vec<u8> = part.drain(..=end).collect();
    Some(String::from_utf8_lossy(&line).trim_end().to_owned())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Passes a line on. A logger that raises must not end the call.
fn log(logger: &Py<PyAny>, level: &str, line: &str) {
    Python::attach(|py| {
        let logger = logger.bind(py);
        if let Err(error) = logger.call_method1(level, ("%s", harmless(line).as_ref())) {
            error.write_unraisable(py, Some(logger));
        }
    });
}
