//! The multimeter and its parser, by the sections of IEEE 488.2 and SCPI-99.

mod controller;

mod blocks;
mod common_commands;
mod errors;
mod exchange;
mod headers;
mod measuring;
mod numbers;
mod random;
mod service;
