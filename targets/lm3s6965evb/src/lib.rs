//! The board.
#![no_std]
