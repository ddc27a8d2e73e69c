//! Links under a key: `oncilla key`, `--link-key` of calls and of `oncilla serve`.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::running::Running;
use crate::support::{DESCRIBED, SENSOR_X, Serving, oncilla, outcome, run};

/// A folder with key files.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn at(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    /// Makes a key file. Returns its path.
    fn key(&self, name: &str, id: &str) -> String {
        let path = self.at(name);
        let (code, out, err) = run(["key", "new", &path, "--id", id, "--name", name]);
        assert_eq!((code, &*out), (0, ""), "{err}");
        path
    }
}

/// Returns the secrets in a key file, as hexadecimal digits.
fn secrets(path: &str) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split(' ').nth(1).unwrap().to_owned()).collect()
}

/// Checks that no secret of these files is in an output: as digits, as a dump, or as a list of numbers.
fn assert_secret(output: &str, paths: &[&str]) {
    for secret in paths.iter().flat_map(|path| secrets(path)) {
        let bytes: Vec<_> = (0..16).map(|index| u8::from_str_radix(&secret[2 * index..][..2], 16).unwrap()).collect();
        let dump: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        for shown in [secret[..12].to_owned(), dump[..6].join(" "), format!("{:?}", &bytes[..6]).replace(']', "")] {
            assert!(!output.to_lowercase().contains(&shown), "{output}");
        }
    }
}

/// Starts a stand-in with these options. Returns it with its target.
fn serve(options: &[&str]) -> (Running, String) {
    let mut running = Running::start(["serve", SENSOR_X].into_iter().chain(options.iter().copied()));
    let target = running.target();
    (running, target)
}

/// Calls a target with options and `-vv`. Returns the exit code and all output.
fn call(target: &str, options: &[&str]) -> (i32, String) {
    let all = ["-t", target, "-vv"].into_iter().chain(options.iter().copied());
    let (code, out, err) = run(all.chain(["call", "sensor.read", "0"]));
    (code, out + &err)
}

fn mode(path: &str) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o7777
}

#[test]
fn a_new_key_is_secret_and_never_overwritten() {
    let folder = Folder::new();
    let path = folder.key("oven.key", "7");
    assert_eq!(mode(&path), 0o600);
    let before = fs::read(&path).unwrap();
    let (code, out, err) = run(["key", "new", &path]);
    assert_eq!((code, &*out), (2, ""));
    assert!(err.contains("exists and is not overwritten") && err.contains("remove it first"), "{err}");
    assert_eq!(fs::read(&path).unwrap(), before);
    let (code, out, err) = run(["key", "show", &path]);
    assert_eq!((code, &*out, &*err), (0, "7  oven.key\n", ""));
    let (_, json, _) = run(["--json", "key", "show", &path]);
    assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), serde_json::json!({"id": 7, "name": "oven.key"}));
    assert_secret(&(out + &err + &json), &[&path]);
    let (code, _, err) = run(["key", "new", &folder.at("x"), "--id", "65536"]);
    assert!(code == 2 && err.contains("65536"), "{err}");
    let (code, _, err) = run(["key", "new", &folder.at("x"), "--name", "a\nb"]);
    assert!(code == 2 && err.contains("cannot be the name of a key"), "{err}");
    assert!(!Path::new(&folder.at("x")).exists());
    let (code, _, err) = run(["key"]);
    assert!(code == 2 && err.contains("key new"), "{err}");
}

#[test]
fn the_constants_for_firmware_have_the_secret() {
    let folder = Folder::new();
    let (path, rust, c) = (folder.at("oven.key"), folder.at("key.rs"), folder.at("key.h"));
    let (code, out, err) = run(["key", "new", &path, "--id", "9", &format!("--rust={rust}"), &format!("--c={c}")]);
    assert_eq!((code, &*out), (0, ""), "{err}");
    assert_secret(&err, &[&path]);
    let digits = |text: &str| -> String {
        text.split("0x").skip(1).map(|part| part.get(..2).unwrap()).collect::<Vec<_>>().concat()
    };
    for (file, words) in [(&rust, "KeyId(9)"), (&c, "oncilla_key key = {9, {")] {
        assert_eq!(mode(file), 0o600);
        let text = fs::read_to_string(file).unwrap();
        assert!(text.contains(words) && text.contains("Secret"), "{text}");
        assert_eq!(digits(&text), secrets(&path)[0]);
    }
    let other = folder.at("other.key");
    let (code, out, err) = run(["key", "new", &other, "--rust"]);
    assert_eq!((code, digits(&out)), (0, secrets(&other)[0].clone()));
    assert!(err.contains("what follows is secret"), "{err}");
    assert_secret(&err, &[&other]);
    let before = fs::read(&c).unwrap();
    for options in [vec![format!("--c={c}")], vec![format!("--rust={}", folder.at("new.rs")), format!("--c={c}")]] {
        let third = folder.at("third.key");
        let (code, out, err) = run(["key", "new", &third].into_iter().chain(options.iter().map(String::as_str)));
        assert!(code == 2 && out.is_empty() && err.contains("not overwritten"), "{err}");
        assert!(err.contains("No key was made") && !err.contains("wrote"), "{err}");
        // Nothing is left of a key that was made in part.
        assert!(!Path::new(&third).exists() && !Path::new(&folder.at("new.rs")).exists(), "{options:?}");
    }
    assert_eq!(fs::read(&c).unwrap(), before);
}

#[test]
fn a_secret_is_never_repeated() {
    let folder = Folder::new();
    let key = folder.key("oven.key", "7");
    let secret = &secrets(&key)[0];
    let line = format!("7 {secret} oven");
    for given in [secret, &line] {
        for command in [
            &["-t", "tcp://127.0.0.1:1", "--link-key", given, "call", "sensor.read", "0"][..],
            &["key", "show", given],
            &["serve", SENSOR_X, "--link-key", given],
        ] {
            let (code, out, err) = run(command.iter().copied());
            assert!(code == 2 && err.contains("looks like a secret"), "{command:?}: {err}");
            assert_secret(&(out + &err), &[&key]);
        }
        let help = oncilla(["call", "--help"]).env("ONCILLA_LINK_KEY", given).output().unwrap();
        let (code, out, err) = outcome(help);
        assert!(code == 0 && out.contains("--link-key"), "{out}");
        assert_secret(&(out + &err), &[&key]);
    }
}

#[test]
fn one_key_of_a_file_is_shown_by_its_id() {
    let folder = Folder::new();
    let key = folder.key("oven.key", "7");
    let (code, out, err) = run(["key", "show", &format!("{key}#7")]);
    assert_eq!((code, &*out), (0, "7  oven.key\n"), "{err}");
    let (code, _, err) = run(["key", "show", &format!("{key}#8")]);
    assert!(code == 2 && err.contains("has no key with the id 8; it has 7"), "{err}");
}

/// Also with a file that no call can open: a stand-in, a client or a listing must not wait for a writer.
#[test]
fn a_fifo_is_no_key_file() {
    let folder = Folder::new();
    let fifo = folder.at("fifo");
    nix::unistd::mkfifo(&*fifo, nix::sys::stat::Mode::S_IRUSR).unwrap();
    let (code, text) = call("tcp://127.0.0.1:1", &["--link-key", &fifo]);
    assert!(code == 2 && text.contains("is not a regular file"), "{text}");
}

#[test]
fn a_client_without_a_key_learns_that_the_device_may_have_keys() {
    let folder = Folder::new();
    let key = folder.key("oven.key", "7");
    for place in ["tcp://127.0.0.1:0", &format!("unix:{}", folder.at("socket"))] {
        let (_running, target) = serve(&["--listen", place, "--link-key", &key]);
        for options in [&["-x", SENSOR_X][..], &[]] {
            let (code, text) = call(&target, options);
            assert!(code == 3 && text.contains("`--link-key FILE` calls under a key"), "{place}: {text}");
            // The interface is not what is missing.
            assert!(!text.contains("--interface"), "{text}");
        }
    }
}

#[test]
fn calls_under_a_key_on_every_carrier_in_both_suites() {
    let folder = Folder::new();
    let key = folder.key("oven.key", "7");
    let socket = format!("unix:{}", folder.at("socket"));
    for suite in ["light", "forward-secret"] {
        for place in
            ["tcp://127.0.0.1:0", "udp://127.0.0.1:0", "pty", "pty?framing=cobs", "pty?framing=record", &socket]
        {
            let (_running, target) = serve(&["--listen", place, "--link-key", &key, "--suite", suite, "-v"]);
            for _ in 0..2 {
                let (code, text) = call(&target, &["--link-key", &key, "--suite", suite]);
                assert_eq!((code, text.contains("STATUS_OK")), (0, true), "{suite} {place}: {text}");
                assert_secret(&text, &[&key]);
                assert!(text.contains("keyed link"), "{text}");
            }
        }
    }
}

#[test]
fn every_command_calls_under_the_key() {
    let folder = Folder::new();
    let key = folder.key("oven.key", "7");
    let (_running, target) = serve(&["--link-key", &key]);
    for line in [
        &["ping", "-c", "2"][..],
        &["list"],
        &["describe"],
        &["watch", "sensor.read", "0", "--count", "2", "--interval", "10ms"],
        &["bench", "sensor.read", "0", "--count", "20"],
        &["call", "sensor.read", "0"],
    ] {
        let all = ["-t", &target, "--link-key", &key].into_iter().chain(line.iter().copied());
        let (code, out, err) = run(all);
        assert_eq!(code, 0, "{line:?}: {out}{err}");
        assert_secret(&(out + &err), &[&key]);
    }
    let shell = oncilla(["-t", &target, "--link-key", &key, "shell"]).write_stdin("sensor.read 0\n").output().unwrap();
    let (code, out, err) = outcome(shell);
    assert!(code == 0 && out.contains("STATUS_OK"), "{out}{err}");
}

#[test]
fn a_benchmark_has_one_client_for_each_session() {
    let folder = Folder::new();
    let key = folder.key("oven.key", "7");
    for (place, code) in [("tcp://127.0.0.1:0", 0), ("udp://127.0.0.1:0", 2)] {
        let (_running, target) = serve(&["--listen", place, "--link-key", &key]);
        let bench = ["-t", &target, "--link-key", &key, "bench", "sensor.read", "0", "--count", "40"];
        let (several, _, err) = run(bench.into_iter().chain(["--connections", "3"]));
        assert_eq!(several, code, "{place}: {err}");
        assert_eq!(err.contains("one session for each link key on UDP"), code == 2, "{place}: {err}");
        let (one, _, err) = run(bench.into_iter().chain(["--in-flight", "3"]));
        assert_eq!(one, 0, "{place}: {err}");
    }
}

#[test]
fn a_stored_call_has_the_name_of_the_file_only() {
    let folder = Folder::new();
    let key = folder.key("oven.key", "7");
    let (_running, target) = serve(&["--link-key", &key]);
    let state = folder.at("state");
    let with = |line: &[&str]| outcome(oncilla(line.iter().copied()).env("XDG_STATE_HOME", &state).output().unwrap());
    let (code, _, err) = with(&["-t", &target, "--link-key", &key, "call", "sensor.read", "0"]);
    assert_eq!(code, 0, "{err}");
    let (code, out, err) = with(&["again"]);
    assert!(code == 0 && out.contains("STATUS_OK"), "{out}{err}");
    let stored = fs::read_to_string(Path::new(&state).join("oncilla/calls.toml")).unwrap_or_default();
    assert!(stored.is_empty() || stored.contains("oven.key"), "{stored}");
    assert_secret(&stored, &[&key]);
}

#[test]
fn silence_is_explained() {
    let folder = Folder::new();
    let (key, other, wrong) = (folder.key("oven.key", "7"), folder.key("other.key", "8"), folder.key("wrong.key", "7"));
    for place in ["tcp://127.0.0.1:0", "udp://127.0.0.1:0", "pty"] {
        let (_running, target) = serve(&["--listen", place, "--link-key", &key]);
        for options in [
            &["--link-key", &*wrong][..],
            &["--link-key", &*other],
            &["--link-key", &*key, "--suite", "forward-secret"],
            &["--link-key", &*key, "--side", "device"],
        ] {
            let (code, text) = call(&target, &[options, &["--timeout", "300ms"]].concat());
            assert!(code == 3 || code == 4 || code == 1, "{code}: {text}");
            assert!(
                text.contains("a peer does not answer a message that it cannot verify"),
                "{place} {options:?}: {text}"
            );
            assert_secret(&text, &[&key, &other, &wrong]);
        }
        let (code, text) = call(&target, &["--timeout", "300ms"]);
        assert!(code != 0, "{text}");
        let (code, text) = call(&target, &["--link-key", &key]);
        assert_eq!(code, 0, "{text}");
    }
    // A device without keys.
    let serving = Serving::start(&DESCRIBED);
    for target in [serving.target(), format!("udp://{}", serving.udp)] {
        let (code, text) = call(&target, &["--link-key", &key, "--timeout", "300ms"]);
        assert!(code != 0 && text.contains("the device answers calls without one"), "{text}");
    }
}

#[test]
fn several_keys_in_one_file() {
    let folder = Folder::new();
    let (one, two) = (folder.key("one.key", "1"), folder.key("two.key", "2"));
    let both = folder.at("both.key");
    fs::write(&both, fs::read_to_string(&one).unwrap() + &fs::read_to_string(&two).unwrap()).unwrap();
    let (code, text) = call("tcp://127.0.0.1:9", &["--link-key", &both]);
    assert!(code == 2 && text.contains("mode 0644") && text.contains("chmod 600"), "{text}");
    fs::set_permissions(&both, fs::Permissions::from_mode(0o600)).unwrap();
    let (_running, target) = serve(&["--listen", "udp://127.0.0.1:0", "--link-key", &both]);
    for key in [&*one, &two, &format!("{both}#1"), &format!("{both}#2")] {
        let (code, text) = call(&target, &["--link-key", key]);
        assert_eq!(code, 0, "{key}: {text}");
    }
    let (code, text) = call(&target, &["--link-key", &both]);
    assert!(code == 2 && text.contains("2 keys (1, 2)") && text.contains("FILE#ID"), "{text}");
    let (code, text) = call(&target, &["--link-key", &format!("{both}#3")]);
    assert!(code == 2 && text.contains("no key with the id 3"), "{text}");
    assert_secret(&text, &[&both]);
}

#[test]
fn the_key_of_a_device_is_in_the_configuration_file() {
    let folder = Folder::new();
    let key = folder.key("oven.key", "7");
    let (_running, target) = serve(&["--link-key", &key, "--suite", "forward-secret"]);
    let config = folder.at("oncilla.toml");
    let text = format!(
        "[targets.oven]\naddress = \"{target}\"\nlink_key = \"oven.key#7\"\nsuite = \"forward-secret\"\nside = \"host\"\n"
    );
    fs::write(&config, text).unwrap();
    let (code, out, err) = run(["--config", &config, "-t", "oven", "call", "sensor.read", "0"]);
    assert!(code == 0 && out.contains("STATUS_OK"), "{out}{err}");
    let (code, out, err) = run(["--config", &config, "-t", "oven", "config"]);
    assert!(code == 0 && out.contains("oven.key#7") && out.contains("suite = forward-secret"), "{out}{err}");
    assert_secret(&(out + &err), &[&key]);
    let by_variable = oncilla(["-t", &target, "call", "sensor.read", "0"])
        .env("ONCILLA_LINK_KEY", &key)
        .env("ONCILLA_SUITE", "forward-secret")
        .output()
        .unwrap();
    let (code, _, err) = outcome(by_variable);
    assert_eq!(code, 0, "{err}");
}

/// Serves calls under the key of a file on a pseudo-terminal, and prints a line in the clear and one under the key.
#[test]
fn the_log_marks_what_came_in_the_clear() {
    use oncilla::framing::Cobs;
    use oncilla::{Link, Served, Time};
    use oncilla_host::Serial;
    use oncilla_host::keys::{KeyFile, KeyServer, Side};

    let folder = Folder::new();
    let key = folder.key("oven.key", "7");
    let (port, far) = crate::line::Port::new();
    let keys = KeyServer::new(&KeyFile::read(&key).unwrap()).unwrap().side(Side::Device);
    let device = std::thread::spawn(move || {
        let transport: Serial<Cobs> = far.into();
        let ends = keys.acceptor::<1>().unwrap();
        let mut link = Link::with_keys(transport, vec![0; 1024], vec![0; 1024], ends);
        let mut sensor = crate::support::Sensor::default();
        loop {
            assert_ne!(link.serve_next(&DESCRIBED, &mut sensor, Time::NEVER).unwrap(), Served::End);
            // Only with a session.
            if link.print("all is well\n", Time::NEVER).is_ok() {
                link.print_plain("ERROR: who are you?\n", Time::NEVER).unwrap();
                link.log(&[1, 2, 3], Time::NEVER).unwrap();
                return link;
            }
        }
    });
    let all = ["--json", "-t", &port.target(), "--link-key", &key, "log", "--count", "3", "--deadline", "30s"];
    let (code, out, err) = run(all);
    let _link = device.join().unwrap();
    assert_eq!(code, 0, "{out}{err}");
    assert_secret(&(out.clone() + &err), &[&key]);
    let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |kind: &str| lines.iter().filter(|line| line["kind"] == kind).collect::<Vec<_>>();
    let text = of("text");
    assert_eq!((&text[0]["text"], &text[0]["clear"]), (&"all is well".into(), &Value::Null), "{out}");
    assert_eq!((&text[1]["text"], &text[1]["clear"]), (&"ERROR: who are you?".into(), &true.into()), "{out}");
    assert_eq!(of("log")[0]["hex"], "010203", "{out}");
}

#[test]
fn a_key_file_is_not_replaced_by_an_output() {
    let folder = Folder::new();
    let key = folder.key("oven.key", "7");
    let link = folder.at("link");
    std::os::unix::fs::symlink(&key, &link).unwrap();
    let before = fs::read(&key).unwrap();
    let under = format!("{key}#7");
    for arguments in [
        &["serve", SENSOR_X, "--link-key", &key, "--record", &link][..],
        &["serve", SENSOR_X, "--tls-cert", &key, "--tls-key", SENSOR_X, "--record", &key],
        &["-t", "tcp://127.0.0.1:1", "--link-key", &under, "bench", "null", "--save", &key],
        &["-t", "tcp+tls://127.0.0.1:1", "--ca", &key, "bench", "null", "--save", &key],
        &["--link-key", &key, "sniff", SENSOR_X, "--write", &key],
        &["-t", "serial:/dev/null", "--link-key", &key, "log", "--output", &link],
    ] {
        let (code, out, err) = run(arguments.iter().copied());
        assert!(code == 2 && err.contains("is the same file as the input"), "{arguments:?}: {out}{err}");
        assert_eq!(fs::read(&key).unwrap(), before, "{arguments:?}");
    }
}

#[test]
fn what_asks_for_a_key_is_not_in_the_clear() {
    let call = ["-t", "tcp://127.0.0.1:1", "call", "sensor.read", "0"];
    for (option, value) in [("--suite", "forward-secret"), ("--side", "device")] {
        let (code, _, err) = run([option, value].into_iter().chain(call));
        assert!(code == 2 && err.contains(&format!("{option} is given, and no link key")), "{err}");
    }
    let (code, _, err) = outcome(oncilla(call).env("ONCILLA_LINK_KEY", "").output().unwrap());
    assert!(code == 2 && err.contains("ONCILLA_LINK_KEY is empty"), "{err}");
}

#[test]
fn a_stand_in_has_the_key_of_the_configuration_file() {
    let folder = Folder::new();
    let key = folder.key("oven.key", "7");
    let config = folder.at("oncilla.toml");
    fs::write(&config, "[defaults]\nlink_key = \"oven.key\"\n").unwrap();
    let (_running, target) = serve(&["--config", &config]);
    assert_eq!(call(&target, &["--link-key", &key]).0, 0);
    let (code, text) = call(&target, &["--timeout", "1s", "-x", SENSOR_X]);
    assert!(code != 0, "{text}");
}

#[test]
fn text_is_shown_also_if_nothing_answers_under_the_key() {
    let folder = Folder::new();
    let key = folder.key("oven.key", "7");
    let (port, far) = crate::line::Port::new();
    let boot_loader = std::thread::spawn(move || {
        let transport: oncilla_host::Serial<oncilla::framing::Cobs> = far.into();
        let mut link = oncilla::Link::new(transport, [0; 256], [0; 256]);
        for _ in 0..100 {
            link.print("booting\n", oncilla::Time::NEVER).unwrap();
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        link
    });
    let (code, out, err) = run(["-t", &port.target(), "--link-key", &key, "--timeout", "300ms", "log", "--count", "2"]);
    boot_loader.join().unwrap();
    assert!(code == 0 && out.contains("booting") && out.contains("in the clear"), "{out}{err}");
}
