//! From text to tokens: lexer and preprocessor.

pub(crate) mod condition;
mod expand;
mod lexer;
pub(crate) mod preprocess;
mod token;

pub use preprocess::Preprocessor;
pub(crate) use token::{Kind, Token};
