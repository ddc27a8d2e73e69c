#![doc = include_str!("../README.md")]
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `clap` | no | the choices of [`settings`] and [`target`] are values of options of the crate `clap` |
#![forbid(unsafe_code)]

pub mod connect;
pub mod dispatch;
pub mod failure;
pub mod files;
pub mod interface;
pub mod listen;
pub mod programs;
pub mod refusal;
pub mod settings;
pub mod target;
