//! Compiles `sensor.x` to Rust. The text of the file also goes into the firmware, for hosts to read.

use oncilla_rpcgen::{Data, Description, Error, Options};

fn main() -> Result<(), Error> {
    Options::new().data(Data::Borrowed).describe(Description::Commented).idempotent("SENSOR_READ").compile("sensor.x")
}
