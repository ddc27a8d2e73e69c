//! Compiles the interface of the simulated devices. Its text also goes into the devices, for gateways to read.

use oncilla_rpcgen::{Data, Description, Error, Options};

fn main() -> Result<(), Error> {
    Options::new().data(Data::Borrowed).describe(Description::Commented).idempotent("METER_NUMBER").compile("meter.x")
}
