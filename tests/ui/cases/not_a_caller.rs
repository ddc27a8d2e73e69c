//? a `Link` or a transport becomes one: `Client::new(Link::new(transport, rx, tx), first_xid)`
//? `CallsInFlight::<_, 4, SLOT_MAX>::new(client)` makes four slots
use oncilla::{Client, Link, Transport};

oncilla::program! {
    pub mod notes = 0x2000_0042, version 1 {
        fn read() -> u32 = 1;
    }
}

fn link<T: Transport>(mut link: Link<T, [u8; 64]>) {
    let _ = notes::Client::new(&mut link); //~ calls cannot be made on
}

fn client<T: Transport>(mut client: Client<T, [u8; 64]>) {
    let _ = notes::start::read(&mut client); //~ calls cannot be in flight on
}

fn with_link<C: oncilla::LinkCaller>(_: C) {}

fn slots<C: oncilla::Caller>(caller: C) {
    with_link(caller); //~ calls in flight need a link, and `C` has none
}

fn main() {}
