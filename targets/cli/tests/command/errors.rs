//! Errors that name what runs at the target.

use std::io::{BufRead, BufReader, Read};
use std::net::UdpSocket;
use std::process::{Command, Stdio};

use oncilla::framing::{Cobs, Record};

use crate::line::{self, Port, answering, on_tcp, repeat};
use crate::running::Running;
use crate::support::{Ended, SENSOR_X, SILENT, run};

/// Runs the command and returns its exit code and errors.
fn ping(target: &str) -> (i32, String) {
    let (code, _, err) = run(["-t", target, "--timeout", "600ms", "ping", "-c", "1"]);
    (code, err)
}

#[test]
fn a_text_console_on_a_serial_line_is_named() {
    let (port, far) = Port::new();
    repeat(far, b"\r\nU-Boot 2024.01\r\nHit any key to stop autoboot: 3\r\n");
    let (code, err) = ping(&port.target());
    assert_eq!(code, 4);
    assert!(err.contains("the received bytes are text, the boot loader U-Boot: "), "{err}");
    assert!(err.contains(&format!("`oncilla -t '{}' log --raw` shows it", port.target())), "{err}");
}

#[test]
fn bytes_of_another_baud_rate_are_no_frames() {
    let (port, far) = Port::new();
    repeat(far, b"\xfe\x80\xf8\x1e\x00\xe6\x78\x80\xfe\xfc\xc0");
    let (code, err) = ping(&port.target());
    assert_eq!(code, 4);
    assert!(err.contains("fit no framing: the baud rate may not be 115200"), "{err}");
    assert!(err.contains("list --probe` tries the usual baud rates"), "{err}");
}

#[test]
fn a_line_with_record_marking_is_found_by_trying() {
    let (port, far) = Port::new();
    line::serve::<Record>(far, &SILENT);
    let (code, out, err) = run(["-t", &port.target(), "list", "--probe"]);
    assert_eq!(code, 0, "{out}{err}");
    let target = format!("serial:{}?baud=115200&framing=record", port.name);
    assert_eq!(out, format!("{target}: answers (PROG_UNAVAIL)\n"));
    assert_eq!(err, format!("use -t '{target}'\n"));
    assert_eq!(ping(&target).0, 0);
}

#[test]
fn errors_of_a_silent_line_state_what_to_check_and_cobs_is_found() {
    let (port, _far) = Port::new();
    let (code, err) = ping(&port.target());
    assert_eq!(code, 4);
    assert!(
        err.contains("nothing arrived on ") && err.contains("the baud rate (115200) and the framing (serial)"),
        "{err}"
    );
    let (port, far) = Port::new();
    line::serve::<Cobs>(far, &SILENT);
    let (code, out, _) = run(["-t", &format!("{}?framing=record", port.target()), "list", "--probe"]);
    assert_eq!(code, 0, "{out}");
    assert!(
        out.contains("framing=record: no reply\n") && out.contains("framing=serial: answers (PROG_UNAVAIL)\n"),
        "{out}"
    );
}

#[test]
fn firmware_on_tcp_has_another_framing() {
    let address = on_tcp(&SILENT);
    let target = format!("tcp://{address}");
    // It introduces itself.
    let (code, err) = ping(&target);
    assert_eq!(code, 4);
    assert!(err.contains(&format!("the framing of COBS: use -t 'tcp://{address}?framing=serial'")), "{err}");
    let (code, out, _) = run(["-t", &target, "list", "--probe"]);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains(&format!("tcp://{address}?framing=serial: answers (PROG_UNAVAIL)")), "{out}");
    // What it prints shows the framing, too.
    let printing = answering(|_, stream| {
        use std::io::Write as _;
        stream.write_all(b"\0\x7fready\r\n\0").unwrap();
        let _ = stream.read(&mut [0; 1024]);
        let _ = stream.read(&mut [0; 1024]);
    });
    let (_, err) = ping(&format!("tcp://{printing}"));
    assert!(err.contains("the framing of COBS: use -t 'tcp://") && err.contains("?framing=serial'"), "{err}");
}

/// Starts a server. Returns it with the first port that it prints after `before`.
fn server(command: &mut Command, package: &str, before: &str) -> (Ended, u16) {
    let name = command.get_program().to_owned();
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let child = child.unwrap_or_else(|error| panic!("cannot run {name:?}: {error}; install it: apt install {package}"));
    let mut child = Ended(child);
    let lines = BufReader::new(child.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    let port = lines.filter_map(|line| {
        let (_, rest) = line.split_once(before)?;
        rest.split(|character: char| !character.is_ascii_digit()).next()?.parse().ok()
    });
    let port = port.into_iter().next().unwrap_or_else(|| panic!("{name:?} states no port"));
    (child, port)
}

#[test]
fn an_http_server_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("python3");
    command.args(["-u", "-m", "http.server", "0", "--bind", "127.0.0.1"]).current_dir(folder.path());
    let (_server, port) = server(&mut command, "python3", " port ");
    let (code, out, err) = run(["-t", &format!("tcp://127.0.0.1:{port}"), "list", "--probe"]);
    assert_eq!(code, 3, "{out}");
    assert!(err.contains("the server speaks HTTP, not ONC RPC"), "{out}{err}");
}

#[test]
fn a_tls_server_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-subj",
            "/CN=oven",
        ])
        .args(["-keyout", "key.pem", "-out", "cert.pem"])
        .current_dir(folder.path())
        .output()
        .unwrap_or_else(|error| panic!("cannot run openssl: {error}; install it: apt install openssl"));
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let mut command = Command::new("openssl");
    command
        .args(["s_server", "-accept", "127.0.0.1:0", "-key", "key.pem", "-cert", "cert.pem"])
        .current_dir(folder.path());
    let (_server, port) = server(&mut command, "openssl", "ACCEPT 127.0.0.1:");
    let target = format!("tcp://127.0.0.1:{port}");
    let (_, err) = ping(&target);
    assert!(err.contains(&format!("`oncilla -t '{target}' list --probe` identifies the server")), "{err}");
    let (code, out, err) = run(["-t", &target, "list", "--probe"]);
    assert_eq!(code, 3, "{out}");
    assert!(err.contains("the server speaks TLS, not ONC RPC"), "{out}{err}");
}

#[test]
fn an_ssh_server_is_named() {
    let address = answering(|_, stream| {
        use std::io::Write as _;
        stream.write_all(b"SSH-2.0-OpenSSH_9.2p1\r\n").unwrap();
        let _ = stream.read(&mut [0; 1024]);
    });
    let (_, err) = ping(&format!("tcp://{address}"));
    assert!(err.contains("the server speaks SSH, not ONC RPC"), "{err}");
    assert!(err.contains("`oncilla -t rpc://127.0.0.1 list`"), "{err}");
}

#[test]
fn connections_that_cannot_be_made_have_a_next_step() {
    let (code, err) = ping("tcp://127.0.0.1:1");
    assert_eq!(code, 3);
    assert!(err.contains("no program listens on this port; `oncilla -t rpc://127.0.0.1 list`"), "{err}");
    let (code, err) = ping("tcp://nowhere.invalid:1");
    assert_eq!(code, 3);
    assert!(err.contains("use a numeric address"), "{err}");
    let (code, err) = ping("serial:/dev/tty-that-is-not-there");
    assert_eq!(code, 3);
    assert!(err.contains("check that the adapter is plugged in"), "{err}");
    let (code, err) = ping("unix:/nonexistent/socket");
    assert_eq!(code, 3);
    assert!(err.contains("check that the server is running"), "{err}");
}

#[test]
fn a_port_in_use_names_its_user() {
    let (port, _far) = Port::new();
    let _open = oncilla_host::Serial::<Cobs>::open(&port.name, 115_200).unwrap();
    let (code, err) = ping(&port.target());
    assert_eq!(code, 3);
    assert!(err.contains(&format!("(process {})", std::process::id())) || err.contains("uses it"), "{err}");
}

#[test]
fn bytes_on_the_wire_are_readable() {
    let silent = crate::support::Serving::start(&SILENT);
    let (_, _, err) = run(["-t", &silent.target(), "-vv", "ping", "-c", "1"]);
    assert!(err.contains("connected to tcp://127.0.0.1:"), "{err}");
    assert!(err.contains(" -> 44 bytes: call of program 0x3fffde5c version 1 procedure 0, xid "), "{err}");
    assert!(err.contains(" <- 28 bytes: reply, PROG_UNAVAIL, xid "), "{err}");
    assert!(err.contains("call of program 0x3fffde5c version 1 procedure 0: refused, PROG_UNAVAIL in "), "{err}");
    let firmware = format!("tcp://{}?framing=serial", on_tcp(&SILENT));
    let (_, _, err) = run(["-t", &firmware, "-vv", "ping", "-c", "1"]);
    assert!(err.contains("bytes: hello") && err.contains("bytes: call of program 0x3fffde5c"), "{err}");
}

#[test]
fn without_an_interface_nothing_was_called() {
    let nobody = UdpSocket::bind("127.0.0.1:0").unwrap();
    let target = format!("udp://{}", nobody.local_addr().unwrap());
    let (code, _, err) = run(["-t", &target, "--timeout", "50ms", "call", "sensor.read", "0"]);
    assert_eq!(code, 4);
    let what = "error: the device did not answer within 50ms when asked for its interface; nothing was called\n";
    assert!(err.starts_with(what) && err.contains("a port without a server is silent"), "{err}");
    let closing = answering(|_, stream| drop(stream.read(&mut [0; 1])));
    let (_, _, err) = run(["-t", &format!("tcp://{closing}"), "call", "sensor.read", "0"]);
    assert!(
        err.contains("asked for its interface") && err.contains("; nothing was called\n") && !err.contains("executed"),
        "{err}"
    );
}

#[test]
fn a_device_that_has_answered_before_is_not_said_to_be_silent() {
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("rules.toml");
    std::fs::write(&rules, "[[rule]]\nprocedure = \"sensor.read\"\nfault = \"silence\"").unwrap();
    let places = ["--listen", "tcp://127.0.0.1:0", "--listen", "udp://127.0.0.1:0"];
    let mut running = Running::start(["serve", SENSOR_X, "--rules", rules.to_str().unwrap()].into_iter().chain(places));
    for _ in 0..2 {
        let target = running.target();
        let (code, _, err) = run(["-t", &target, "--timeout", "2s", "call", "sensor.read", "0"]);
        assert_eq!(code, 4);
        assert!(err.contains("no reply within 2s; the call may have been executed"), "{err}");
        assert!(err.contains("help: the device answered ") && !err.contains("--probe"), "{err}");
        assert!(!err.contains("silent"), "{err}");
    }
}
