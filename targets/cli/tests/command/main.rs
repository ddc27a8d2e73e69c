//! The command `oncilla`, run as a user runs it.

mod again;
mod bench;
#[cfg(unix)]
mod bridge;
#[cfg(unix)]
#[path = "../../../../tests/support/c_server.rs"]
mod c_server;
mod call;
#[cfg(unix)]
#[path = "../../../host/tests/tls/certificates.rs"]
#[allow(dead_code)] // The tests of the host crate use the rest.
mod certificates;
mod check;
mod config;
mod control;
#[cfg(unix)]
#[path = "../../../../tests/rpcbind/daemon.rs"]
#[allow(dead_code)] // Other tests use the rest.
mod daemon;
mod describe;
#[cfg(unix)]
mod errors;
#[cfg(unix)]
mod examples;
#[cfg(unix)]
mod files;
mod hostile;
#[cfg(unix)]
mod keys;
#[cfg(unix)]
mod lasting;
#[cfg(unix)]
mod libtirpc;
#[cfg(unix)]
mod line;
#[cfg(unix)]
mod list;
#[cfg(unix)]
mod log;
#[cfg(unix)]
#[path = "../../../../tests/support/namespace.rs"]
mod namespace;
#[cfg(unix)]
mod ping;
#[cfg(unix)]
mod registered;
#[cfg(unix)]
#[path = "../../../../tests/support/rpcinfo.rs"]
mod rpcinfo;
#[cfg(unix)]
mod running;
#[cfg(unix)]
mod serve;
mod shell;
mod sniff;
mod suite;
mod support;
#[cfg(unix)]
mod terminal;
#[cfg(unix)]
mod tls;
mod usage;
mod values;
mod watch;
