use oncilla::framing::Framing;
use oncilla::{Client, Clock, Endpoint, Link, Table, Transport};

/// What has no trait of this library.
struct Plain;

fn client<T: Transport>(client: Client<T, [u8; 64]>) {
    let _ = client.with_credential(Plain); //~ `Plain` is not a credential
}

fn endpoint<T: Transport>(link: Link<T, [u8; 64]>, table: &'static Table<()>) {
    let _ = Endpoint::new(link, table, (), 1).with_replay(Plain); //~ `Plain` is not a replay cache
}

fn clock(_: impl Clock) {}

fn framing<F: Framing>(_: F) {}

fn main() {
    clock(Plain); //~ `Plain` is not a clock
    framing(Plain); //~ `Plain` is not a framing
    let _ = oncilla::Reader::new(&[]).take::<Plain, u32>(); //~ `Plain` is not an encoding of arguments and results
}
