//! The `.x` compiler.

mod check;
mod compile;
mod diagnostic;
mod generate;
mod lex;
mod options;
mod parse;
mod print;
mod source;
pub mod tree;

pub use check::{Defined, Interface, Meaning, Prelude, check};
pub use compile::{Error, Output, compile};
pub use diagnostic::{Diagnostic, Report, Severity};
pub use generate::generate;
pub use lex::Preprocessor;
pub use options::{Data, Options};
pub use parse::{Parsed, parse_file, parse_text};
pub use source::{Place, Source, Sources};
