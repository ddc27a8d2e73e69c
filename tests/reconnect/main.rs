//! Clients that connect again: no call is executed twice, and each error is true.

mod connections;
mod ledger;
mod scripts;
mod state;
