//! The `.x` compiler.

#![deny(missing_docs)]

mod diagnostic;
mod lex;
mod parse;
mod print;
mod source;
pub mod tree;

pub use diagnostic::{Diagnostic, Report, Severity};
pub use lex::Preprocessor;
pub use parse::{Parsed, parse_file, parse_text};
pub use source::{Place, Source, Sources};
