//! `oncilla sniff`.

#[cfg(unix)]
#[path = "../../../../../tests/wireshark/capture.rs"]
mod capture;
#[cfg(unix)]
mod dissector;
mod files;
#[cfg(unix)]
mod network;
#[cfg(unix)]
mod tap;

#[cfg(unix)]
use crate::namespace;
