//! Compiles `three.proto`: to messages for firmware, and with the feature `host` also to messages for hosts.

use oncilla_protobuf_build::{Error, Messages, Options};

fn main() -> Result<(), Error> {
    if std::env::var_os("CARGO_FEATURE_HOST").is_some() {
        Options::new(Messages::Prost).compile_to("three.proto", "host.rs")?;
        // The first line of the other system's `services.cfg`.
        Options::new(Messages::Prost).program("Greeter", 1).compile("greeter.proto")?;
    }
    Options::new(Messages::Micropb).compile("three.proto")
}
