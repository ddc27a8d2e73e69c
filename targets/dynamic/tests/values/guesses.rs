//! Guesses of what bytes are.

use oncilla_dynamic::{Interface, Limits, Payload, Texts};
use serde_json::json;

use crate::types::file;

fn guesses(interface: &Interface, bytes: &[u8]) -> Vec<String> {
    interface.guess(bytes).iter().map(|guess| guess.candidate.to_string()).collect()
}

#[test]
fn the_right_message_is_among_the_guesses_and_mostly_the_first() {
    let interface = file("examples/sensor/sensor.x");
    let bytes =
        interface.procedure("rename").unwrap().encode_arguments(&json!({"channel": 1, "name": "hall"})).unwrap();
    assert_eq!(guesses(&interface, &bytes), ["arguments of sensor.rename", "type sample"]);
    let bytes = interface.procedure("read").unwrap().encode_results(&json!({"STATUS_OK": {"time": 7, "value": 8}}));
    let found = interface.guess(&bytes.unwrap());
    assert_eq!(found[0].candidate.to_string(), "type reading");
    assert_eq!(found[0].value, json!({"STATUS_OK": {"time": 7, "value": 8}}));
    assert!(guesses(&interface, b"\xff\xff").is_empty());
}

#[test]
fn a_text_is_a_better_guess_than_a_number() {
    let interface = Interface::parse(
        "typedef unsigned int numbers[3]; typedef opaque bytes[12]; typedef string name<9>; enum color { RED = 4 };
         struct both { color tint; opaque rest[8]; };",
    )
    .unwrap();
    assert_eq!(guesses(&interface, b"\0\0\0\x05place\0\0\0"), ["type name", "type numbers", "type bytes"]);
    let found = guesses(&interface, b"\0\0\0\x04\x01\x01\x01\x01\0\0\0\0");
    assert_eq!(found, ["type both", "type numbers", "type bytes"]);
    let of_payload = interface.clone().payload(Payload::Postcard);
    assert_eq!(guesses(&of_payload, b"\x05place")[0], "type name");
    // Latin-1 is a guess where it is decoded.
    assert_eq!(guesses(&interface, b"\0\0\0\x05plac\xe9\0\0\0"), ["type numbers", "type bytes"]);
    assert!(guesses(&interface.texts(Texts::Latin1), b"\0\0\0\x05plac\xe9\0\0\0").contains(&"type name".to_owned()));
}

#[test]
fn there_are_at_most_32_guesses_and_one_that_takes_much_memory_stops_no_other() {
    let text: String = (0..100).map(|number| format!("typedef int a{number};\n")).collect();
    let interface = Interface::parse(&text).unwrap();
    let found = guesses(&interface, &[0; 4]);
    assert_eq!((found.len(), &*found[0]), (32, "type a0"));
    let text = "struct empty { opaque none[0]; }; typedef empty large[0xffffffff]; typedef int small;";
    let interface = Interface::parse(text).unwrap();
    assert_eq!(guesses(&interface, &[0; 4]), ["type small"]);
    // Nor does the number of types take time without a limit.
    let text: String = (0..9000).map(|number| format!("typedef hyper a{number}<>;\n")).collect();
    let interface = Interface::parse(&text).unwrap().limits(Limits { memory: 1 << 16, ..Limits::default() });
    let bytes = [1000_u32.to_be_bytes().to_vec(), vec![0; 8000]].concat();
    assert!(guesses(&interface, &bytes).len() < 32);
}
