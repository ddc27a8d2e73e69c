//! Frozen bytes against the code: what is encoded is the vector, and what is decoded from it is the
//! value. No vector goes unchecked.

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
