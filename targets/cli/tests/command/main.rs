//! The command `oncilla`, run as a user runs it.

mod again;
mod bench;
#[cfg(unix)]
mod bridge;
#[cfg(unix)]
#[path = "../../../../tests/support/c_server.rs"]
mod c_server;
mod call;
mod check;
mod describe;
mod hostile;
#[cfg(unix)]
mod libtirpc;
mod ping;
#[cfg(unix)]
#[path = "../../../../tests/support/rpcinfo.rs"]
mod rpcinfo;
#[cfg(unix)]
mod running;
mod shell;
mod sniff;
mod suite;
mod support;
#[cfg(unix)]
mod terminal;
mod values;
mod watch;
