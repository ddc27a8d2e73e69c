//! The phone book's client: `phonebook_client PORT`.

use std::time::Duration;

include!(concat!(env!("OUT_DIR"), "/phonebook.rs"));

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port: u16 = std::env::args().nth(1).ok_or("usage: phonebook_client PORT")?.parse()?;
    let mut client = oncilla_host::tcp(("127.0.0.1", port))?;
    client.set_timeout(Duration::from_secs(25));
    let mut phonebook = phonebook_1::Client::new(&mut client);
    if !phonebook.add(Entry { name: "Grace".try_into()?, number: 1906 })? {
        return Err("the phone book is full".into());
    }
    if let LookupResult::Found(entry) = phonebook.lookup("Grace".try_into()?)? {
        println!("{} has {}", entry.name, entry.number);
    }
    println!("{} entries", phonebook.list()?.len());
    Ok(())
}
