//! Sends a query to an instrument and prints the response: `ask HOST QUERY`.

use std::error::Error;
use std::time::Duration;

use oncilla_vxi11::Client;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, host, query] = &arguments[..] else { return Err("usage: ask HOST QUERY".into()) };

    let mut instrument = Client::options().timeout(Duration::from_secs(3)).open(host, "inst0")?;
    println!("{}", instrument.query(query)?);
    Ok(())
}
