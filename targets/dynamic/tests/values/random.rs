//! Values that nobody chose fit their types.

use oncilla_dynamic::Interface;
use serde_json::json;

use crate::sample::Random;
use crate::types::file;

#[test]
fn random_values_of_all_types_encode_to_the_same_bytes() {
    for path in [
        "tests/suite/suite.x",
        "tests/interop/constructs.x",
        "tests/generated/dialect.x",
        "tests/generated/recursive.x",
    ] {
        let interface = file(path);
        let mut random = Random(7);
        for type_ in interface.types() {
            let zero = type_.random(&mut || 0);
            let first = type_.encode(&zero).unwrap_or_else(|error| panic!("{type_}: {zero}: {error}"));
            let mut others = 0;
            for _ in 0..50 {
                let value = type_.random(&mut || random.next());
                let bytes = type_.encode(&value).unwrap_or_else(|error| panic!("{type_}: {value}: {error}"));
                let again = type_.decode(&bytes).unwrap_or_else(|error| panic!("{type_}: {value}: {error}"));
                assert_eq!(type_.encode(&again).unwrap(), bytes, "{type_}: {value}");
                others += u32::from(bytes != first);
            }
            assert!(others > 0 || type_.size().max == Some(type_.size().min), "{type_} is always {zero}");
        }
    }
}

#[test]
fn the_least_value_is_zero_empty_and_first() {
    let interface = Interface::parse(
        "enum color { RED = 3, BLUE = 1 };
         union shape switch (color c) { case BLUE: int radius; case RED: void; };
         struct node { int key; node *next; };
         struct all { unsigned hyper big; int small; bool on; double real; string text<>; opaque bytes[2]; color paint;
                      shape form; node *chain; int *maybe; int several<>; int pair[2]; };",
    )
    .unwrap();
    let expected = json!({
        "big": 0, "small": 0, "on": false, "real": 0.0, "text": "", "bytes": "0000", "paint": "RED",
        "form": {"BLUE": 0}, "chain": [], "maybe": null, "several": [], "pair": [0, 0],
    });
    assert_eq!(interface.type_("all").unwrap().random(&mut || 0), expected);
}

#[test]
fn arrays_of_any_size_take_limited_memory() {
    let text = "typedef int row[4294967295]; typedef row table[4294967295]; typedef opaque data[4294967295];";
    let interface = Interface::parse(text).unwrap();
    for type_ in interface.types() {
        let value = type_.random(&mut || 0);
        assert!(type_.encode(&value).is_err(), "{type_}");
    }
}
