//! The interface of a sensor, compiled from `sensor.x` by the build script, for firmware and hosts.

#![no_std]

include!(concat!(env!("OUT_DIR"), "/sensor.rs"));
