//! The multimeter of `examples/instrument` as an instrument on this machine: `multimeter [ADDRESS]`.
//!
//! Without an rpcbind on the machine it needs the rights for port 111. Then, on another machine:
//!
//! ```text
//! $ lxi discover
//! $ lxi scpi --address 192.0.2.7 'MEAS:VOLT?'
//! ```

use std::error::Error;
use std::net::IpAddr;

use oncilla_instrument::{Multimeter, Simulated};
use oncilla_vxi11::InstrumentServer;

/// The most links of the server.
const LINKS: usize = InstrumentServer::<()>::LINKS;

fn main() -> Result<(), Box<dyn Error>> {
    let meter = Multimeter::<_, LINKS>::new(Simulated::default());
    let mut server = InstrumentServer::new(meter);
    if let Some(address) = std::env::args().nth(1) {
        server = server.address(address.parse::<IpAddr>()?);
    }
    let serving = server.start()?;
    println!("core channel {}, abort channel {}", serving.core_address(), serving.abort_address());
    Ok(serving.wait()?)
}
