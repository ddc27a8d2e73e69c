//! Servers: tables of programs, answering calls, and replay caches.

mod answer;
mod execute;
mod handler;
mod observed;
mod replay;
#[cfg(feature = "keys")]
mod rights;
mod serve;
mod table;

pub use answer::{answer, answer_from};
pub use handler::{Handled, Handler, Needs, answer_by};
pub use observed::{Outcome, answer_observed};
pub use replay::{Remembers, Replay, ReplayCache, ReplayMemory, SharedReplay, SharedReplayCache, SharedReplayMemory};
#[cfg(feature = "keys")]
pub use rights::{Right, Rights};
pub use serve::Served;
pub use table::{Authorize, NO_REPLY, Procedure, Program, Run, Table, TableError};

pub(crate) use answer::answer_form;
pub(crate) use execute::find;

#[doc(hidden)]
pub use execute::NOT_RUN;
#[doc(hidden)]
pub use handler::answer_by_from;
#[doc(hidden)]
pub use observed::answer_observed_from;
#[doc(hidden)]
pub use replay::{Identity, Noted, Recalled};
