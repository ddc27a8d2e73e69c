//! `oncilla encode` and `oncilla decode`.

use crate::support::{SENSOR_X, oncilla, outcome, run};

/// A sample: its JSON, and its bytes in hexadecimal digits.
const SAMPLE: (&str, &str) = ("{\"time\":1000,\"value\":21500}", "00000000000003e8000053fc");

fn sensor(arguments: &[&str]) -> (i32, String, String) {
    run(["-x", SENSOR_X].iter().chain(arguments).copied())
}

#[test]
fn values_become_bytes_and_values_again() {
    assert_eq!(sensor(&["encode", "sample", SAMPLE.0, "--hex"]), (0, format!("{}\n", SAMPLE.1), String::new()));
    assert_eq!(sensor(&["--json", "decode", "sample", SAMPLE.1]).1, format!("{}\n", SAMPLE.0));
    assert_eq!(sensor(&["encode", "sample", SAMPLE.0, "--base64"]).1, "AAAAAAAAA+gAAFP8\n");
    assert_eq!(sensor(&["--json", "decode", "sample", "AAAAAAAAA+gAAFP8", "--base64"]).1, format!("{}\n", SAMPLE.0));
    assert_eq!(sensor(&["decode", "sample", "0x00000000 0x000003e8 0x000053fc"]).1, "time: 1000\nvalue: 21500\n");
    let arguments = "00000007000000044861 6c6c";
    assert_eq!(sensor(&["encode", "sensor.rename", "7", "name=Hall", "--hex"]).1, arguments.replace(' ', "") + "\n");
    assert_eq!(sensor(&["decode", "sensor.rename", "--arguments", arguments]).1, "channel: 7\nname: Hall\n");
    let reading = format!("{{\"STATUS_OK\":{}}}", SAMPLE.0);
    let (_, hex, _) = sensor(&["--json", "encode", "sensor.read", "--results", &reading]);
    assert_eq!(hex, format!("\"00000000{}\"\n", SAMPLE.1));
    assert_eq!(sensor(&["--json", "decode", "sensor.read", hex.trim().trim_matches('"')]).1, format!("{reading}\n"));
    assert_eq!(sensor(&["encode", "status", "STATUS_BROKEN", "--hex"]).1, "00000002\n");
}

#[test]
fn bytes_go_through_pipes_as_they_are() {
    let piped = |arguments: &[&str], input: &[u8]| {
        let command = ["-x", SENSOR_X].iter().chain(arguments).copied();
        oncilla(command).write_stdin(input).output().unwrap()
    };
    let bytes = piped(&["encode", "sensor.rename", "-"], b"[7, \"Hall\"]").stdout;
    assert_eq!(bytes, *b"\0\0\0\x07\0\0\0\x04Hall");
    let decode = ["--json", "decode", "sensor.rename", "--arguments", "-"];
    assert_eq!(outcome(piped(&decode, &bytes)).1, "{\"channel\":7,\"name\":\"Hall\"}\n");
    let hex = [&decode[..], &["--hex"]].concat();
    assert_eq!(outcome(piped(&hex, b"00000007\n00000004\n48616c6c\n")).1, "{\"channel\":7,\"name\":\"Hall\"}\n");
    let (code, _, err) = outcome(piped(&["decode", "sample", "-"], b"00000000000003e8000053fc\n"));
    assert_eq!(code, 2);
    assert!(err.contains("with `--hex`, digits are decoded"), "{err}");
    // A pipe needs no `-`.
    assert_eq!(outcome(piped(&["--json", "decode", "sensor.rename", "--arguments"], &bytes)).0, 0);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("arguments");
    std::fs::write(&file, &bytes).unwrap();
    let at = format!("@{}", file.display());
    assert_eq!(sensor(&["decode", "sensor.rename", "--arguments", &at]).1, "channel: 7\nname: Hall\n");
}

#[test]
fn postcard_is_a_payload() {
    let encoded = sensor(&["--payload", "postcard", "encode", "sensor.rename", "7", "Hall", "--hex"]).1;
    assert_eq!(encoded, "070448616c6c\n");
    let decoded = sensor(&["--payload", "postcard", "decode", "sensor.rename", "--arguments", encoded.trim()]).1;
    assert_eq!(decoded, "channel: 7\nname: Hall\n");
}

#[test]
fn a_text_in_another_character_set_comes_back_as_it_was() {
    let latin = "000000000000000363 61e900";
    let (code, json, _) = sensor(&["--json", "decode", "sensor.rename", "--arguments", latin]);
    assert_eq!((code, json.as_str()), (0, "{\"channel\":0,\"name\":{\"latin1\":\"caé\"}}\n"));
    assert_eq!(sensor(&["encode", "sensor.rename", json.trim(), "--hex"]).1, latin.replace(' ', "") + "\n");
}

#[test]
fn guesses_name_what_bytes_may_be() {
    let (code, out, _) = sensor(&["decode", "--guess", "00000007000000044861 6c6c"]);
    assert_eq!(code, 0);
    assert!(out.starts_with("arguments of sensor.rename\n  channel: 7\n  name: Hall\n"), "{out}");
    let (code, _, err) = sensor(&["decode", "--guess", "00"]);
    assert_eq!(code, 1);
    assert!(err.contains("cannot decode 1 byte as a type, arguments or results"), "{err}");
}

#[test]
fn errors_name_the_place() {
    let wrong = |arguments: &[&str]| {
        let (code, _, err) = sensor(arguments);
        assert_eq!(code, 2, "{err}");
        err
    };
    assert!(wrong(&["decode", "sample", "00000000000003e8"]).contains("cannot decode 8 bytes as `sample`: `value`: "));
    assert!(wrong(&["encode", "sample", "{\"time\":1}"]).contains("expected `value`, found nothing"));
    assert!(wrong(&["encode", "sample", "{\"time\":1,\"value\":\"hot\"}"]).contains("`value`: expected an int from"));
    assert!(wrong(&["encode", "sampel", "1"]).contains("the most similar is `sample`"));
    assert!(wrong(&["encode", "sensor.raed", "1"]).contains("the most similar is `sensor.read`"));
    assert!(wrong(&["decode", "sample", "0g"]).contains("'g' is not a hexadecimal digit"));
    assert!(wrong(&["encode", "sample"]).contains("0 values are given"));
}
