//! The suites of algorithms of keyed links.

#[cfg(feature = "forward-secret")]
mod forward_secret;
mod handshake;
mod light;
#[cfg(feature = "forward-secret")]
mod noise;
mod sides;
