#![doc = include_str!("../README.md")]

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
