//! Edge values of every construct: the same as in samples.c, by another hand.

use oncilla::xdr::List;

use crate::constructs::*;

fn chunk(bytes: &[u8]) -> Chunk {
    Chunk::from_slice(bytes).unwrap()
}

fn word(text: &str) -> Word {
    text.try_into().unwrap()
}

fn some<T: Clone, const N: usize>(elements: &[T]) -> heapless::Vec<T, N> {
    heapless::Vec::from_slice(elements).unwrap()
}

const fn point(x: i32, y: i32) -> Point {
    Point { x, y }
}

/// A value of each integer type, whether its bits are those of -1 or 1, and so on.
fn number(signed: i8, unsigned: i8, real: f32, precise: f64, truth: bool, shade: Color) -> Numbers {
    Numbers {
        tiny: signed,
        octet: unsigned as u8,
        small: signed.into(),
        half: unsigned as u16,
        plain: signed.into(),
        natural: unsigned as u32,
        big: signed.into(),
        bigger: unsigned as u64,
        real,
        precise,
        truth,
        shade,
    }
}

pub fn numbers() -> Vec<Numbers> {
    let lowest = Numbers {
        tiny: i8::MIN,
        small: i16::MIN,
        plain: i32::MIN,
        big: i64::MIN,
        ..number(0, 0, -0.0, -0.0, false, Color::Infrared)
    };
    let highest = Numbers {
        tiny: i8::MAX,
        small: i16::MAX,
        plain: i32::MAX,
        big: i64::MAX,
        ..number(0, -1, f32::MAX, f64::MAX, true, Color::Ultraviolet)
    };
    // The order of bytes shows, and what is cut off.
    let ordered = Numbers {
        tiny: 1,
        octet: 2,
        small: 0x0102,
        half: 0x0304,
        plain: 0x0102_0304,
        natural: 0x0506_0708,
        big: 0x0102_0304_0506_0708,
        bigger: 0x090a_0b0c_0d0e_0f10,
        ..number(0, 0, f32::INFINITY, f64::NEG_INFINITY, true, Color::Black)
    };
    // Numbers that are none, which must keep their bits: signalling ones, and quiet ones with a sign.
    let (signalling, quiet) = (f32::from_bits(0x7f81_2345), f32::from_bits(0xffc0_0001));
    let (signalling_too, quiet_too) = (f64::from_bits(0x7ff1_2345_6789_abcd), f64::from_bits(0xfff8_0000_0000_0001));
    vec![
        number(0, 0, 0.0, 0.0, false, Color::Black),
        lowest,
        highest,
        number(-1, 1, signalling, signalling_too, true, Color::Red),
        number(-2, -2, quiet, quiet_too, true, Color::Green),
        ordered,
        number(0, 0, f32::from_bits(1), f64::from_bits(1), false, Color::Black),
    ]
}

pub fn octets() -> Vec<Octets> {
    let octets = |fixed, bounded: &[u8], text, full: &[u8; 4], endless: &[u8]| Octets {
        fixed,
        bounded: chunk(bounded),
        text: word(text),
        full: *full,
        endless: some(endless),
    };
    vec![
        octets([0; 5], b"", "", &[0; 4], b""),
        octets([0xff; 5], &[1, 2, 3, 4, 5, 6], "hello world", b"full", &[0x80, 0x81, 0x82, 0x83, 0x84]),
        octets([1, 2, 3, 4, 5], &[0xff], "ab", &[0, 1, 0, 1], &[0; 3]),
        octets([5, 4, 3, 2, 1], &[0, 0xff], "abc", &[1, 0, 1, 0], b"four"),
        octets([0, 0, 0, 0, 1], b"abc", "abcd", &[0, 0, 0, 1], &[0]),
    ]
}

pub fn arrays() -> Vec<Arrays> {
    vec![
        Arrays {
            fixed: [0; 3],
            variable: some(&[]),
            words: some(&[]),
            serials: [[0; 5]; 2],
            chunks: some(&[]),
            shades: [Color::Black; 2],
            flags: some(&[]),
            precise: some(&[]),
        },
        Arrays {
            fixed: [i32::MIN, -1, i32::MAX],
            variable: some(&[i64::MIN, -1, 0, i64::MAX]),
            words: some(&[word(""), word("eleven byte"), word("x")]),
            serials: [[1, 2, 3, 4, 5], [6, 7, 8, 9, 10]],
            chunks: some(&[chunk(b"123456"), chunk(b""), chunk(b"7")]),
            shades: [Color::Infrared, Color::Ultraviolet],
            flags: some(&[true, false, true, true, false]),
            precise: some(&[1.5, f64::NEG_INFINITY]),
        },
        Arrays {
            fixed: [1, 2, 3],
            variable: some(&[1 << 32]),
            words: some(&[word("one")]),
            serials: [[0xff, 0, 0xff, 0, 0xff], [0, 0xff, 0, 0xff, 0]],
            chunks: some(&[chunk(b"12345")]),
            shades: [Color::Red, Color::Green],
            flags: some(&[false]),
            precise: some(&[0.1]),
        },
    ]
}

pub fn shapes() -> Vec<Shape> {
    let shape = |center, corners: &[Point], anchor, mark: Option<&[u8]>| Shape {
        center,
        corners: some(corners),
        anchor,
        mark: mark.map(chunk),
    };
    vec![
        shape(point(0, 0), &[], None, None),
        shape(point(i32::MIN, i32::MAX), &[point(1, 2), point(3, 4), point(5, 6)], Some(point(-1, -2)), Some(b"")),
        shape(point(7, 8), &[point(9, 10)], None, Some(b"mark")),
        shape(point(-7, -8), &[], Some(point(0, 0)), None),
    ]
}

pub fn maybes() -> Vec<Option<i32>> {
    vec![None, Some(i32::MIN), Some(0), Some(i32::MAX)]
}

pub fn lists() -> Vec<Nodes> {
    let list =
        |nodes: &[(i32, &str)]| List(nodes.iter().map(|&(value, label)| Node { value, label: word(label) }).collect());
    let numbered = |number: usize| Node { value: number as i32, label: word(&format!("n{number}")) };
    vec![
        list(&[]),
        list(&[(i32::MIN, "")]),
        list(&[(1, "one"), (2, "two"), (-3, "eleven byte")]),
        List((0..40).map(numbered).collect()),
    ]
}

pub fn unions() -> Vec<Unions> {
    let unions = |number, natural, shade, truth| Unions { number, natural, shade, truth };
    let nothing = |number: u32| ByNatural::Nothing(number as i32);
    vec![
        unions(
            ByNumber::Place(point(1, -1)),
            ByNatural::Big(i64::MIN),
            ByColor::Place(point(2, -2)),
            ByTruth::Value(u64::MAX),
        ),
        unions(ByNumber::Nothing, nothing(0), ByColor::Precise(-2.5), ByTruth::Unknown),
        unions(ByNumber::Data(chunk(b"seven")), nothing(u32::MAX), ByColor::Nothing, ByTruth::Value(0)),
        unions(
            ByNumber::Name(0, word("the default")),
            nothing(3_999_999_999),
            ByColor::Place(point(0, 0)),
            ByTruth::Unknown,
        ),
        unions(ByNumber::Name(i32::MAX, word("")), nothing(1 << 31), ByColor::Precise(0.0), ByTruth::Value(1)),
        unions(ByNumber::Data(chunk(b"")), ByNatural::Big(1), ByColor::Nothing, ByTruth::Unknown),
    ]
}

pub fn mixed() -> Vec<Mixed> {
    vec![
        Mixed {
            octet: 0,
            big: 0,
            text: word(""),
            data: chunk(b""),
            truth: false,
            shade: Color::Black,
            real: 0.0,
            place: point(0, 0),
        },
        Mixed {
            octet: 255,
            big: i64::MIN,
            text: word("eleven byte"),
            data: chunk(&[1, 2, 3, 4, 5, 6]),
            truth: true,
            shade: Color::Infrared,
            real: f32::from_bits(0x7f80_0001),
            place: point(i32::MIN, i32::MAX),
        },
        Mixed {
            octet: 128,
            big: 1,
            text: word("abc"),
            data: chunk(b"abcde"),
            truth: true,
            shade: Color::Ultraviolet,
            real: -1.5,
            place: point(1, 2),
        },
    ]
}

pub fn words() -> [&'static str; 8] {
    ["", "a", "ab", "abc", "abcd", "abcde", "eleven byte", "ünïcödé"]
}

fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i * 7 + i / 251) as u8).collect()
}

pub fn pieces() -> Vec<Vec<u8>> {
    [0, 1, 2, 3, 4, 4095, 8190, PIECE_MAX].map(pattern).to_vec()
}

pub fn bulks() -> Vec<Vec<u8>> {
    [0, 1, 65_536, 262_143, BULK_MAX].map(pattern).to_vec()
}

/// Somebody who calls.
pub struct User {
    pub machine: String,
    pub uid: u32,
    pub gid: u32,
    pub groups: &'static [u32],
}

/// The smallest, a usual and the largest user.
pub fn users() -> [User; 3] {
    let user = |machine: &str, uid, gid, groups| User { machine: machine.to_owned(), uid, gid, groups };
    [
        user("", 0, 0, &[]),
        user("machine", 1000, 100, &[4, 24]),
        user(&"m".repeat(255), u32::MAX, u32::MAX, &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, u32::MAX]),
    ]
}
