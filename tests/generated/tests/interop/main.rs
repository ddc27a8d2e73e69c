//! Both ways between Rust made by oncilla-rpcgen and C made by rpcgen, from one file that has every construct.
//!
//! The values are those of the tests with the interface written by hand, and so is what is said of them: generated
//! types and those written by hand have the same bytes, or the test fails.

#[allow(dead_code)]
#[path = "../../../interop/constructs.rs"]
mod constructs;
#[allow(dead_code)]
#[path = "../../../interop/describe.rs"]
mod describe;
#[path = "../../../interop/lines.rs"]
mod lines;
#[allow(dead_code)]
#[path = "../../../interop/samples.rs"]
mod samples;

mod bytes;
mod c_calls_ours;
mod ours_calls_c;
mod peer;
