//! The service of `three.proto`, and firmware's implementation of it.
//!
//! Firmware and host are compiled from one file: the firmware has messages of micropb, which need no allocator, and
//! the host those of prost, in the module `host`.

#![no_std]

#[cfg(feature = "host")]
extern crate std;

include!(concat!(env!("OUT_DIR"), "/three.rs"));

/// The same service for hosts.
#[cfg(feature = "host")]
pub mod host {
    include!(concat!(env!("OUT_DIR"), "/host.rs"));
}

/// A service of easy_pb_rpc.
#[cfg(feature = "host")]
pub mod greeter {
    include!(concat!(env!("OUT_DIR"), "/greeter.rs"));
}

#[cfg(feature = "host")]
pub mod easy_pb_rpc;

/// The state of the device, which is none.
#[derive(Clone, Copy, Debug, Default)]
pub struct Device;

impl three::Service for Device {
    fn add(&mut self, pair: Pair) -> Sum {
        Sum { sum: pair.a.wrapping_add(pair.b) }
    }

    fn echo(&mut self, data: Data) -> Data {
        data
    }
}
