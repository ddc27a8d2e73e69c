//! `oncilla call`.

use crate::support::{DESCRIBED, SENSOR_X, SILENT, Serving, run};

#[test]
fn a_device_is_called_by_its_own_description_or_by_a_file() {
    let (described, silent) = (Serving::start(&DESCRIBED), Serving::start(&SILENT));
    let (code, out, err) = run(["-t", &described.target(), "call", "sensor.read", "0"]);
    assert_eq!((code, out.as_str(), err.as_str()), (0, "STATUS_OK:\n  time: 1\n  value: 21500\n", ""));
    let (code, out, _) = run(["-t", &silent.target(), "-x", SENSOR_X, "--json", "call", "sensor.read", "channel=0"]);
    assert_eq!((code, out.as_str()), (0, "{\"STATUS_OK\":{\"time\":1,\"value\":21500}}\n"));
    let udp = format!("udp://{}", silent.udp);
    let (code, out, _) = run(["-t", &udp, "-x", SENSOR_X, "call", "sensor.rename", "0", "hall"]);
    assert_eq!((code, out.as_str()), (0, "true\n"));
}

#[test]
fn exit_codes_state_who_must_act() {
    let silent = Serving::start(&SILENT);
    let (code, _, err) = run(["-t", &silent.target(), "-x", SENSOR_X, "call", "sensor.raed", "0"]);
    assert_eq!(code, 2);
    assert!(err.contains("the most similar is `sensor.read`"), "{err}");
    let (code, _, err) = run(["-t", &silent.target(), "call", "sensor.read", "0"]);
    assert_eq!(code, 1);
    assert!(err.contains("--interface FILE.x"), "{err}");
    let (code, _, err) = run(["-t", "tcp://127.0.0.1:1", "-x", SENSOR_X, "call", "sensor.read", "0"]);
    assert_eq!(code, 3);
    assert!(err.contains("cannot connect to 127.0.0.1:1"), "{err}");
}

#[test]
fn one_call_goes_to_one_target() {
    let (code, _, err) = run(["-t", "tcp://127.0.0.1:1", "-t", "tcp://127.0.0.1:2", "call", "sensor.read", "0"]);
    assert_eq!(code, 2);
    assert!(err.contains("2 targets are given, and this command takes one"), "{err}");
}
