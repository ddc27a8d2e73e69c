//! Carriers for oncilla on a host.
