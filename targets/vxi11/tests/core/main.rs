//! The server as a function: links, locks, time-outs, aborting and service requests, without sockets.

mod any;
mod bench;
mod interrupts;
mod links;
mod locks;
mod transfers;
