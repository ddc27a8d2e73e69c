//! Files: outputs that are inputs, writes that fail, and files without an end.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use tempfile::TempDir;

use crate::running::{Running, address};
use crate::support::{DESCRIBED, SENSOR_X, SILENT, Serving, oncilla, outcome, process, run};

/// A capture of raw IP without packets.
const CAPTURE: &[u8] = &[0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 101, 0, 0, 0];

/// Returns the path of a file in a folder.
fn path(folder: &TempDir, name: &str) -> String {
    folder.path().join(name).to_str().unwrap().to_owned()
}

/// Runs the command in a folder, with its files of state there.
fn run_in(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = oncilla(arguments.iter().copied());
    outcome(command.current_dir(folder).env("XDG_STATE_HOME", folder).output().unwrap())
}

#[test]
fn an_output_that_is_an_input_is_refused_and_kept() {
    let serving = Serving::start(&DESCRIBED);
    let target = serving.target();
    let folder = TempDir::new().unwrap();
    let interface = fs::read_to_string(SENSOR_X).unwrap();
    let in_folder = |name: &str| folder.path().join(name);
    fs::write(in_folder("types.x"), &interface).unwrap();
    fs::write(in_folder("sensor.x"), "#include \"types.x\"\n").unwrap();
    fs::write(in_folder("calls.pcap"), CAPTURE).unwrap();
    fs::write(in_folder("rules.toml"), "seed = 3\n").unwrap();
    fs::write(in_folder("oncilla.toml"), "[targets.oven]\naddress = \"tcp://127.0.0.1:1\"\n").unwrap();
    fs::write(in_folder("value.json"), "[0]\n").unwrap();
    let recorded = r#"{"procedure":"sensor.rename","arguments":{"channel":0,"name":"a"},"result":true}"#;
    fs::write(in_folder("calls.jsonl"), format!("{recorded}\n")).unwrap();
    let bench = ["-t", &target, "bench", "sensor.read", "0", "--count", "1", "--save", "bench.json"];
    assert_eq!(run_in(folder.path(), &bench).0, 0);
    let serve = ["serve", "sensor.x", "--record"];
    let bench = ["-t", &target, "-x", "sensor.x", "bench", "sensor.read", "0", "--count", "1", "--save"];
    let cases: [(&[&str], &str, &[&str]); 14] = [
        (&["sniff", "calls.pcap", "--write"], "calls.pcap", &[]),
        (&["-x", "sensor.x", "sniff", "calls.pcap", "--write"], "sensor.x", &[]),
        (&["-x", "sensor.x", "sniff", "calls.pcap", "--write"], "types.x", &[]),
        (&["sniff", "calls.pcap", "--write"], "oncilla.toml", &[]),
        (&serve, "calls.jsonl", &["--replay", "calls.jsonl"]),
        (&serve, "rules.toml", &["--rules", "rules.toml"]),
        (&serve, "sensor.x", &[]),
        (&serve, "types.x", &[]),
        (&["compile", "sensor.x", "--output"], "sensor.x", &[]),
        (&["compile", "sensor.x", "--output"], "types.x", &[]),
        (&bench, "sensor.x", &[]),
        (&bench, "types.x", &[]),
        (&bench, "bench.json", &["--against", "bench.json"]),
        (&["-t", &target, "bench", "sensor.history", "@value.json", "--count", "1", "--save"], "value.json", &[]),
    ];
    for (before, input, after) in cases {
        let text = fs::read(in_folder(input)).unwrap();
        symlink(input, in_folder("link")).unwrap();
        fs::hard_link(in_folder(input), in_folder("hard")).unwrap();
        for output in [input, "link", "hard"] {
            let (code, _, err) = run_in(folder.path(), &[before, &[output], after].concat());
            assert_eq!(code, 2, "{before:?} {output}: {err}");
            let option = before.last().unwrap();
            assert!(err.contains(&format!("{option} {output} is the same file as the input")), "{before:?}: {err}");
            assert!(err.contains("write to another file"), "{err}");
            assert!(fs::read(in_folder(input)).unwrap() == text, "{before:?} {output}");
        }
        fs::remove_file(in_folder("link")).unwrap();
        fs::remove_file(in_folder("hard")).unwrap();
    }
    // The log is appended to a configuration.
    let log = ["-t", "tcp://127.0.0.1:1?framing=serial", "log", "--output", "oncilla.toml"];
    let (code, _, err) = run_in(folder.path(), &log);
    assert!(code == 2 && err.contains("the same file as the input"), "{code} {err}");
    // Standard input is an input, too.
    let capture = fs::File::open(in_folder("calls.pcap")).unwrap();
    let mut sniff = process(["sniff", "-", "--write", "calls.pcap"]);
    let (code, _, err) = outcome(sniff.current_dir(folder.path()).stdin(capture).output().unwrap());
    assert!(code == 2 && err.contains("the same file as the input -"), "{code} {err}");
    assert_eq!(fs::read(in_folder("calls.pcap")).unwrap(), CAPTURE);
}

#[test]
fn an_output_is_created_when_the_input_is_known_to_be_good() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("notes"), "this is not a capture of anything").unwrap();
    fs::write(folder.path().join("keep"), "old").unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = format!("tcp://{}", taken.local_addr().unwrap());
    for arguments in [
        &["sniff", "notes", "--write", "keep"][..],
        &["serve", SENSOR_X, "--replay", "notes", "--record", "keep"],
        &["serve", SENSOR_X, "--rules", "notes", "--record", "keep"],
        &["serve", SENSOR_X, "--listen", &listen, "--record", "keep"],
        &["compile", "notes", "--output", "keep"],
    ] {
        let (code, _, err) = run_in(folder.path(), arguments);
        assert!(code == 2 || code == 3, "{arguments:?} {code} {err}");
        assert_eq!(fs::read_to_string(folder.path().join("keep")).unwrap(), "old", "{arguments:?}");
    }
    // A good capture without calls replaces the file.
    fs::write(folder.path().join("calls.pcap"), CAPTURE).unwrap();
    assert_eq!(run_in(folder.path(), &["sniff", "calls.pcap", "--write", "keep"]).0, 0);
    assert!(fs::read(folder.path().join("keep")).unwrap().starts_with(&[0x0a, 0x0d, 0x0d, 0x0a]));
}

#[test]
fn a_record_that_cannot_be_written_ends_the_stand_in_with_its_error() {
    let mut serving = Running::start(["serve", SENSOR_X, "--record", "/dev/full"]);
    let target = serving.target();
    let socket = address(&target);
    let (code, _, err) = run(["-t", &format!("tcp://{socket}"), "call", "sensor.read", "0"]);
    assert_eq!(code, 0, "{err}");
    let (code, _, err) = serving.ended();
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("error: cannot write the recording /dev/full: No space left on device"), "{err}");
    assert!(err.contains("1 call, 0 faults"), "{err}");
}

#[test]
fn output_on_a_full_disk_is_an_error() {
    let full = || fs::File::options().write(true).open("/dev/full").unwrap();
    for arguments in [&["--help"][..], &["--version"], &["call", "--help"], &["config"], &["help", "serve"]] {
        let mut command = process(arguments.iter().copied());
        let (code, _, err) = outcome(command.stdout(full()).output().unwrap());
        assert_eq!(code, 1, "{arguments:?}: {err}");
        assert!(err.contains("cannot write the output: No space left on device"), "{arguments:?}: {err}");
    }
}

/// Runs the command with a gigabyte of memory at most.
fn run_in_a_gigabyte(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let program = oncilla([]).get_program().to_owned();
    let mut command = Command::new("timeout");
    command.args(["60", "bash", "-c", "ulimit -v 1048576; exec \"$@\"", "bash"]).arg(program).args(arguments);
    command.env("HOME", "/dev/null").env("XDG_STATE_HOME", folder).env_remove("XDG_CONFIG_HOME");
    outcome(command.output().unwrap())
}

#[test]
fn files_without_an_end_are_refused() {
    let serving = Serving::start(&SILENT);
    let target = serving.target();
    let folder = TempDir::new().unwrap();
    let call = ["-t", &target, "-x", SENSOR_X, "call", "sensor.history"];
    for arguments in [
        &["--config", "/dev/zero", "config"][..],
        &["serve", SENSOR_X, "--replay", "/dev/zero"],
        &["-t", &target, "-x", SENSOR_X, "bench", "sensor.read", "0", "--against", "/dev/zero"],
        &[&call[..], &["@/dev/zero"]].concat(),
    ] {
        let (code, _, err) = run_in_a_gigabyte(folder.path(), arguments);
        assert_eq!(code, 2, "{arguments:?}: {err}");
        assert!(err.contains("/dev/zero: it has more than"), "{arguments:?}: {err}");
    }
    let (code, _, err) = run_in_a_gigabyte(folder.path(), &["-x", "/dev/zero", "describe"]);
    assert!(code == 2 && err.contains("larger than"), "{code} {err}");
    // Files that are read again, or replaced, are regular files.
    let fifo = path(&folder, "fifo");
    mkfifo(Path::new(&fifo), Mode::S_IRWXU).unwrap();
    fs::create_dir(folder.path().join("oncilla")).unwrap();
    let calls = folder.path().join("oncilla/calls.toml");
    for special in ["/dev/zero", &fifo] {
        symlink(special, &calls).unwrap();
        for arguments in [
            &["serve", SENSOR_X, "--rules", special][..],
            &["--config", special, "config", "add", "oven", "tcp://127.0.0.1:1"],
            &["again", "hall"],
            &[&call[..], &["1", "--save", "hall"]].concat(),
        ] {
            let (code, _, err) = run_in_a_gigabyte(folder.path(), arguments);
            assert_eq!(code, 2, "{arguments:?}: {err}");
            assert!(err.contains("this is not a regular file"), "{arguments:?}: {err}");
        }
        fs::remove_file(&calls).unwrap();
    }
    // A file with an end is read from a pipe.
    let writer = {
        let fifo = fifo.clone();
        thread::spawn(move || fs::write(fifo, "[defaults]\ntimeout = \"7s\"\n").unwrap())
    };
    let (code, out, err) = run_in_a_gigabyte(folder.path(), &["--config", &fifo, "config"]);
    writer.join().unwrap();
    assert!(code == 0 && out.contains("timeout = 7s"), "{out} {err}");
}

#[test]
fn a_configuration_that_is_a_link_stays_one() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("real.toml"), "# Mine.\n").unwrap();
    symlink("real.toml", folder.path().join("oncilla.toml")).unwrap();
    let (code, _, err) = run_in(folder.path(), &["config", "add", "--here", "oven", "tcp://127.0.0.1:1"]);
    assert_eq!(code, 0, "{err}");
    assert!(fs::symlink_metadata(folder.path().join("oncilla.toml")).unwrap().is_symlink());
    let text = fs::read_to_string(folder.path().join("real.toml")).unwrap();
    assert!(text.contains("Mine") && text.contains("[targets.oven]"), "{text}");
}

/// Runs commands at the same time, which must all succeed.
fn at_once(folder: &Path, commands: impl Iterator<Item = Vec<String>>) {
    let mut running = Vec::new();
    for arguments in commands {
        let mut command = process(arguments.iter().map(String::as_str));
        running.push(command.current_dir(folder).env("XDG_STATE_HOME", folder).stdout(Stdio::null()).spawn().unwrap());
    }
    for mut child in running {
        assert!(child.wait().unwrap().success());
    }
}

#[test]
fn calls_and_devices_that_are_stored_at_the_same_time_are_all_kept() {
    let serving = Serving::start(&SILENT);
    let folder = TempDir::new().unwrap();
    let target = serving.target();
    let call = |index: usize| {
        let name = format!("hall-{index}");
        ["-q", "-t", &target, "-x", SENSOR_X, "call", "sensor.read", "0", "--save", &name].map(str::to_owned).to_vec()
    };
    at_once(folder.path(), (0..24).map(call));
    let (code, out, err) = run_in(folder.path(), &["--json", "again", "--list"]);
    assert_eq!((code, out.lines().count()), (0, 24), "{err}");
    let forget = |index: usize| ["again", &format!("hall-{index}"), "--forget"].map(str::to_owned).to_vec();
    at_once(folder.path(), (0..12).map(forget));
    assert_eq!(run_in(folder.path(), &["--json", "again", "--list"]).1.lines().count(), 12);
    let add = |index: usize| {
        ["-q", "config", "add", "--here", &format!("oven-{index}"), "tcp://127.0.0.1:1"].map(str::to_owned).to_vec()
    };
    at_once(folder.path(), (0..24).map(add));
    let text = fs::read_to_string(folder.path().join("oncilla.toml")).unwrap();
    assert_eq!(text.matches("[targets.").count(), 24, "{text}");
}
