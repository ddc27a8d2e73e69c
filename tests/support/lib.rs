//! What several crates of tests share: faulty lines, framings driven by hand, and C programs made by rpcgen.
//!
//! Tests of the library itself include the files of this folder that they need.

#![allow(missing_docs, reason = "for tests only, which include these files too")]

pub mod faults;
pub mod frames;
pub mod libtirpc;
