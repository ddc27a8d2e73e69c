//! Types, procedures and arguments may have any name: those that `program!` uses inside do not get
//! in their way.

use oncilla::framing::Record;

use crate::loopback::client;

macro_rules! structs {
    ($($name:ident)*) => {$(
        oncilla::xdr_struct! { #[derive(Debug, PartialEq)] pub struct $name { pub number: u32 } }
    )*};
}

structs! { S T E C State Encoding Encoded Xdr Call Writer Reader }

mod run {
    structs! { Speed }
}
mod tickets {
    structs! { Price }
}
mod starting {
    structs! { Place }
}

oncilla::program! {
    mod odd = 0x2000_0300, version 1 {
        fn run(state: u32, call: u32, room: u32) -> u32 = 1;
        fn call(arguments: u32, results: u32, more: u32) -> u32 = 2;
        fn types(a: S, b: T, c: E, d: State) -> S = 3;
        fn encodings(a: Encoding, b: Encoded, c: Xdr, d: Call) -> Encoding = 4;
        fn program(value: u32, service: Writer) -> Reader = 5;
        fn r#match(r#type: u32) -> u32 = 6;
        fn new_client(caller: u32, this: u32,) -> u32 = 7;
        fn bool(value: bool) -> bool = 8;
        fn hidden(a: C, b: run::Speed, c: tickets::Price, d: starting::Place) -> run::Speed = 9;
    }
}

struct Device;

impl odd::Service for Device {
    fn run(&mut self, state: u32, call: u32, room: u32) -> u32 {
        state + 10 * call + 100 * room
    }
    fn call(&mut self, arguments: u32, results: u32, more: u32) -> u32 {
        arguments + 10 * results + 100 * more
    }
    fn types(&mut self, a: S, b: T, c: E, d: State) -> S {
        S { number: a.number + 10 * b.number + 100 * c.number + 1000 * d.number }
    }
    fn encodings(&mut self, a: Encoding, b: Encoded, c: Xdr, d: Call) -> Encoding {
        Encoding { number: a.number + 10 * b.number + 100 * c.number + 1000 * d.number }
    }
    fn program(&mut self, value: u32, service: Writer) -> Reader {
        Reader { number: value + 10 * service.number }
    }
    fn r#match(&mut self, r#type: u32) -> u32 {
        r#type
    }
    fn new_client(&mut self, caller: u32, this: u32) -> u32 {
        caller + this
    }
    fn bool(&mut self, value: bool) -> bool {
        !value
    }
    fn hidden(&mut self, a: C, b: run::Speed, c: tickets::Price, d: starting::Place) -> run::Speed {
        run::Speed { number: a.number + 10 * b.number + 100 * c.number + 1000 * d.number }
    }
}

static TABLE: oncilla::Table<Device> = oncilla::table![odd::program()];

#[test]
fn interfaces_of_any_name() {
    let mut client = client::<Record, _>(&TABLE, Device);
    let mut odd = odd::Client::new(&mut client);
    assert_eq!(odd.run(1, 2, 3), Ok(321));
    assert_eq!(odd.call(1, 2, 3), Ok(321));
    assert_eq!(
        odd.types(S { number: 1 }, T { number: 2 }, E { number: 3 }, State { number: 4 }),
        Ok(S { number: 4321 })
    );
    let encoding = odd.encodings(Encoding { number: 1 }, Encoded { number: 2 }, Xdr { number: 3 }, Call { number: 4 });
    assert_eq!(encoding, Ok(Encoding { number: 4321 }));
    assert_eq!(odd.program(1, Writer { number: 2 }), Ok(Reader { number: 21 }));
    assert_eq!(odd.r#match(6), Ok(6));
    assert_eq!(odd.new_client(3, 4), Ok(7));
    assert_eq!(odd.bool(true), Ok(false));
    let (speed, price, place) = (run::Speed { number: 2 }, tickets::Price { number: 3 }, starting::Place { number: 4 });
    assert_eq!(odd.hidden(C { number: 1 }, speed, price, place), Ok(run::Speed { number: 4321 }));
}
