//! Registers with this machine's rpcbind, and finds servers through those of the local networks.

mod error;
mod interfaces;
mod local;
mod registration;
mod search;

pub use error::RegisterError;
pub use registration::Registration;
pub use search::{Search, search, search_at};
