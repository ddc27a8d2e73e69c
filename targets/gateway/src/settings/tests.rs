//! Files that are right, and the errors of those that are wrong.

use std::path::Path;
use std::time::Duration;

use super::*;

const HEAD: &str = "fleet = \"plant\"\ngateway = \"hall-1\"\n[broker]\naddress = \"mqtt://broker\"\n";

fn parse(rest: &str) -> Result<Settings, String> {
    Settings::parse("fleet.toml", &format!("{HEAD}{rest}"), Path::new("/etc/oncilla"))
        .map_err(|error| error.to_string())
}

fn error(rest: &str) -> String {
    parse(rest).unwrap_err()
}

#[test]
fn a_file_with_everything_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let text = "program OVEN { version OVEN_1 { int OVEN_READ(void) = 1; } = 1; } = 0x20000042;";
    std::fs::write(folder.path().join("oven.x"), text).unwrap();
    let text = r#"
        fleet = "plant"
        gateway = "hall-1"
        [broker]
        address = "mqtts://[fd00::7]"
        user = "hall"
        password-file = "password"
        ca = "ca.pem"
        cert = "cert.pem"
        key = "key.pem"
        keep-alive = "10s"
        [defaults]
        groups = ["ovens", "ovens"]
        timeout = "2s"
        [devices.oven-7]
        target = "serial:/dev/ttyUSB0?baud=9600"
        interface = "oven.x"
        link-key = "plant.key#7"
        suite = "forward-secret"
        calls = 4
        [devices."pump-{01..12}"]
        target = "tcp://10.0.0.{+100}:20049"
        groups = []
        timeout = "1s"
        [users]
        alice = { uid = 1000, gid = 100 }
        [limits]
        clock-tolerance = "0s"
        [queue]
        journal = "journal"
        [health]
        listen = "unix:health.sock"
    "#;
    let settings = Settings::parse("fleet.toml", text, folder.path()).unwrap();
    let Broker { host, port, tls, .. } = &settings.broker;
    assert_eq!((&**host, *port, *tls), ("fd00::7", 8883, true));
    assert_eq!(settings.broker.ca.as_deref(), Some(&*folder.path().join("ca.pem")));
    assert_eq!(settings.devices.len(), 13);
    let oven = &settings.devices["oven-7"];
    assert_eq!((oven.groups.len(), oven.calls, oven.settings.timeout.value), (1, 4, Duration::from_secs(2)));
    assert!(oven.interface.is_some());
    let pump = &settings.devices["pump-12"];
    assert_eq!(pump.settings.target.as_ref().unwrap().value.to_string(), "tcp://10.0.0.112:20049");
    assert_eq!((pump.groups.len(), pump.settings.timeout.value), (0, Duration::from_secs(1)));
    assert_eq!(settings.users["alice"].uid, 1000);
    assert_eq!(settings.health, Some(Listen::Unix(folder.path().join("health.sock"))));
}

#[test]
fn errors_have_the_line_what_is_wrong_and_what_to_write() {
    for (text, line, parts) in [
        ("[devices.oven-7]\ntarget = \"serail:/dev/ttyUSB0\"", 6, &["serail", "serial:/dev/ttyACM0"][..]),
        ("[devices.oven-7]\ngroups = []", 5, &["\"oven-7\" has no target", "target = "]),
        ("[devices.\"oven 7\"]\ntarget = \"tcp://a:1\"", 5, &["\"oven 7\"", "' '"]),
        ("[devices.\"o-{5..1}\"]\ntarget = \"tcp://a:1\"", 5, &["is empty", "lower number first"]),
        ("[devices.oven]\ntarget = \"tcp://a:{}\"", 6, &["no range", "{1..500}"]),
        (
            "[devices.o-1]\ntarget = \"tcp://a:1\"\n[devices.\"o-{1..2}\"]\ntarget = \"tcp://a:1\"",
            7,
            &["is there twice"],
        ),
        ("[devices.oven]\ntarget = \"rpc://a\"", 6, &["tcp://host:port"]),
        ("[devices.oven]\ntarget = \"tcp://a:1\"\ntimeout = \"soon\"", 7, &["\"soon\" is not a time", "\"5s\""]),
        ("[devices.oven]\ntarget = \"tcp://a:1\"\ntimeout = \"2h\"", 7, &["outside"]),
        ("[devices.oven]\ntarget = \"tcp://a:1\"\nprob = \"5s\"", 7, &["unknown field `prob`"]),
        ("[devices.oven]\ntarget = \"tcp://a:1\"\nsuite = \"strong\"", 7, &["forward-secret"]),
        ("[devices.oven]\ntarget = \"tcp://a:1\"\ninterface = \"nowhere.x\"", 7, &["nowhere.x"]),
        ("[health]\nlisten = \"0.0.0.0:80\"", 6, &["not a loopback address", "127.0.0.1:9110"]),
        ("[limits]\nremembered = 1", 6, &["1 is outside 16"]),
        ("[users]\nalice = { uid = 1 }", 6, &["gid"]),
        ("[devices.a]\ntarget = \"mqtt://broker/plant/b\"", 6, &["not behind a broker"]),
        (
            "[devices.a]\ntarget = \"serial:/dev/ttyUSB0\"\n[devices.b]\ntarget = \"serial:/dev/ttyUSB0\"",
            7,
            &["\"a\" and \"b\" have one serial port", "give each its own"],
        ),
        ("[queue]\nper-device = 7", 5, &["journal"]),
        ("[queue]\njournal = \"nowhere/journal\"", 6, &["nowhere of the journal does not exist", "create it"]),
        ("nonsense", 5, &[]),
    ] {
        let error = error(text);
        assert!(error.starts_with(&format!("fleet.toml:{line}: ")), "{text}: {error}");
        assert!(parts.iter().all(|part| error.contains(part)), "{text}: {error}");
    }
}

#[test]
fn brokers_are_checked() {
    let error = |broker: &str| {
        let text = format!("fleet = \"plant\"\ngateway = \"hall-1\"\n[broker]\n{broker}\n");
        Settings::parse("fleet.toml", &text, Path::new("")).unwrap_err().to_string()
    };
    for (text, part) in [
        ("address = \"broker:1883\"", "write mqtt://host:1883"),
        ("address = \"mqtt://broker:0\"", "1 to 65535"),
        ("address = \"mqtt://\"", "has no host"),
        ("address = \"mqtt://me@broker\"", "`user = …`"),
        ("address = \"mqtts://broker\"", "ca = "),
        ("address = \"mqtt://broker\"\nca = \"ca.pem\"", "write mqtts://"),
        ("address = \"mqtts://broker\"\nca = \"ca.pem\"\ncert = \"c.pem\"", "belong together"),
        ("address = \"mqtt://broker\"\npassword-file = \"p\"", "write `user = …`"),
    ] {
        let error = error(text);
        assert!(error.starts_with("fleet.toml:4: ") && error.contains(part), "{text}: {error}");
    }
}
