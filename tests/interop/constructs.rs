//! constructs.x in Rust.

use oncilla::xdr::List;

pub type Serial = [u8; 5];
pub type Chunk = heapless::Vec<u8, 6>;
pub type Word = heapless::String<11>;

oncilla::xdr_enum! {
    pub enum Color {
        Infrared = i32::MIN,
        Red = -1,
        Black = 0,
        Green = 1,
        Ultraviolet = i32::MAX,
    }
}

oncilla::xdr_struct! {
    #[derive(Clone)]
    pub struct Numbers {
        pub tiny: i8,
        pub octet: u8,
        pub small: i16,
        pub half: u16,
        pub plain: i32,
        pub natural: u32,
        pub big: i64,
        pub bigger: u64,
        pub real: f32,
        pub precise: f64,
        pub truth: bool,
        pub shade: Color,
    }
}

oncilla::xdr_struct! {
    #[derive(Clone)]
    pub struct Octets {
        pub fixed: Serial,
        pub bounded: Chunk,
        pub text: Word,
        pub full: [u8; 4],
        pub endless: heapless::Vec<u8, 64>,
    }
}

oncilla::xdr_struct! {
    #[derive(Clone)]
    pub struct Arrays {
        pub fixed: [i32; 3],
        pub variable: heapless::Vec<i64, 4>,
        pub words: heapless::Vec<Word, 3>,
        pub serials: [Serial; 2],
        pub chunks: heapless::Vec<Chunk, 3>,
        pub shades: [Color; 2],
        pub flags: heapless::Vec<bool, 5>,
        pub precise: heapless::Vec<f64, 2>,
    }
}

oncilla::xdr_struct! {
    #[derive(Clone, Copy)]
    pub struct Point {
        pub x: i32,
        pub y: i32,
    }
}

oncilla::xdr_struct! {
    #[derive(Clone)]
    pub struct Shape {
        pub center: Point,
        pub corners: heapless::Vec<Point, 3>,
        pub anchor: Option<Point>,
        pub mark: Option<Chunk>,
    }
}

oncilla::xdr_struct! {
    #[derive(Clone)]
    pub struct Node {
        pub value: i32,
        pub label: Word,
    }
}

pub type Nodes = List<Node, 40>;

oncilla::xdr_union! {
    #[derive(Clone)]
    pub enum ByNumber {
        Place(Point) = i32::MIN,
        Nothing = -1,
        Data(Chunk) = 7,
        _ => Name(Word),
    }
}

oncilla::xdr_union! {
    /// An unsigned discriminant is the int with the same bits.
    #[derive(Clone)]
    pub enum ByNatural {
        Big(i64) = 4_000_000_000_u32 as i32,
        _ => Nothing,
    }
}

oncilla::xdr_union! {
    #[derive(Clone)]
    pub enum ByColor {
        Place(Point) = Color::Infrared.number(),
        Precise(f64) = Color::Green.number(),
        Nothing = Color::Ultraviolet.number(),
    }
}

oncilla::xdr_union! {
    #[derive(Clone)]
    pub enum ByTruth {
        Value(u64) = 1,
        Unknown = 0,
    }
}

oncilla::xdr_struct! {
    #[derive(Clone)]
    pub struct Unions {
        pub number: ByNumber,
        pub natural: ByNatural,
        pub shade: ByColor,
        pub truth: ByTruth,
    }
}

oncilla::xdr_struct! {
    #[derive(Clone)]
    pub struct Mixed {
        pub octet: u8,
        pub big: i64,
        pub text: Word,
        pub data: Chunk,
        pub truth: bool,
        pub shade: Color,
        pub real: f32,
        pub place: Point,
    }
}

pub const PIECE_MAX: usize = 50_001;
pub const BULK_MAX: usize = 300_000;

oncilla::program! {
    #[allow(clippy::too_many_arguments)]
    pub mod constructs = 0x2000_0777, version 1 {
        fn echo_nothing() = 1;
        fn echo_numbers(value: Numbers) -> Numbers = 2;
        fn echo_octets(value: Octets) -> Octets = 3;
        fn echo_arrays(value: Arrays) -> Arrays = 4;
        fn echo_shape(value: Shape) -> Shape = 5;
        fn echo_maybe(value: Option<i32>) -> Option<i32> = 6;
        fn echo_list(value: Nodes) -> Nodes = 7;
        fn echo_unions(value: Unions) -> Unions = 8;
        fn mix(
            octet: u8, big: i64, text: Word, data: Chunk, truth: bool, shade: Color, real: f32, place: Point
        ) -> Mixed = 9;
        fn echo_word(value: &str [..11]) -> &str [..11] = 10;
        fn echo_piece(value: &[u8] [..PIECE_MAX]) -> &[u8] [..PIECE_MAX] = 11;
        fn echo_bulk(value: &[u8] [..BULK_MAX]) -> &[u8] [..BULK_MAX] = 12;
        fn seen() -> &str [..8000] = 13;
        /// It adds to what SEEN tells.
        fn note(text: &str [..11]) = 14, oneway;
        /// Who calls: the user, its groups and its machine.
        fn caller() -> &str [..8000] = 15;
    }
}
