//! Errors name the place, what is possible there, and what was found.

use oncilla_dynamic::{Interface, NameError};
use serde_json::{Value, json};

use crate::types::{echo, file};

const TYPES: &str = "
    enum color { COLOR_RED = 1, COLOR_GOLD = 3 };
    union shape switch (color tint) { case COLOR_RED: void; case COLOR_GOLD: int radius; };
    struct sample { unsigned hyper time; int value; };
    struct record { color tint; shape form; sample history<4>; opaque id[2]; string label<3>; float level; sample *last; };
";

fn right() -> Value {
    json!({
        "tint": "COLOR_RED", "form": {"COLOR_GOLD": 4}, "history": [{"time": 1, "value": 2}, {"time": 3, "value": 4}],
        "id": "0102", "label": "abc", "level": 1.5, "last": null,
    })
}

/// The error for a right value with another value at a path of JSON.
fn refused(pointer: &str, other: Value) -> String {
    let interface = echo(TYPES, "record");
    let mut value = right();
    assert!(interface.procedure("echo").unwrap().encode_results(&value).is_ok());
    *value.pointer_mut(pointer).unwrap() = other;
    interface.procedure("echo").unwrap().encode_results(&value).unwrap_err().to_string()
}

#[test]
fn a_value_of_another_type_or_range() {
    for (pointer, other, error) in [
        (
            "/history/1/time",
            json!(-1),
            "`history[1].time`: expected an unsigned hyper from 0 to 18446744073709551615, found -1",
        ),
        (
            "/history/1/time",
            json!(1.0),
            "`history[1].time`: expected an unsigned hyper from 0 to 18446744073709551615, found 1.0",
        ),
        ("/history", json!({}), "`history`: expected an array, found an object with 0 names"),
        ("/history", json!([1, 2, 3, 4, 5]), "`history`: expected at most 4 elements, found 5"),
        (
            "/tint",
            json!("COLOR_GOL"),
            "`tint`: expected a member of `color`, found \"COLOR_GOL\"; the most similar is `COLOR_GOLD`",
        ),
        ("/tint", json!(2), "`tint`: expected a member of `color`, found 2"),
        ("/form", json!({"COLOR_RED": 1}), "`form.COLOR_RED`: expected null, since the arm is void, found 1"),
        (
            "/form",
            json!({"COLOR_GOLD": "x"}),
            "`form.COLOR_GOLD`: expected an int from -2147483648 to 2147483647, found \"x\"",
        ),
        ("/form", json!({"gold": 1}), "`form`: expected a case of `shape`, found `gold`"),
        ("/form", json!([]), "`form`: expected an object with a case of `shape` as its only name, found an array of 0"),
        ("/id", json!("010"), "`id`: expected hexadecimal digits, found \"010\""),
        ("/id", json!("010203"), "`id`: expected 2 bytes, found 3"),
        ("/label", json!("abcd"), "`label`: expected at most 3 bytes, found 4"),
        ("/level", json!(1e300), "`level`: expected a float, \"NaN\", \"Infinity\" or \"-Infinity\", found 1e+300"),
        (
            "/last",
            json!({"time": 1, "valeu": 2}),
            "`last`: expected time, value, found `valeu`; the most similar is `value`",
        ),
        ("/last", json!({"time": 1}), "`last`: expected `value`, found nothing"),
    ] {
        assert_eq!(refused(pointer, other), error);
    }
}

#[test]
fn arguments_are_named_or_in_their_order() {
    let interface = file("examples/sensor/sensor.x");
    let rename = interface.procedure("sensor.rename").unwrap();
    let bytes = rename.encode_arguments(&json!({"channel": 1, "name": "hall"})).unwrap();
    assert_eq!(rename.encode_arguments(&json!([1, "hall"])).unwrap(), bytes);
    for (arguments, error) in [
        (json!([1]), "expected an object or an array with the arguments: channel, name, found an array of 1"),
        (json!(null), "expected an object or an array with the arguments: channel, name, found null"),
        (json!([1, 2]), "`name`: expected a text, found 2"),
        (json!({"channel": 1}), "expected `name`, found nothing"),
    ] {
        assert_eq!(rename.encode_arguments(&arguments).unwrap_err().to_string(), error);
    }
}

#[test]
fn bytes_that_do_not_fit_are_located() {
    let interface = echo(TYPES, "record");
    let procedure = interface.procedure("echo").unwrap();
    let good = procedure.encode_results(&right()).unwrap();
    let with = |offset: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[offset] = byte;
        procedure.decode_results(&bytes).unwrap_err().to_string()
    };
    assert_eq!(with(3, 9), "`tint`: expected a member of `color`, found 9 at byte 0");
    assert_eq!(with(7, 9), "`form`: expected a case of `shape`, found 9 at byte 4");
    assert_eq!(with(15, 5), "`history`: expected at most 4 elements, found 5 at byte 12");
    assert_eq!(with(42, 1), "`id`: expected padding of zeros, found [1, 0] at byte 42");
    assert_eq!(with(48, 0xff), "`label`: expected text in UTF-8, found other bytes at byte 44");
    let cut = procedure.decode_results(&good[..20]).unwrap_err().to_string();
    assert_eq!(cut, "`history[0].time`: expected unsigned hyper of 8 bytes, found only 4 at byte 16");
    let long = procedure.decode_results(&[&good[..], &[0; 4]].concat()).unwrap_err().to_string();
    assert_eq!(long, "expected the end of the message, found 4 more bytes at byte 60");
}

#[test]
fn names_are_those_of_the_file_or_shorter() {
    let interface = file("examples/sensor/sensor.x");
    for name in ["sensor.read", "read", "SENSOR_READ", "SENSOR.SENSOR_READ", "sensor_1.read", "Sensor.Read"] {
        assert_eq!(interface.procedure(name).unwrap().id().procedure, 1, "{name}");
    }
    let error = |name: &str| interface.procedure(name).unwrap_err().to_string();
    assert_eq!(error("sensor.raed"), "the interface has no procedure `sensor.raed`; the most similar is `sensor.read`");
    assert_eq!(error("sensr.read"), "the interface has no procedure `sensr.read`; the most similar is `sensor.read`");
    assert_eq!(error("renam"), "the interface has no procedure `renam`; the most similar is `sensor.rename`");
    assert_eq!(
        error("sensor.explode"),
        "the interface has no procedure `sensor.explode`; list the procedures of the interface"
    );
    let all: Vec<_> = interface.procedures().map(|procedure| procedure.short_name()).collect();
    assert_eq!(all, ["sensor.read", "sensor.history", "sensor.rename"]);
    let read = interface.procedure("read").unwrap();
    assert_eq!(read.declaration(), "reading SENSOR_READ(unsigned int channel) = 1;");
    assert_eq!(read.names(), ["SENSOR", "SENSOR_1", "SENSOR_READ"]);
}

#[test]
fn the_newest_version_is_meant_and_two_programs_are_not_confused() {
    let interface = Interface::parse(
        "program A { version A_1 { int GET(void) = 1; } = 1; version A_2 { int GET(void) = 1; } = 2; } = 0x20000042;
         program B { version B_1 { int GET(void) = 1; } = 1; } = 0x20000043;",
    )
    .unwrap();
    assert_eq!(interface.procedure("a.get").unwrap().id().version, 2);
    assert_eq!(interface.procedure("a_1.get").unwrap().id().version, 1);
    let error = interface.procedure("get").unwrap_err();
    assert!(matches!(error, NameError::Ambiguous { .. }));
    assert_eq!(error.to_string(), "`get` is a procedure of several programs; use `a.get` or `b.get`");
}

#[test]
fn an_interface_with_errors_says_where() {
    let error = Interface::parse("struct a { b c; };").unwrap_err().to_string();
    assert!(error.contains("the type `b` is unknown") && error.contains("interface.x:1:12"), "{error}");
    let many: String = (0..100).map(|number| format!("struct a{number} {{ b c; }};\n")).collect();
    let error = Interface::parse(&many).unwrap_err().to_string();
    assert!(error.ends_with("and 92 more errors"), "{error}");
    let error = Interface::parse_file("/nowhere/a.x").unwrap_err().to_string();
    assert!(error.starts_with("cannot read /nowhere/a.x"), "{error}");
}
