//! Errors of compiling.

use std::path::PathBuf;
use std::{fmt, io};

use oncilla_rpcgen::Report;

/// Why no Rust was generated.
///
/// `Debug` equals `Display`, because a build script that returns or unwraps the error shows `Debug`.
pub enum Error {
    /// The files have errors, which are shown with their places.
    Wrong(Report),
    /// A file cannot be read, or the generator of the messages refused it.
    Refused(String),
    /// An option does not fit the files.
    Option(String),
    /// The Rust cannot be written.
    Write(PathBuf, io::Error),
    /// `OUT_DIR` is not set.
    NoFolder,
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wrong(report) => report.fmt(formatter),
            Self::Refused(what) | Self::Option(what) => formatter.write_str(what),
            Self::Write(path, error) => write!(formatter, "cannot write {}: {error}", path.display()),
            Self::NoFolder => {
                formatter.write_str("OUT_DIR is not set; outside of build scripts use `Options::generate`")
            }
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl std::error::Error for Error {}
