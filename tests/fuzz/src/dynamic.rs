//! Values and interfaces of which only a description is known.

use std::sync::OnceLock;

use oncilla_dynamic::{Interface, Limits};

use crate::interfaces;

/// Types of every shape, recursive ones among them.
const TYPES: [&str; 2] = [include_str!("../../generated/recursive.x"), include_str!("../../interop/constructs.x")];

/// The largest number of procedures of a received interface that are tried.
const TRIED_MAX: usize = 8;

/// Decodes the results of the procedure that the first byte selects. What is decoded is encoded to bytes that decode to
/// the same value, and takes limited memory.
///
/// # Panics
/// When it does not.
pub fn values(data: &[u8]) {
    static INTERFACES: OnceLock<Vec<Interface>> = OnceLock::new();
    let parse = |text: &&str| Interface::parse(text).expect("the file is right");
    let interfaces = INTERFACES.get_or_init(|| TYPES.iter().map(parse).collect());
    let Some((&choice, bytes)) = data.split_first() else { return };
    let choice = usize::from(choice);
    let Some(interface) = interfaces.get(choice % TYPES.len()) else { return };
    comes_back(interface, choice / TYPES.len(), bytes);
}

/// Parses any text, and decodes a few bytes as what it declares.
///
/// # Panics
/// When that panics, or takes memory without a limit.
pub fn interface(data: &[u8]) {
    let Ok(interface) = Interface::parse(&String::from_utf8_lossy(data)) else { return };
    let interface = interface.limits(Limits { memory: 1 << 16, ..Limits::default() });
    let bytes: Vec<u8> = [0, 0, 0, 1].repeat(16);
    for number in 0..interface.procedures().count().min(TRIED_MAX) {
        comes_back(&interface, number, &bytes);
        comes_back(&interface, number, &[0; 64]);
    }
}

fn comes_back(interface: &Interface, number: usize, bytes: &[u8]) {
    let count = interface.procedures().count().max(1);
    let Some(procedure) = interface.procedures().nth(number % count) else { return };
    if let Ok(value) = procedure.decode_results(bytes) {
        let encoded = procedure.encode_results(&value).expect("what was decoded is encoded");
        assert_eq!(encoded.len(), bytes.len());
        assert_eq!(procedure.decode_results(&encoded), Ok(value));
    }
}

/// Words that fit many types, for each procedure.
pub fn value_seeds() -> Vec<Vec<u8>> {
    let words: [&[u8]; 4] =
        [&[0, 0, 0, 0], &[0, 0, 0, 1], &[0, 0, 0, 1, 0, 0, 0, 0], &[0, 0, 0, 4, b't', b'e', b'x', b't']];
    let seed = |choice: u8, word: &[u8]| [&[choice][..], &word.repeat(8)].concat();
    (0..48).flat_map(|choice| words.map(|word| seed(choice, word))).collect()
}

/// The files of the compiler's tests.
pub fn interface_seeds() -> Vec<Vec<u8>> {
    let mut seeds = interfaces::seeds();
    seeds.extend(TYPES.map(|text| text.as_bytes().to_vec()));
    seeds
}
