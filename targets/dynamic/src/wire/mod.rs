//! Parts of values in XDR and postcard: the only place where these differ.
//!
//! In postcard, the forms are those of generated types: `oncilla::Postcard` encodes each part as its Rust type.

mod put;
mod take;

pub(crate) use put::Put;
pub(crate) use take::{Fault, Take};
