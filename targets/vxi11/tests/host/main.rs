//! The server and the client on a host, with each other.

mod calls;
mod habits;
mod leaving;
mod meter;
mod odd;
mod waits;
