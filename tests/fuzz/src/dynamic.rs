//! Values and interfaces of which only a description is known.

use std::sync::OnceLock;

use oncilla_dynamic::{Candidate, Interface, Limits, Payload, Texts};

use crate::interfaces;

/// Types of every shape, recursive ones among them.
const TYPES: [&str; 2] = [include_str!("../../generated/recursive.x"), include_str!("../../interop/constructs.x")];

/// The largest number of procedures of a received interface that are tried.
const TRIED_MAX: usize = 8;

/// Decodes the results of the procedure that the first byte selects, in XDR and in postcard. What is decoded is encoded
/// to bytes that decode to the same value, and takes limited memory. So is each guess.
///
/// # Panics
/// When it does not.
pub fn values(data: &[u8]) {
    let Some((&choice, bytes)) = data.split_first() else { return };
    let choice = usize::from(choice);
    let Some(interfaces) = interfaces().get(choice % TYPES.len()) else { return };
    for interface in interfaces {
        comes_back(interface, choice / TYPES.len(), bytes);
        guesses_come_back(interface, bytes);
    }
}

/// Reads lines as the words of a call, of the procedure that the first byte selects. Arguments from words are encoded.
///
/// # Panics
/// When they are not.
pub fn words(data: &[u8]) {
    let Some((&choice, text)) = data.split_first() else { return };
    let choice = usize::from(choice);
    let Some([interface, _]) = interfaces().get(choice % TYPES.len()) else { return };
    let text = String::from_utf8_lossy(text);
    let words: Vec<_> = text.lines().collect();
    let count = interface.procedures().count().max(1);
    let Some(procedure) = interface.procedures().nth(choice / TYPES.len() % count) else { return };
    if let Ok(arguments) = procedure.arguments_from_words(&words) {
        let encoded = procedure.encode_arguments(&arguments).expect("arguments from words are encoded");
        procedure.decode_arguments(&encoded).expect("what was encoded is decoded");
    }
}

/// The interfaces of [`TYPES`], each with both payloads.
fn interfaces() -> &'static [[Interface; 2]] {
    static INTERFACES: OnceLock<Vec<[Interface; 2]>> = OnceLock::new();
    let parse = |text: &&str| {
        let interface = Interface::parse(text).expect("the file is right").texts(Texts::Latin1);
        [interface.clone(), interface.payload(Payload::Postcard)]
    };
    INTERFACES.get_or_init(|| TYPES.iter().map(parse).collect())
}

/// Parses any text, decodes a few bytes as what it declares, and makes templates and schemas.
///
/// # Panics
/// When that panics, or takes memory without a limit.
pub fn interface(data: &[u8]) {
    let Ok(interface) = Interface::parse(&String::from_utf8_lossy(data)) else { return };
    let interface = interface.limits(Limits { memory: 1 << 16, ..Limits::default() });
    let bytes: Vec<u8> = [0, 0, 0, 1].repeat(16);
    for interface in [interface.clone(), interface.payload(Payload::Postcard)] {
        for number in 0..interface.procedures().count().min(TRIED_MAX) {
            comes_back(&interface, number, &bytes);
            comes_back(&interface, number, &[0; 64]);
        }
        guesses_come_back(&interface, &bytes);
        for type_ in interface.types().take(TRIED_MAX) {
            if let Ok(template) = type_.template() {
                let encoded = type_.encode(&template).expect("a template is encoded");
                assert!(encoded.len() as u64 >= type_.size().min);
            }
            assert!(type_.json_schema().get("$schema").is_some());
        }
        for procedure in interface.procedures().take(TRIED_MAX) {
            if let Ok(template) = procedure.template() {
                procedure.encode_arguments(&template).expect("a template is encoded");
            }
            assert!(procedure.arguments_schema().get("$schema").is_some());
        }
    }
}

fn comes_back(interface: &Interface, number: usize, bytes: &[u8]) {
    let count = interface.procedures().count().max(1);
    let Some(procedure) = interface.procedures().nth(number % count) else { return };
    if let Ok(value) = procedure.decode_results(bytes) {
        let encoded = procedure.encode_results(&value).expect("what was decoded is encoded");
        // postcard accepts numbers that are longer than they need be.
        assert!(encoded.len() <= bytes.len());
        let size = procedure.results_size();
        assert!(size.min <= encoded.len() as u64 && size.max.is_none_or(|max| encoded.len() as u64 <= max));
        assert_eq!(procedure.decode_results(&encoded), Ok(value));
    }
}

fn guesses_come_back(interface: &Interface, bytes: &[u8]) {
    for guess in interface.guess(bytes) {
        let encoded = match guess.candidate {
            Candidate::Type(type_) => type_.encode(&guess.value),
            Candidate::Arguments(procedure) => procedure.encode_arguments(&guess.value),
            Candidate::Results(procedure) => procedure.encode_results(&guess.value),
        };
        assert!(encoded.expect("what was guessed is encoded").len() <= bytes.len());
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

/// Words of every kind, for each procedure.
pub fn word_seeds() -> Vec<Vec<u8>> {
    let words = [
        "1\n-2\n0x3\ntrue",
        "0x7",
        "key=1\nname=a\nleft.key=2\nleft.name=text\nright=null",
        "arg1={\"key\": 1, \"name\": \"b\"}\narg1.right.key=2\narg1.right.name=",
        "arg1[0].value=1\narg1[1].value=-2",
        "arg1.SUM[0].NUMBER=1\narg1.SUM[1].NEGATED.NUMBER=2",
        "[1, 2]\nlist[0]=1\nlist[1].name=text\nNaN\n1.5",
    ];
    let seed = |choice: u8, word: &str| [&[choice], word.as_bytes()].concat();
    (0..48).flat_map(|choice| words.map(|word| seed(choice, word))).collect()
}
