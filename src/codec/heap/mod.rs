//! Types on the heap whose bounds an interface states: `name: String [..64]`, `data: Vec<u8> [..]`.
//!
//! Lengths are compared with the bound and with the bytes that are left, and memory is charged to the decoder, before it
//! is taken.

mod boxed;
mod charge;
mod list;
mod text;
mod vector;

pub(super) use boxed::take_boxes;
use charge::Charge;

use alloc::vec::Vec;

use serde::de::Error;

use crate::xdr::heap::out_of_memory;

/// Returns an empty vector with memory for exactly `count` elements.
#[inline]
fn reserved<T, E: Error>(count: usize) -> Result<Vec<T>, E> {
    let mut elements = Vec::new();
    elements.try_reserve_exact(count).map_err(|_| out_of_memory())?;
    Ok(elements)
}
