//! `oncilla describe`.

use std::fs;

use serde_json::Value;

use crate::support::{DESCRIBED, SENSOR_X, Serving, run};

fn sensor(arguments: &[&str]) -> (i32, String, String) {
    run(["-x", SENSOR_X].iter().chain(arguments).copied())
}

#[test]
fn the_text_of_a_device_is_an_interface_again() {
    let described = Serving::start(&DESCRIBED);
    let (code, text, _) = run(["-t", &described.target(), "describe"]);
    assert_eq!(code, 0);
    assert!(text.contains("/* milliseconds since the start */"), "{text}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("again.x");
    fs::write(&file, &text).unwrap();
    let again = |arguments: &[&str]| run(["-x", file.to_str().unwrap()].iter().chain(arguments).copied());
    assert_eq!(again(&["describe"]).1, text);
    assert_eq!(again(&["--json", "describe"]).1, sensor(&["--json", "describe"]).1);
    // The text of a file is unchanged.
    assert_eq!(sensor(&["describe"]).1, fs::read_to_string(SENSOR_X).unwrap());
}

#[test]
fn a_name_shows_what_it_needs_and_no_more() {
    let (code, text, _) = sensor(&["describe", "sensor.rename"]);
    let expected = "\
const NAME_MAX = 16;

program SENSOR {
    version SENSOR_1 {
        /* Renames a channel; returns whether it exists. */
        bool SENSOR_RENAME(unsigned int channel, string name<NAME_MAX>) = 3;
    } = 1;
} = 0x20000051;
";
    assert_eq!((code, text.as_str()), (0, expected));
    let (_, text, _) = sensor(&["describe", "reading"]);
    let has = |word: &str| text.contains(word);
    assert!(has("union reading") && has("struct sample") && has("enum status"), "{text}");
    assert!(!has("history") && !has("NAME_MAX") && !has("program"), "{text}");
    // What is shown is complete: rpcgen's own compiler takes it.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("part.x");
    fs::write(&file, sensor(&["describe", "sensor.history"]).1).unwrap();
    let rpcgen = std::process::Command::new("rpcgen").args(["-C", "-N", "-h"]).arg(&file).output();
    let rpcgen = rpcgen.unwrap_or_else(|error| panic!("cannot run rpcgen: {error}; apt install rpcsvc-proto"));
    assert!(rpcgen.status.success(), "{}", String::from_utf8_lossy(&rpcgen.stderr));
    assert!(String::from_utf8_lossy(&rpcgen.stdout).contains("SENSOR_HISTORY"));
    let (code, _, err) = sensor(&["describe", "readin"]);
    assert_eq!(code, 2);
    assert!(err.contains("the most similar is `reading`"), "{err}");
}

#[test]
fn tables_have_numbers_and_sizes() {
    let (code, table, _) = sensor(&["describe", "--table"]);
    assert_eq!(code, 0);
    let words: Vec<Vec<_>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(words[0], ["SENSOR", "0x20000051,", "version", "1"]);
    assert_eq!(words[2][..8], ["1", "sensor.read", "channel:", "unsigned", "int", "reading", "4", "4–16"]);
    assert!(table.contains("Returns the latest measurement of a channel."), "{table}");
    let (_, types, _) = sensor(&["describe", "--types"]);
    assert!(types.lines().any(|line| line.split_whitespace().eq(["sample", "12", "One", "measurement."])), "{types}");
}

#[test]
fn json_has_the_whole_interface() {
    let (_, json, _) = sensor(&["--json", "describe"]);
    let interface: Value = serde_json::from_str(&json).unwrap();
    let procedures = &interface["programs"][0]["versions"][0]["procedures"];
    assert_eq!(procedures.as_array().unwrap().len(), 3);
    let (_, json, _) = sensor(&["--json", "describe", "sensor.rename"]);
    let rename: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(rename, procedures[2]);
    assert_eq!(rename["argument_bytes"], serde_json::json!([8, 24]));
    assert_eq!(rename["arguments"][1]["type"], "string<16>");
    let (_, lines, _) = sensor(&["--json", "describe", "--types"]);
    let names: Vec<Value> =
        lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["name"].clone()).collect();
    assert_eq!(names, ["status", "sample", "reading", "history"]);
}

#[test]
fn a_schema_states_what_arguments_may_be() {
    let (code, text, _) = sensor(&["describe", "sensor.rename", "--schema"]);
    assert_eq!(code, 0);
    let schema: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(schema["required"], serde_json::json!(["channel", "name"]));
    assert_eq!(schema["properties"]["name"]["anyOf"][0]["maxLength"], 16);
    let (_, line, _) = sensor(&["--json", "describe", "sensor.rename", "--schema", "--results"]);
    assert_eq!(serde_json::from_str::<Value>(&line).unwrap()["type"], "boolean");
    let (_, line, _) = sensor(&["--json", "describe", "status", "--schema"]);
    assert!(line.contains("\"STATUS_BROKEN\""), "{line}");
    assert_eq!(sensor(&["describe", "--schema"]).0, 2);
}
