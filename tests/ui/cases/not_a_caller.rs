//? make a client of a transport: `Client::new(Link::new(transport, rx, tx), first_xid)`
//? `CallsInFlight::<_, 4, SLOT_MAX>::new(client)` has four slots
use oncilla::{Client, Link, Transport};

oncilla::program! {
    pub mod notes = 0x2000_0042, version 1 {
        fn read() -> u32 = 1;
    }
}

fn link<T: Transport>(mut link: Link<T, [u8; 64]>) {
    let _ = notes::Client::new(&mut link); //~ cannot make calls
}

fn client<T: Transport>(mut client: Client<T, [u8; 64]>) {
    let _ = notes::start::read(&mut client); //~ cannot have calls in flight
}

fn with_link<C: oncilla::LinkCaller>(_: C) {}

fn slots<C: oncilla::Caller>(caller: C) {
    with_link(caller); //~ `C` has no link for calls in flight
}

fn main() {}
