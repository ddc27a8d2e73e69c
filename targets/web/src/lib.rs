#![doc = include_str!("../README.md")]
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `panel-files` | no | `panels::Panels::parse`: panels from TOML files |
//! | `server` | no | `server`: the page on HTTP, and calls of devices for it on a WebSocket; with it `panel-files` |
#![forbid(unsafe_code)]

pub mod description;
pub mod folder;
pub mod page;
pub mod panels;
#[cfg(feature = "server")]
pub mod server;
pub mod values;
