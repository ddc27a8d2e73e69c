//! What is decoded is encoded to the same bytes.

use oncilla_dynamic::{Bytes, Interface, Procedure, ValueError};

use crate::sample::{Random, sample};
use crate::types::file;

/// The number of messages for each procedure and direction.
const SAMPLES: usize = 20;

/// Files with every construct, and interfaces of RFCs.
pub const FILES: [&str; 8] = [
    "tests/suite/suite.x",
    "tests/interop/constructs.x",
    "tests/generated/dialect.x",
    "tests/generated/recursive.x",
    "examples/sensor/sensor.x",
    "targets/rpcgen/tests/accepted/discriminants.x",
    "targets/rpcgen/tests/accepted/bool_union.x",
    "targets/rpcgen/tests/accepted/switch_hyper.x",
];

#[test]
fn every_type_comes_back() {
    for path in FILES {
        for interface in [file(path), file(path).bytes(Bytes::Base64)] {
            let (mut random, mut all, mut found) = (Random(1), 0, 0);
            for procedure in interface.procedures() {
                all += 2 * SAMPLES;
                found += comes_back(procedure, &mut random);
            }
            assert!(found * 10 >= all * 9, "{path}: only {found} of {all} messages were found");
        }
    }
}

/// Returns the number of messages.
fn comes_back(procedure: Procedure<'_>, random: &mut Random) -> usize {
    let mut found = 0;
    for _ in 0..SAMPLES {
        if let Some((message, value)) = sample(random, |bytes| procedure.decode_results(bytes)) {
            let encoded = procedure.encode_results(&value);
            is_same(&encoded, &message, procedure.short_name());
            // Through the text of the JSON, which a file or another program may have held.
            let again: serde_json::Value = serde_json::from_str(&value.to_string()).unwrap();
            assert_eq!(value, again);
            found += 1;
        }
        if let Some((message, value)) = sample(random, |bytes| procedure.decode_arguments(bytes)) {
            let encoded = procedure.encode_arguments(&value);
            is_same(&encoded, &message, procedure.short_name());
            // In their order, without names.
            let values = procedure.arguments().map(|name| value[name].clone()).collect();
            assert_eq!(procedure.encode_arguments(&serde_json::Value::Array(values)), encoded);
            found += 1;
        }
    }
    found
}

/// Checks that the bytes are those of the message. Only a `char` or a `short` may have been sent with the other sign.
fn is_same(encoded: &Result<Vec<u8>, ValueError>, message: &[u8], name: &str) {
    let encoded = encoded.as_ref().unwrap_or_else(|error| panic!("{name}: {error}"));
    let words = |bytes: &[u8]| -> Vec<i64> {
        bytes.chunks(4).map(|word| i32::from_be_bytes(word.try_into().unwrap()).into()).collect()
    };
    let same = |(a, b): (i64, i64)| [0, 256, 65536].contains(&(a - b).abs());
    let all = encoded.len() == message.len() && words(encoded).into_iter().zip(words(message)).all(same);
    assert!(all, "{name}: {encoded:02x?} instead of {message:02x?}");
}

#[test]
fn interfaces_of_rfcs_are_read() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../rpcgen/tests/x");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "x") {
            let interface = Interface::parse_file(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            seen += interface.procedures().count();
        }
    }
    assert!(seen > 50, "{seen}");
}
