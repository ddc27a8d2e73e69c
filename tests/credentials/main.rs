//! Who calls, as the server sees it on every carrier, and how a client is told that it is not let in.

#[allow(dead_code)] // Its clients are not needed here.
#[path = "../interop/peer.rs"]
mod c;
mod process;
mod refused;
mod seen;
mod served;
