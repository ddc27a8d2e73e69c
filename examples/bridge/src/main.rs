//! The command `bridge PORT ADDRESS`.

use std::env;
use std::error::Error;
use std::io::{self, Write};
use std::net::TcpListener;

use oncilla::Beside;
use oncilla_bridge::{Bridge, serve};
use oncilla_host::harmless;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(port), Some(address)) = (arguments.next(), arguments.next()) else {
        return Err("usage: bridge PORT ADDRESS, such as: bridge /dev/ttyUSB0 127.0.0.1:20049".into());
    };
    let line = oncilla_host::Serial::open(&port, 115_200)?.with_log(|what| {
        if let Beside::Text(text) = what {
            // A closed standard output must not stop the bridge.
            let _ = io::stdout().write_all(harmless(&String::from_utf8_lossy(text)).as_bytes());
        }
    });
    let listener = TcpListener::bind(&address)?;
    eprintln!("the device on {port} is served at {}", listener.local_addr()?);
    serve(&listener, &Bridge::new(line), usize::MAX);
    Ok(())
}
