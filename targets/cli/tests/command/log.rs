//! `oncilla log`.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use oncilla::framing::Serial;
use oncilla::{Link, Time};
use serde_json::Value;
use serialport::SerialPort;

use crate::line::{Port, answering, repeat};
use crate::support::{run, started};

/// What a device prints.
fn print(stream: &std::net::TcpStream) {
    let socket: oncilla_host::Socket<Serial> = stream.try_clone().unwrap().into();
    let mut link = Link::new(socket, vec![0; 256], vec![0; 256]);
    link.print("INFO: read", Time::NEVER).unwrap();
    link.print("y\r\nERROR: \x1b[2Jno sensor\r\n", Time::NEVER).unwrap();
    link.log(&[0, 0xab], Time::NEVER).unwrap();
}

#[test]
fn text_and_logs_are_shown_and_nothing_is_sent() {
    let (sender, receiver) = mpsc::channel();
    let address = answering(move |number, stream| {
        print(stream);
        if number == 1 {
            let mut bytes = Vec::new();
            let _ = stream.read_to_end(&mut bytes);
            sender.send(bytes).unwrap();
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("device.log");
    let target = format!("tcp://{address}?framing=serial");
    let (code, out, err) = run(["-t", &target, "--json", "log", "-c", "6", "-o", file.to_str().unwrap()]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert_eq!(fs::read_to_string(&file).unwrap(), out);
    let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<_> = lines.iter().map(|line| line["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["text", "text", "log", "lost", "connected", "text", "text", "log"]);
    assert_eq!((&lines[0]["text"], &lines[0]["level"]), (&"INFO: ready".into(), &"info".into()));
    assert_eq!((&lines[1]["text"], &lines[1]["level"]), (&"ERROR: \\u{1b}[2Jno sensor".into(), &"error".into()));
    assert_eq!(lines[2]["hex"], "00ab");
    assert!(receiver.recv().unwrap().is_empty());
}

#[test]
fn a_serial_device_that_was_unplugged_is_listened_to_again() {
    let (mut port, mut far) = Port::new();
    let mut log = started(["-t", &port.target(), "log"]);
    let mut lines = BufReader::new(log.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    // What is sent before the port is open is lost.
    let (seen, see) = mpsc::channel();
    let sending = thread::spawn(move || {
        far.set_timeout(Duration::from_millis(20)).unwrap();
        while see.try_recv().is_err() {
            // It fails while nobody reads.
            let _ = far.write_all(b"\0\x7fone\r\n\0");
            far.read(&mut [0; 64]).expect_err("nothing is sent");
        }
    });
    assert!(lines.next().unwrap().ends_with(" one"));
    seen.send(()).unwrap();
    sending.join().unwrap();
    port.pull();
    repeat(port.plug(), b"\0\x7ftwo\r\n\0");
    assert!(lines.any(|line| line.ends_with(" two")));
    assert!(Command::new("kill").args(["-INT", &log.0.id().to_string()]).status().unwrap().success());
    assert_eq!(log.0.wait().unwrap().code(), Some(0));
}

#[test]
fn a_boot_loader_is_shown_as_it_is() {
    let (port, far) = Port::new();
    repeat(far, b"U-Boot 2024.01\r\n\x1b[2J=> ");
    let (code, out, err) = run(["-t", &port.target(), "log", "--raw", "-w", "500ms"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.contains("U-Boot 2024.01\n\\u{1b}[2J=> "), "{out}");
    // Without frames it is text, too.
    let (_, out, _) = run(["-t", &port.target(), "log", "-c", "2"]);
    assert!(out.contains("U-Boot 2024.01"), "{out}");
}

#[test]
fn targets_without_a_log_are_refused() {
    let (code, _, err) = run(["-t", "tcp://127.0.0.1:1", "log"]);
    assert_eq!(code, 2);
    assert!(err.contains("-t 'tcp://127.0.0.1:1?framing=serial'"), "{err}");
    let (code, _, err) = run(["-t", "udp://127.0.0.1:1", "log"]);
    assert_eq!(code, 2);
    assert!(err.contains("does not carry a stream of bytes"), "{err}");
}

#[test]
fn text_is_shown_with_letters_of_all_scripts_bells_and_after_noise() {
    for (bytes, text) in [
        ("température 21 °C\r\n".as_bytes(), "température 21 °C"),
        (b"ready\x07\r\n", "ready\\u{7}"),
        (b"ready\r\n\xff\xfe\x01\x02", "ready"),
    ] {
        let (port, far) = Port::new();
        repeat(far, bytes);
        let (code, out, err) = run(["-t", &port.target(), "--json", "log", "--count", "4"]);
        assert_eq!((code, err.as_str()), (0, ""));
        let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let texts: Vec<_> = lines.iter().filter(|line| line["kind"] == "text").map(|line| &line["text"]).collect();
        // The first may have begun before the port was open.
        assert_eq!(texts[1..], [text; 3]);
        let noise: Vec<_> = lines.iter().filter(|line| line["kind"] == "dropped").map(|line| &line["hex"]).collect();
        assert!(noise.iter().all(|hex| "fffe0102".ends_with(hex.as_str().unwrap())), "{noise:?}");
        assert_eq!(noise.is_empty(), text != "ready");
    }
}
