//! Attacks on keyed links. An end accepts only what its peer sent in the session, once; calls of the peer succeed.
//!
//! Both ends and the attackers before them run in one process, on lines with a clock of their own: the same seed
//! results in the same attacks. [`attacker::middle`] attacks lines that are not simulated.

#![allow(missing_docs, reason = "for tests only")]

pub mod attacker;
pub mod calls;
pub mod campaign;
mod connections;
pub mod course;
pub mod ends;
pub mod figures;
pub mod forger;
mod service;
pub mod suites;
pub mod table;
#[cfg(test)]
mod weak;
