//! The suites of algorithms of keyed links.

mod handshake;
mod light;
mod sides;
