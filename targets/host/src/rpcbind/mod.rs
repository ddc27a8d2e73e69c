//! This machine's rpcbind, and those of the local network.

mod error;
mod interfaces;
mod local;
mod registration;
mod search;

pub use error::RegisterError;
pub use registration::Registration;
pub use search::{Search, search, search_at};
