//! Texts that are not UTF-8.

use oncilla_dynamic::{Payload, Texts};
use serde_json::json;

use crate::types::echo;

#[test]
fn bytes_of_another_character_set_come_back() {
    let interface = echo("typedef string name<6>;", "name").texts(Texts::Latin1);
    for interface in [interface.clone(), interface.payload(Payload::Postcard)] {
        let name = interface.type_("name").unwrap();
        let right = name.encode(&json!({"latin1": "caf\u{e9}"})).unwrap();
        assert!(right.ends_with(b"caf\xe9"));
        assert_eq!(name.decode(&right).unwrap(), json!({"latin1": "caf\u{e9}"}));
        // Every text of one byte or two.
        for first in 0..=255 {
            for second in [None].into_iter().chain((0..=255).map(Some)) {
                let bytes: Vec<u8> = [Some(first), second].into_iter().flatten().collect();
                let length = bytes.len() as u32;
                let message = match right.len() {
                    5 => [&[length as u8], &bytes[..]].concat(),
                    _ => [&length.to_be_bytes(), &bytes[..], &[0; 4][bytes.len()..]].concat(),
                };
                let value = name.decode(&message).unwrap();
                assert_eq!(value.is_string(), std::str::from_utf8(&bytes).is_ok(), "{value}");
                assert_eq!(name.encode(&value).unwrap(), message);
            }
        }
    }
}

#[test]
fn only_latin_1_is_encoded_so_and_only_if_asked() {
    let interface = echo("typedef string name<6>;", "name");
    let cafe = json!({"latin1": "caf\u{e9}"});
    let error = |interface: &oncilla_dynamic::Interface, value| {
        interface.type_("name").unwrap().encode(&value).unwrap_err().to_string()
    };
    assert_eq!(error(&interface, cafe.clone()), "expected a text, found an object with 1 names");
    let refused = interface.type_("name").unwrap().decode(b"\0\0\0\x04caf\xe9").unwrap_err().to_string();
    assert_eq!(refused, "expected text in UTF-8, found other bytes at byte 0");
    let interface = interface.texts(Texts::Latin1);
    let expected = "expected a text, or an object with only the name `latin1` and characters up to U+00FF";
    for value in [json!({"latin1": "\u{100}"}), json!({"latin1": 1}), json!({"latin": "a"}), json!({})] {
        assert!(error(&interface, value).starts_with(expected));
    }
    // Bytes are counted, not characters of the JSON.
    assert!(interface.type_("name").unwrap().encode(&json!({"latin1": "\u{e9}".repeat(6)})).is_ok());
    assert_eq!(error(&interface, json!({"latin1": "\u{e9}".repeat(7)})), "expected at most 6 bytes, found 7");
    assert_eq!(error(&interface, json!("\u{e9}\u{e9}\u{e9}\u{e9}")), "expected at most 6 bytes, found 8");
}
