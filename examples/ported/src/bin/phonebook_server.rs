//! The phone book's server: `phonebook_server PORT`.

include!(concat!(env!("OUT_DIR"), "/phonebook.rs"));

#[derive(Default)]
struct Book {
    entries: Entries,
}

impl phonebook_1::Service for Book {
    fn lookup(&mut self, name: heapless::String<PERSON_MAX>) -> LookupResult {
        match self.entries.iter().find(|entry| entry.name == name) {
            Some(entry) => LookupResult::Found(entry.clone()),
            None => LookupResult::Unknown,
        }
    }

    fn add(&mut self, added: Entry) -> bool {
        self.entries.push(added).is_ok()
    }

    fn list(&mut self) -> Entries {
        self.entries.clone()
    }
}

static TABLE: oncilla::Table<Book> = oncilla::table![phonebook_1::program()];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port: u16 = std::env::args().nth(1).ok_or("usage: phonebook_server PORT")?.parse()?;
    let server = oncilla_host::Server::new()?.call_max(phonebook_1::CALL_MAX).stop_on_signals()?;
    let mut server = server.tcp(("127.0.0.1", port))?.udp(("127.0.0.1", port))?;
    println!("serving on {}", server.tcp_addresses()[0]);
    server.serve(&TABLE, &mut Book::default())?;
    Ok(())
}
