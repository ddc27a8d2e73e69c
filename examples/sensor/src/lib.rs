//! The interface of a sensor, made of `sensor.x` by the build script: for firmware and hosts alike.

#![no_std]

include!(concat!(env!("OUT_DIR"), "/sensor.rs"));
