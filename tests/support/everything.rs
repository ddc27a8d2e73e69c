//! A program with a procedure for every kind of type, which sends back what it is sent.

use oncilla::xdr::Array;

use crate::types::*;

macro_rules! echoes {
    ($(#[$attribute:meta])* $module:ident = $number:literal $(, payload $payload:ident)?) => {
        oncilla::program! {
            $(#[$attribute])*
            pub mod $module = $number, version 1 $(, payload $payload)? {
                fn nothing() = 1;
                fn flag(value: bool) -> bool = 2;
                fn byte(value: u8) -> u8 = 3;
                fn small(a: i8, b: u8, c: i16, d: u16) -> (i8, bool, i16, u16) = 4;
                fn numbers(a: i32, b: u32, c: i64, d: u64) -> (i32, u32, i64, u64) = 5;
                fn floats(a: f32, b: f64) -> (f32, f64) = 6;
                fn fixed(value: [u8; 5]) -> [u8; 5] = 7;
                fn long(value: Array<u8, 33>) -> Array<u8, 33> = 8;
                fn opaque(value: &[u8] [..61]) -> &[u8] [..61] = 9;
                fn bytes(value: heapless::Vec<u8, 9>) -> heapless::Vec<u8, 9> = 10;
                fn text(value: &str [..30]) -> &str [..30] = 11;
                fn string(value: heapless::String<9>) -> heapless::String<9> = 12;
                fn list(value: heapless::Vec<i32, 4>) -> heapless::Vec<i32, 4> = 13;
                fn lists(value: heapless::Vec<heapless::Vec<u16, 2>, 3>) -> heapless::Vec<heapless::Vec<u16, 2>, 3> = 14;
                fn maybe(value: Option<u64>) -> Option<u64> = 15;
                fn result(value: Result<i32, Color>) -> Result<i32, Color> = 16;
                fn level(value: Level) -> Level = 17;
                fn shape(value: Shape) -> Shape = 18;
                fn outcome(value: Outcome) -> Outcome = 19;
                fn chain(value: Chain) -> Chain = 20;
                fn octets(value: heapless::Vec<Octet, 6>) -> heapless::Vec<Octet, 6> = 21;
                fn sample(value: Sample) -> Sample = 22;
                fn packet(value: Packet<'_>) -> u32 = 23;
            }
        }

        impl $module::Service for Echo {
            fn nothing(&mut self) {
                self.runs += 1;
            }
            fn small(&mut self, a: i8, b: u8, c: i16, d: u16) -> (i8, bool, i16, u16) {
                self.runs += 1;
                (a, b != 0, c, d)
            }
            fn numbers(&mut self, a: i32, b: u32, c: i64, d: u64) -> (i32, u32, i64, u64) {
                self.runs += 1;
                (a, b, c, d)
            }
            fn floats(&mut self, a: f32, b: f64) -> (f32, f64) {
                self.runs += 1;
                (a, b)
            }
            fn opaque<'a>(&'a mut self, value: &'a [u8]) -> &'a [u8] {
                self.runs += 1;
                value
            }
            fn text<'a>(&'a mut self, value: &'a str) -> &'a str {
                self.runs += 1;
                value
            }
            fn packet(&mut self, value: Packet<'_>) -> u32 {
                self.runs += 1;
                match value {
                    Packet::Ping => 0,
                    Packet::Blob(blob) => blob.iter().copied().map(u32::from).sum(),
                    Packet::Other(_, words) => words.iter().copied().map(u32::from).sum(),
                }
            }
            same! {
                flag: bool, byte: u8, fixed: [u8; 5], long: Array<u8, 33>, bytes: heapless::Vec<u8, 9>,
                string: heapless::String<9>, list: heapless::Vec<i32, 4>,
                lists: heapless::Vec<heapless::Vec<u16, 2>, 3>, maybe: Option<u64>, result: Result<i32, Color>,
                level: Level, shape: Shape, outcome: Outcome, chain: Chain, octets: heapless::Vec<Octet, 6>,
                sample: Sample,
            }
        }
    };
}

macro_rules! same {
    ($($procedure:ident: $type:ty),* $(,)?) => {$(
        fn $procedure(&mut self, value: $type) -> $type {
            self.runs += 1;
            value
        }
    )*};
}

/// The server's state: how many procedures it ran.
#[derive(Debug, Default, PartialEq)]
pub struct Echo {
    pub runs: u32,
}

echoes! {
    /// In XDR.
    everything = 0x2000_0100
}

#[cfg(feature = "postcard")]
echoes! {
    /// The same in postcard.
    compact = 0x2000_0101, payload Postcard
}

#[cfg(feature = "postcard")]
pub static TABLE: oncilla::Table<Echo> = oncilla::table![everything::program(), compact::program()];
#[cfg(not(feature = "postcard"))]
pub static TABLE: oncilla::Table<Echo> = oncilla::table![everything::program()];
