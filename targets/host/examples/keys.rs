//! A door whose server has the keys of two clients, with different rights, and a client with one of the keys.
//!
//! ```text
//! oncilla key new --id 1 --name visitor visitor.key
//! oncilla key new --id 2 --name porter porter.key
//! cat visitor.key porter.key > door.key && chmod 600 door.key
//! cargo run -p oncilla-host --features keys --example keys serve door.key
//! cargo run -p oncilla-host --features keys --example keys open porter.key
//! ```

use std::error::Error;
use std::sync::atomic::{AtomicU64, Ordering};

use oncilla_host::keys::{KeyClient, KeyFile, KeyId, KeyServer, Side};
use oncilla_host::{Access, Connector, Event, Server};

oncilla::program! {
    /// A door.
    pub mod door = 0x2000_0008, version 1 {
        /// Returns whether it is open.
        fn state() -> bool = 1, idempotent;
        /// Opens it.
        fn open() = 2;
    }
}

struct Door {
    open: bool,
}

impl door::Service for Door {
    fn state(&mut self) -> bool {
        self.open
    }

    fn open(&mut self) {
        self.open = true;
    }
}

static TABLE: oncilla::Table<Door> = oncilla::table![door::program()];

/// Allows key 1 to look at the door, and key 2 also to open it.
fn serve(file: &str) -> Result<(), Box<dyn Error>> {
    let keys = KeyServer::new(&KeyFile::read(file)?)?.side(Side::Device);
    let mut server = Server::new()?
        .tcp("127.0.0.1:20051")?
        .udp("127.0.0.1:20051")?
        .keys(keys)
        .allow(Access::key(KeyId(1)).procedures(door::PROGRAM, door::VERSION, &[1]))
        .allow(Access::key(KeyId(2)))
        .observe(log())
        .stop_on_signals()?;
    Ok(server.serve(&TABLE, &mut Door { open: false })?)
}

/// Returns an observer that prints events. Anybody can send datagrams that do not verify, so of those it prints the first
/// one, the tenth one, the hundredth one and so on, with their number.
fn log() -> impl Fn(&Event<'_>) {
    let dropped = AtomicU64::new(0);
    move |event| {
        if !matches!(event, Event::Dropped { .. }) {
            return println!("{event}");
        }
        let count = dropped.fetch_add(1, Ordering::Relaxed) + 1;
        if count == 10_u64.pow(count.ilog10()) {
            println!("{event}; {count} dropped so far");
        }
    }
}

/// Opens the door, and returns whether it is open then.
fn open(file: &str) -> Result<bool, Box<dyn Error>> {
    let key = KeyClient::new(&KeyFile::read(file)?)?;
    let mut client = Connector::new().keyed_udp("127.0.0.1:20051", &key)?;
    let mut door = door::Client::new(&mut client);
    door.open()?;
    Ok(door.state()?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<_> = std::env::args().skip(1).collect();
    match &*words.iter().map(String::as_str).collect::<Vec<_>>() {
        ["serve", file] => serve(file),
        ["open", file] => {
            println!("open: {}", open(file)?);
            Ok(())
        }
        _ => Err("write: keys serve FILE, or keys open FILE".into()),
    }
}
