//! A thermometer inside TLS (RFC 9289), and a client with a certificate.
//!
//! ```text
//! cargo run -p oncilla-host --features tls --example tls serve plant.pem plant.key ca.pem
//! cargo run -p oncilla-host --features tls --example tls call ca.pem meter.pem meter.key
//! ```
//!
//! The chapter `tls` of the guide makes the files.

use std::error::Error;
use std::fs;

use oncilla_host::{Access, Connector, Server, TlsClient, TlsServer};

oncilla::program! {
    /// A thermometer.
    pub mod thermometer = 0x2000_0007, version 1 {
        /// Returns the temperature in thousandths of a degree Celsius.
        fn read() -> i32 = 1, idempotent;
    }
}

struct Thermometer;

impl thermometer::Service for Thermometer {
    fn read(&mut self) -> i32 {
        21_500
    }
}

static TABLE: oncilla::Table<Thermometer> = oncilla::table![thermometer::program()];

/// Serves clients whose certificate has the name `meter-7.plant.example`, and no others.
fn serve(certificate: &str, key: &str, authority: &str) -> Result<(), Box<dyn Error>> {
    let tls =
        TlsServer::new(fs::read(certificate)?, fs::read(key)?)?.require_client_certificates(fs::read(authority)?)?;
    let mut server = Server::new()?
        .tcp("127.0.0.1:20049")?
        .tls(tls)
        .allow(Access::certificate_name("meter-7.plant.example")?)
        .observe(|event| println!("{event}"))
        .stop_on_signals()?;
    Ok(server.serve(&TABLE, &mut Thermometer)?)
}

/// Calls the server, whose certificate must have the name `localhost`.
fn call(authority: &str, certificate: &str, key: &str) -> Result<i32, Box<dyn Error>> {
    let tls = TlsClient::new(fs::read(authority)?)?.certificate(fs::read(certificate)?, fs::read(key)?)?;
    let mut client = Connector::new().tls("localhost:20049", "localhost", &tls)?;
    Ok(thermometer::Client::new(&mut client).read()?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<_> = std::env::args().skip(1).collect();
    match &*words.iter().map(String::as_str).collect::<Vec<_>>() {
        ["serve", certificate, key, authority] => serve(certificate, key, authority),
        ["call", authority, certificate, key] => {
            println!("{}", call(authority, certificate, key)?);
            Ok(())
        }
        _ => Err("write: tls serve CERTIFICATE KEY AUTHORITY, or tls call AUTHORITY CERTIFICATE KEY".into()),
    }
}
