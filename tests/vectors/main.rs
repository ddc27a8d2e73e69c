//! Frozen byte vectors: values encode as their vectors, and decode from them. Every vector is checked.

#[path = "../support/frames.rs"]
mod frames;
#[path = "../support/marks.rs"]
mod marks;
#[allow(dead_code)] // Not every type has vectors.
#[path = "../support/types.rs"]
mod types;
#[path = "../support/vectors.rs"]
mod vectors;

mod calls;
mod framing;
mod hello;
mod replies;
mod short;
mod values;
