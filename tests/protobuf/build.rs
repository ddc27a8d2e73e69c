//! Compiles each file for both libraries.

use oncilla_protobuf_build::{Error, Messages, Options};

/// A file of the compiler's tests.
const NAMES: &str = "../../targets/protobuf-build/tests/accepted/taken_names.proto";

fn main() -> Result<(), Error> {
    for (name, path) in
        [("names", NAMES), ("new", "proto/new.proto"), ("old", "proto/old.proto"), ("shapes", "proto/shapes.proto")]
    {
        for (messages, end) in [(Messages::Micropb, "device"), (Messages::Prost, "host")] {
            Options::new(messages).compile_to(path, &format!("{name}_{end}.rs"))?;
        }
    }
    Ok(())
}
