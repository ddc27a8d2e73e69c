#![doc = include_str!("../README.md")]
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `systemd` | no | readiness, watchdog and state for systemd, on Linux |
#![forbid(unsafe_code)]

mod call;
mod dedupe;
#[doc(hidden)]
pub mod fuzzing;
pub mod health;
mod hub;
mod manager;
mod metrics;
mod mqtt;
mod ownership;
mod queue;
mod reply;
pub mod settings;
mod worker;

pub use hub::{Gateway, Stopper};
pub use metrics::Metrics;
