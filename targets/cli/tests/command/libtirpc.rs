//! A server that rpcgen and libtirpc made, by its own `.x` file.

use std::path::Path;
use std::process::Command;
use std::sync::Once;

use oncilla_dynamic::Interface;
use oncilla_test_support::libtirpc;
use serde_json::{Value, json};

use crate::c_server::CServer;
use crate::support::{oncilla, outcome, run};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/interop");
const CONSTRUCTS_X: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/interop/constructs.x");

/// Random calls of each procedure.
const CALLS: usize = 20;

/// The server, compiled before it is needed for the first time.
fn server() -> CServer {
    static COMPILED: Once = Once::new();
    let into = Path::new(env!("CARGO_TARGET_TMPDIR")).join("called");
    COMPILED.call_once(|| {
        let parts = ["c/server.c", "c/describe.c", "constructs_xdr.c", "constructs_svc.c"];
        libtirpc::compile(Path::new(FOLDER), "constructs", &into, &[("server", &parts)]);
    });
    CServer::start(Command::new(into.join("server")))
}

/// Numbers that the same seed repeats.
fn random(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state >> 11
}

#[test]
fn every_construct_comes_back_as_it_was() {
    let server = server();
    let interface = Interface::parse_file(CONSTRUCTS_X).unwrap();
    let echoes = interface.procedures().filter(|procedure| procedure.short_name().starts_with("constructs.echo_"));
    let (mut state, mut input, mut expected) = (1, String::new(), Vec::new());
    for procedure in echoes {
        let calls = if procedure.result().is_some() { CALLS } else { 1 };
        for _ in 0..calls {
            let fields: Vec<_> = procedure.argument_fields().collect();
            // The results are the echoed arguments, with numbers in the form of the device.
            let value = fields.first().map_or(Value::Null, |field| field.type_.random(&mut || random(&mut state)));
            let arguments = if fields.is_empty() { Value::Null } else { json!([value]) };
            let bytes = procedure.encode_arguments(&arguments).unwrap();
            expected.push(procedure.decode_results(&bytes).unwrap());
            input.push_str(&json!({"call": procedure.short_name(), "arguments": arguments}).to_string());
            input.push('\n');
        }
    }
    assert!(expected.len() > 10 * CALLS, "{} calls", expected.len());
    for target in [format!("tcp://{}", server.addresses[0]), format!("udp://{}", server.addresses[1])] {
        let call = ["-t", &target, "-x", CONSTRUCTS_X, "call", "-"];
        let (code, out, err) = outcome(oncilla(call).write_stdin(input.as_str()).output().unwrap());
        assert_eq!((code, err.as_str()), (0, ""), "{target}");
        let results: Vec<_> =
            out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["result"].clone()).collect();
        for ((result, expected), call) in results.iter().zip(&expected).zip(input.lines()) {
            assert_eq!(result, expected, "{target}: {call}");
        }
        assert_eq!(results.len(), expected.len());
    }
}

#[test]
fn c_reads_what_was_typed() {
    let server = server();
    let target = format!("tcp://{}", server.addresses[0]);
    let call = |arguments: &[&str]| run(["-t", &target, "-x", CONSTRUCTS_X, "call"].iter().chain(arguments).copied());
    let echoed = "center:\n  x: 1\n  y: -2\ncorners:\n  [0]\n    x: 3\n    y: 4\nanchor: null\nmark: ff00\n";
    let words =
        ["constructs.echo_shape", "center.x=1", "center.y=-2", "corners[0].x=3", "corners[0].y=4", "mark=0xff00"];
    let (code, out, err) = call(&words);
    assert_eq!((code, out.as_str()), (0, echoed), "{err}");
    // In the words of the C program.
    assert_eq!(call(&["constructs.seen"]).1, "{{1 -2} [{3 4}] none some xff00}\n");
    let mixed = ["constructs.mix", "7", "-1", "hall", "00ff", "true", "GREEN", "1.5", "{\"x\": 1, \"y\": 2}"];
    let (code, out, err) = call(&[&["--json"][..], &mixed].concat());
    let expected = "{\"octet\":7,\"big\":-1,\"text\":\"hall\",\"data\":\"00ff\",\"truth\":true,\"shade\":\"GREEN\",\
                    \"real\":1.5,\"place\":{\"x\":1,\"y\":2}}\n";
    assert_eq!((code, out.as_str()), (0, expected), "{err}");
    // A one-way call, and the user that calls.
    assert_eq!(call(&["constructs.note", "--cast", "later"]), (0, String::new(), String::new()));
    assert_eq!(call(&["--as", "1000:100", "constructs.caller"]).1, "1000 100 [] ''\n");
    let (code, _, err) = call(&["constructs.echo_word", "a text that is too long"]);
    assert_eq!(code, 2);
    assert!(err.contains("expected at most 11 bytes, found 23"), "{err}");
}
