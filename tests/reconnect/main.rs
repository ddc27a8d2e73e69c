//! Clients that connect again: no call is executed twice, and each error is true.

mod connections;
mod device;
mod killed;
mod ledger;
#[path = "../support/libtirpc.rs"]
mod libtirpc;
mod lines;
mod scripts;
mod shared;
mod state;
