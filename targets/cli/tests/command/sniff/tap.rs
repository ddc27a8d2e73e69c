//! Tapped serial lines: pseudo-terminals between a client and a device of Oncilla.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use oncilla::framing::{Cobs, Framing, RecordAhead, Serial};
use oncilla::{Client, Link, LinkError, Transport};
use oncilla_host::Connector;
use oncilla_sensor::sensor_1;
use serde_json::{Value, json};
use serialport::{SerialPort, TTYPort};

use super::dissector::{dissect, lines, messages_of};
use crate::support::{SENSOR_X, SILENT, Sensor};

/// A limit against hanging.
const PATIENCE: Duration = Duration::from_secs(60);
const BUFFER: usize = 1 << 10;

/// A tap that runs between two ports.
struct Tapping {
    child: Child,
    notes: BufReader<ChildStderr>,
    /// The inner ends, which keep the lines open.
    _ports: [File; 2],
}

impl Tapping {
    /// Starts the command with these arguments. Returns the outer ends of the line: the client's and the device's.
    fn start(framing: &str, arguments: &[&str]) -> (Self, TTYPort, TTYPort) {
        let pair = || {
            let (outer, inner) = TTYPort::pair().unwrap();
            let name = inner.name().unwrap();
            // Keeps the line open, without the lock of `inner`: the command opens it, too.
            (outer, File::open(&name).unwrap(), name)
        };
        let ((client, a, a_name), (device, b, b_name)) = (pair(), pair());
        let mut command = Command::new(assert_cmd::cargo::cargo_bin("oncilla"));
        command.args(["-x", SENSOR_X, "--framing", framing, "-v", "--json", "sniff", "--tap", &a_name, &b_name]);
        command.args(arguments).env("HOME", "/dev/null").stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut notes = BufReader::new(child.stderr.take().unwrap());
        let mut ready = String::new();
        notes.read_line(&mut ready).unwrap();
        assert!(ready.starts_with("passing bytes between"), "{ready}");
        (Self { child, notes, _ports: [a, b] }, client, device)
    }

    /// Ends it by Ctrl-C, and returns what it printed.
    fn stop(mut self) -> Vec<Value> {
        let killed = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        assert!(killed.unwrap().success());
        let mut out = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        let mut err = String::new();
        self.notes.read_to_string(&mut err).unwrap();
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}: {err}");
        lines(&out)
    }
}

impl Drop for Tapping {
    fn drop(&mut self) {
        // It has ended, unless a test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Calls a device through the tap, and checks what the tap shows.
fn tapped<F: Framing + Send + 'static>(
    framing: &str,
    device: impl FnOnce(oncilla_host::Serial<F>) -> Link<oncilla_host::Serial<F>, Vec<u8>> + Send,
    client: impl FnOnce(oncilla_host::Serial<F>) -> Client<oncilla_host::Serial<F>, Box<[u8]>>,
) -> Vec<Value>
where
    oncilla_host::Serial<F>: Transport<Framing = F, Error = std::io::Error>,
{
    let written = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("tapped-{framing}.pcapng"));
    let (tapping, client_port, device_port) = Tapping::start(framing, &["--write", written.to_str().unwrap()]);
    let events = thread::scope(|scope| {
        scope.spawn(move || {
            let mut link = device(device_port.into());
            // Until the line is closed.
            match link.serve(&SILENT, &mut Sensor::default()) {
                Ok(()) | Err(LinkError::Transport(_)) => {}
                Err(error) => panic!("{error}"),
            }
        });
        let mut client = client(client_port.into());
        client.set_timeout(PATIENCE);
        let mut sensor = sensor_1::Client::new(&mut client);
        let first = sensor.read(0).unwrap();
        assert!(matches!(first, oncilla_sensor::Reading::Ok(_)), "{first:?}");
        assert_eq!(sensor.history(5).unwrap().len(), 5);
        assert!(sensor.rename(0, "hall").unwrap());
        tapping.stop()
    });
    let calls: Vec<_> = events.iter().filter(|event| event["event"] == "exchange").cloned().collect();
    let names: Vec<_> = calls.iter().map(|call| call["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["sensor.read", "sensor.history", "sensor.rename"]);
    assert!(calls.iter().all(|call| call["outcome"] == "results" && call["carrier"] == "serial"), "{calls:?}");
    assert_eq!(calls[0]["results"]["STATUS_OK"]["value"], 21_500);
    assert_eq!(calls[1]["results"].as_array().unwrap().len(), 5);
    assert_eq!(calls[2]["arguments"], json!({"channel": 0, "name": "hall"}));
    assert_eq!(dissect(&written), messages_of(&calls), "Wireshark sees the same");
    events
}

fn buffers() -> (Vec<u8>, Vec<u8>) {
    (vec![0; BUFFER], vec![0; BUFFER])
}

fn boxes() -> (Box<[u8]>, Box<[u8]>) {
    (vec![0; BUFFER].into(), vec![0; BUFFER].into())
}

#[test]
fn a_line_with_hellos_and_short_headers_is_tapped() {
    let device = |port| {
        let (rx, tx) = buffers();
        Link::with_boot_number(port, rx, tx, 7)
    };
    let client = |port| Client::new(Connector::new().buffer(BUFFER).link(port), 1);
    let events = tapped::<Serial>("serial", device, client);
    let hellos: Vec<_> = events.iter().filter(|event| event["event"] == "hello").collect();
    assert!(
        hellos.iter().any(|hello| hello["text"].as_str().unwrap().starts_with("boot number 0x00000007")),
        "{hellos:?}"
    );
}

#[test]
fn a_line_with_plain_frames_is_tapped() {
    let device = |port| {
        let (rx, tx) = buffers();
        Link::new(port, rx, tx)
    };
    let client = |port| {
        let (rx, tx) = boxes();
        Client::new(Link::new(port, rx, tx), 0xdead_0001)
    };
    tapped::<Cobs>("cobs", device, client);
}

#[test]
fn a_line_with_records_is_tapped() {
    let device = |port| {
        let (rx, tx) = buffers();
        Link::new(port, rx, tx)
    };
    let client = |port| {
        let (rx, tx) = boxes();
        Client::new(Link::new(port, rx, tx), 1)
    };
    tapped::<RecordAhead>("record", device, client);
}

#[test]
fn all_bytes_pass_and_a_call_without_a_reply_is_shown_while_the_line_is_silent() {
    let (mut tapping, mut client, mut device) = Tapping::start("cobs", &["--timeout", "100ms"]);
    // Any bytes, and a call that nobody answers.
    let bytes: Vec<u8> = (0..=255).cycle().take(10_000).chain([0]).collect();
    let words = [9_u32, 0, 2, 0x2000_0777, 1, 5, 0, 0, 0, 0];
    let call: Vec<u8> = words.into_iter().flat_map(u32::to_be_bytes).collect();
    let mut buffer = [0; 256];
    Cobs::room(&mut buffer)[..40].copy_from_slice(&call);
    let sent = [&*bytes, Cobs::seal(&mut buffer, 40).unwrap()].concat();
    client.set_timeout(PATIENCE).unwrap();
    device.set_timeout(PATIENCE).unwrap();
    let expected = sent.clone();
    let reading = thread::spawn(move || {
        let mut received = vec![0; expected.len()];
        device.read_exact(&mut received).unwrap();
        assert!(received == expected, "the bytes that arrived are others");
        device
    });
    std::io::Write::write_all(&mut client, &sent).unwrap();
    let _device = reading.join().unwrap();
    // The tap shows the call by itself.
    let (send, receive) = mpsc::channel();
    let mut out = BufReader::new(tapping.child.stdout.take().unwrap());
    thread::spawn(move || {
        let mut line = String::new();
        while out.read_line(&mut line).is_ok_and(|count| count > 0) {
            if send.send(std::mem::take(&mut line)).is_err() {
                break;
            }
        }
    });
    loop {
        let line = receive.recv_timeout(PATIENCE).unwrap();
        let event: Value = serde_json::from_str(&line).unwrap();
        if event["event"] == "exchange" {
            assert_eq!((&event["outcome"], &event["procedure"]), (&json!("unanswered"), &json!(5)));
            break;
        }
        assert_eq!(event["event"], "dropped", "{event}");
    }
}
