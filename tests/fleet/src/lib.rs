//! A fleet of simulated devices behind real gateways and a real broker, with faults: `cargo xtask fleet`.
#![forbid(unsafe_code)]
#![allow(missing_docs, reason = "for tests and measurements only")]

pub mod broker;
pub mod connection;
pub mod gateway;
pub mod ledger;
#[cfg(feature = "measure")]
pub mod measure;
pub mod meter;
pub mod mosquitto;
pub mod park;
pub mod process;
pub mod proxy;
pub mod scene;
