//! Targets inside TLS: tcp+tls:// and rpc+tls://, and `--tls-cert` of `oncilla serve` and `oncilla bridge`.

use std::path::Path;

use crate::certificates::{CERTIFICATES, Files};
use crate::daemon::{Daemon, alone};
use crate::running::Running;
use crate::support::{SENSOR_X, run};

/// The files of the server and the client.
fn files() -> Files {
    let (server, client) = (&CERTIFICATES.server, &CERTIFICATES.client);
    let (old, stranger) = (&CERTIFICATES.old, &CERTIFICATES.stranger);
    Files::new(&[
        ("ca.pem", &CERTIFICATES.authority),
        ("other.pem", &CERTIFICATES.other_authority),
        ("server.pem", &server.certificate),
        ("server.key", &server.key),
        ("client.pem", &client.certificate),
        ("client.key", &client.key),
        ("old.pem", &old.certificate),
        ("old.key", &old.key),
        ("stranger.pem", &stranger.certificate),
        ("stranger.key", &stranger.key),
    ])
}

fn at(files: &Files, name: &str) -> String {
    files.path().join(name).to_str().unwrap().to_owned()
}

/// A stand-in inside TLS, with these further options, and its target.
fn serve(files: &Files, options: &[&str]) -> (Running, String) {
    let (cert, key) = (at(files, "server.pem"), at(files, "server.key"));
    let arguments = ["serve", SENSOR_X, "--tls-cert", &cert, "--tls-key", &key];
    let mut running = Running::start(arguments.into_iter().chain(options.iter().copied()));
    let target = running.target();
    (running, target)
}

const CALL: [&str; 3] = ["call", "sensor.read", "0"];

/// Calls a target with options. Returns the exit code and all output.
fn call(target: &str, options: &[&str]) -> (i32, String) {
    let (code, out, err) = run(["-t", target].into_iter().chain(options.iter().copied()).chain(CALL));
    (code, out + &err)
}

#[test]
fn a_call_inside_tls_needs_the_authority() {
    let files = files();
    let (_running, target) = serve(&files, &[]);
    assert!(target.starts_with("tcp+tls://127.0.0.1:"), "{target}");
    let (ca, other) = (at(&files, "ca.pem"), at(&files, "other.pem"));
    let (code, text) = call(&target, &["--ca", &ca]);
    assert_eq!((code, text.contains("STATUS_OK")), (0, true), "{text}");
    let (code, text) = call(&target, &[]);
    assert_eq!((code, text.contains("set it by `--ca FILE`, ONCILLA_CA")), (2, true), "{text}");
    let (code, text) = call(&target, &["--ca", &other]);
    assert_eq!((code, text.contains("no trusted authority signed the server's certificate")), (3, true), "{text}");
    let (code, text) = call(&target.replace("127.0.0.1", "localhost"), &["--ca", &ca]);
    assert_eq!((code, text.contains("\"localhost\"") && text.contains("plant.example")), (3, true), "{text}");
    let (code, text) = call(&target.replace("tcp+tls", "tcp"), &[]);
    assert_eq!((code, text.contains("AUTH_TOOWEAK") && text.contains("`-t tcp+tls://host:port")), (1, true), "{text}");
    let (code, text) = call(&target, &["--ca", SENSOR_X]);
    assert_eq!((code, text.contains("sensor.x: cannot read the certificates")), (2, true), "{text}");
    let (code, text) = call(&target, &["--ca", &ca, "--framing", "cobs"]);
    assert_eq!((code, text.contains("RPC-with-TLS uses framing=record")), (2, true), "{text}");
}

#[test]
fn a_server_can_require_a_certificate() {
    let files = files();
    let ca = at(&files, "ca.pem");
    let (_running, target) = serve(&files, &["--tls-ca", &ca]);
    let (cert, key) = (at(&files, "client.pem"), at(&files, "client.key"));
    let (code, text) = call(&target, &["--ca", &ca, "--cert", &cert, "--key", &key]);
    assert_eq!((code, text.contains("STATUS_OK")), (0, true), "{text}");
    let (code, text) = call(&target, &["--ca", &ca]);
    assert_eq!((code, text.contains("the server requires a client certificate")), (3, true), "{text}");
    let (code, text) = call(&target, &["--ca", &ca, "--cert", &cert]);
    assert_eq!((code, text.contains("set it by `--key FILE`")), (2, true), "{text}");
    let (code, text) = call(&target, &["--ca", &ca, "--key", &key]);
    assert_eq!((code, text.contains("set it by `--cert FILE`")), (2, true), "{text}");
    // Each part of the text is about the certificate.
    for (name, why) in
        [("old", "has expired or is not valid yet: renew it"), ("stranger", "that its authorities signed")]
    {
        let (cert, key) = (at(&files, &format!("{name}.pem")), at(&files, &format!("{name}.key")));
        let (code, text) = call(&target, &["--ca", &ca, "--cert", &cert, "--key", &key]);
        assert_eq!((code, text.contains(why), text.contains("--interface")), (3, true, false), "{text}");
        assert!(text.contains("help: `--cert FILE` sets the certificate of this client"), "{text}");
    }
    let wrong = at(&files, "server.key");
    let (code, text) = call(&target, &["--ca", &ca, "--cert", &cert, "--key", &wrong]);
    assert_eq!((code, text.contains("pass the private key of the first certificate")), (2, true), "{text}");
}

#[test]
fn a_server_without_tls_or_a_host_without_rpcbind_is_named_as_such() {
    let files = files();
    let ca = at(&files, "ca.pem");
    let mut plain = Running::start(["serve", SENSOR_X]);
    let (code, text) = call(&plain.target().replace("tcp://", "tcp+tls://"), &["--ca", &ca]);
    assert_eq!((code, text.contains("does not offer TLS") && text.contains("as servers without TLS do")), (3, true));
    assert!(!text.contains("credential"), "{text}");
    // Another port than 111, on which nothing listens.
    for (scheme, hint) in [("rpc+tls", "`-t tcp+tls://127.0.0.1:PORT`"), ("rpc", "`-t tcp://127.0.0.1:PORT`")] {
        let (code, text) = call(&format!("{scheme}://127.0.0.1:1"), &["--ca", &ca, "-x", SENSOR_X]);
        assert_eq!((code, text.contains("the rpcbind of 127.0.0.1:1 was not reached")), (3, true), "{text}");
        assert!(text.contains(hint) && !text.contains("asks its rpcbind"), "{text}");
    }
}

#[test]
fn tls_is_refused_where_it_does_not_apply() {
    let files = files();
    let (cert, key) = (at(&files, "server.pem"), at(&files, "server.key"));
    for place in ["udp://127.0.0.1:0", "pty"] {
        for places in [&["-l", place][..], &["-l", "tcp://127.0.0.1:0", "-l", place]] {
            let arguments = ["serve", SENSOR_X, "--tls-cert", &cert, "--tls-key", &key];
            let (code, _, err) = run(arguments.into_iter().chain(places.iter().copied()));
            assert!(
                code == 2 && err.contains("cannot be served inside TLS") && err.contains("--link-key FILE"),
                "{err}"
            );
        }
    }
}

/// Sealed messages inside TLS: a client needs both.
#[test]
fn tls_and_keys_together() {
    let (files, folder) = (files(), tempfile::tempdir().unwrap());
    let ca = at(&files, "ca.pem");
    let link_key = folder.path().join("oven.key").to_str().unwrap().to_owned();
    assert_eq!(run(["key", "new", &link_key]).0, 0);
    for suite in ["light", "forward-secret"] {
        let (_running, target) = serve(&files, &["--link-key", &link_key, "--suite", suite]);
        let under = ["--link-key", &link_key, "--suite", suite];
        let (code, text) = call(&target, &[&["--ca", &*ca][..], &under].concat());
        assert_eq!((code, text.contains("STATUS_OK")), (0, true), "{text}");
        // Without the key, inside TLS.
        let (code, text) = call(&target, &["--ca", &ca]);
        assert_eq!((code, text.contains("`--link-key FILE` calls under a key")), (3, true), "{text}");
        // Under the key, without TLS. The refusal is sealed.
        let (code, text) = call(&target.replace("tcp+tls", "tcp"), &under);
        assert_eq!((code, text.contains("AUTH_TOOWEAK") && text.contains("may require TLS")), (1, true), "{text}");
    }
}

#[test]
fn files_can_be_in_the_configuration() {
    let files = files();
    let ca = at(&files, "ca.pem");
    let (_running, target) = serve(&files, &["--tls-ca", &ca]);
    let config = at(&files, "config.toml");
    let (cert, key) = (at(&files, "client.pem"), at(&files, "client.key"));
    let add = ["config", "add", "plant", &target, "--ca", &ca, "--cert", &cert, "--key", &key, "--config", &config];
    let (code, _, err) = run(add);
    assert_eq!(code, 0, "{err}");
    let text = std::fs::read_to_string(&config).unwrap();
    assert!(text.contains("ca = \"ca.pem\"\ncert = \"client.pem\"\nkey = \"client.key\"\n"), "{text}");
    let (code, text) = call("plant", &["--config", &config]);
    assert_eq!((code, text.contains("STATUS_OK")), (0, true), "{text}");
    let (_, out, err) = run(["--config", &config, "-t", "plant", "config"]);
    let line = format!("key = {}  (file, {config})\n", Path::new(&key).display());
    assert!(out.contains(&line), "{out}{err}");
}

#[test]
fn a_bridge_gives_a_device_tls() {
    let files = files();
    let mut device = Running::start(["serve", SENSOR_X]);
    let (cert, key, ca) = (at(&files, "server.pem"), at(&files, "server.key"), at(&files, "ca.pem"));
    let device_target = device.target();
    let arguments = ["bridge", &device_target, "tcp://127.0.0.1:0", "--tls-cert", &cert, "--tls-key", &key];
    let mut bridge = Running::start(arguments);
    let (code, text) = call(&bridge.target(), &["--ca", &ca]);
    assert_eq!((code, text.contains("STATUS_OK")), (0, true), "{text}");
    // The other way round: a device inside TLS, for clients in the clear.
    let (_running, target) = serve(&files, &[]);
    let mut bridge = Running::start(["bridge", &target, "tcp://127.0.0.1:0", "--ca", &ca]);
    let (code, text) = call(&bridge.target(), &[]);
    assert_eq!((code, text.contains("STATUS_OK")), (0, true), "{text}");
    let (code, _, err) = run(["bridge", &device_target, "tcp+tls://127.0.0.1:0"]);
    assert_eq!((code, err.contains("give `--tls-cert FILE` and `--tls-key FILE`")), (2, true), "{err}");
}

#[test]
fn rpcbind_is_asked_in_clear_for_a_program_inside_tls() {
    alone("tls::rpcbind_is_asked_in_clear_for_a_program_inside_tls", || {
        let _rpcbind = Daemon::start(&[]);
        let files = files();
        let ca = at(&files, "ca.pem");
        let (_running, target) = serve(&files, &["--listen", "tcp://127.0.0.1:20051", "--register"]);
        assert_eq!(target, "tcp+tls://127.0.0.1:20051");
        let (code, text) = call("rpc+tls://127.0.0.1", &["--ca", &ca]);
        assert_eq!((code, text.contains("STATUS_OK")), (0, true), "{text}");
        let (code, text) = call("rpc://127.0.0.1", &[]);
        assert_eq!((code, text.contains("AUTH_TOOWEAK")), (1, true), "{text}");
        // Another server sees that this one is alive, although it refuses calls in the clear.
        let arguments = ["serve", SENSOR_X, "--listen", "tcp://127.0.0.1:0", "--register"];
        let (code, _, err) = run(arguments);
        assert_eq!((code, err.contains("register")), (2, true), "{err}");
    });
}
