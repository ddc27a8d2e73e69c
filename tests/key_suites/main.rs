//! The suites of algorithms of keyed links.

// Not by `required-features`: the manifest of the Python package's source distribution would name a test that is not there.
#![cfg(feature = "keys")]

#[cfg(feature = "forward-secret")]
mod forward_secret;
mod frozen;
mod handshake;
mod light;
#[cfg(feature = "forward-secret")]
mod link;
#[cfg(feature = "forward-secret")]
mod noise;
mod sides;
mod standards;
#[path = "../support/vectors.rs"]
mod vectors;
