//! Control characters in files, values and words of the command line: none reaches the output.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::{oncilla, outcome, run};

/// Clears the screen, sets the title, clears the screen by a C1 character, and reverses the direction of writing.
const HARM: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}2J\u{202e}";

/// [`HARM`] in JSON and in TOML.
const ESCAPED: &str = r"\u001b[2J\u001b]0;owned\u0007\u009b2J\u202e";

const HOSTILE_X: &str = "program HOSTILE { version V { string ECHO(string) = 1; } = 1; } = 0x20000052;";

/// Checks that a text has nothing that a terminal obeys.
fn check(shown: &str) {
    let harm = ['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}'];
    assert!(!shown.contains(harm), "{shown:?}");
}

/// Writes a file of this name and returns its path.
fn file(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn errors_show_harmful_names_as_escapes() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| file(folder.path(), name, text);
    let interface = file("hostile.x", HOSTILE_X);
    let rule = file("rule.toml", &format!("[[rule]]\nprocedure = \"{ESCAPED}\"\nvalue = 1\n"));
    let entry = file("entry.toml", &format!("\"{ESCAPED}\" = 1\n"));
    let argument = file("argument.jsonl", &format!(r#"{{"procedure":"hostile.echo","arguments":{{"{ESCAPED}":1}}}}"#));
    let fault =
        file("fault.jsonl", &format!(r#"{{"procedure":"hostile.echo","arguments":["a"],"fault":"{ESCAPED}"}}"#));
    let config = file("config.toml", &format!("[targets.\"{ESCAPED}\"]\naddress = \"tcp://a:1\"\n"));
    for arguments in [
        &["serve", &interface, "--rules", &rule][..],
        &["serve", &interface, "--rules", &entry],
        &["serve", &interface, "--replay", &argument],
        &["serve", &interface, "--replay", &fault],
        &["--config", &config, "-t", "a", "ping"],
        &["-x", HARM, "describe"],
        &["-x", &interface, "-t", "tcp://127.0.0.1:1", "call", HARM],
        &["compile", HARM],
        &["-t", HARM, "ping"],
        &["again", HARM],
        // These the parser of the command line refuses.
        &[HARM],
        &["ping", HARM, HARM],
        &["--timeout", HARM, "ping"],
        &["--framing", HARM, "ping"],
    ] {
        let (code, out, err) = run(arguments.iter().copied());
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}: {err}");
        check(&err);
        assert!(err.contains(r"\u{9b}") || err.contains(r"\u009b"), "{arguments:?}: the name is there: {err}");
        let (code, out, err) = run(["--json"].iter().chain(arguments).copied());
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}: {err}");
        check(&err);
    }
}

#[test]
fn stored_calls_with_harmful_names_are_listed_as_escapes() {
    let state = tempfile::tempdir().unwrap();
    fs::create_dir(state.path().join("oncilla")).unwrap();
    let text =
        format!("[calls.\"{ESCAPED}\"]\ncall = \"{ESCAPED}\"\narguments = '\"{ESCAPED}\"'\ntarget = \"{ESCAPED}\"\n");
    file(state.path(), "oncilla/calls.toml", &text);
    let list = |options: &[&str]| {
        let mut command = oncilla(options.iter().copied().chain(["again", "--list"]));
        outcome(command.env("XDG_STATE_HOME", state.path()).output().unwrap())
    };
    for options in [&[][..], &["--color", "always"]] {
        let (code, out, err) = list(options);
        assert_eq!((code, err.as_str()), (0, ""));
        check(&out.replace("\u{1b}[1m", "").replace("\u{1b}[0m", ""));
        assert!(out.matches(r"\u{9b}").count() >= 3, "{out}");
    }
    let (code, out, err) = list(&["--json"]);
    assert_eq!((code, err.as_str()), (0, ""));
    check(&out);
    let value: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((value["name"].as_str(), value["target"].as_str()), (Some(HARM), Some(HARM)));
}

#[test]
fn json_of_a_capture_has_escapes() {
    let folder = tempfile::tempdir().unwrap();
    let interface = file(folder.path(), "hostile.x", HOSTILE_X);
    // A pcap file of raw IP with one packet: a call on UDP.
    let header = [&0xa1b2_c3d4_u32.to_le_bytes()[..], &[2, 0, 4, 0], &[0; 8], &[0, 0, 4, 0], &[101, 0, 0, 0]].concat();
    let words = [7_u32, 0, 2, 0x2000_0052, 1, 1, 0, 0, 0, 0, HARM.len() as u32];
    let mut call: Vec<u8> = words.into_iter().flat_map(u32::to_be_bytes).chain(HARM.bytes()).collect();
    call.resize(call.len().next_multiple_of(4), 0);
    let length = |more: usize| u16::try_from(call.len() + more).unwrap().to_be_bytes();
    let [high, low] = length(28);
    let ip = [0x45, 0, high, low, 0, 0, 0, 0, 9, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2];
    let [high, low] = length(8);
    let udp = [0x03, 0xe8, 0, 111, high, low, 0, 0];
    let packet = [&ip[..], &udp, &call].concat();
    let length = u32::try_from(packet.len()).unwrap().to_le_bytes();
    let capture = [&*header, &[1, 0, 0, 0, 2, 0, 0, 0], &length, &length, &packet].concat();
    let sniff = |option: &str| {
        let (code, out, err) =
            outcome(oncilla(["-x", &interface, option, "sniff", "-"]).write_stdin(&*capture).output().unwrap());
        assert_eq!((code, err.as_str()), (0, ""));
        check(&out);
        out
    };
    let value: Value = serde_json::from_str(&sniff("--json")).unwrap();
    assert!(value.to_string().contains(&Value::from(HARM).to_string()), "{value}");
    assert!(sniff("-v").contains(r"\u{9b}"));
}

#[cfg(unix)]
mod on_unix {
    use super::*;
    use crate::running::Running;
    use crate::terminal::Terminal;

    #[test]
    fn json_of_watch_and_serve_has_escapes() {
        let folder = tempfile::tempdir().unwrap();
        let interface = file(folder.path(), "hostile.x", HOSTILE_X);
        let rules = file(
            folder.path(),
            "rules.toml",
            &format!("[[rule]]\nprocedure = \"hostile.echo\"\nvalue = \"{ESCAPED}\"\n"),
        );
        let mut serving = Running::start(["--json", "serve", &interface, "--rules", &rules]);
        let listening: Value = serde_json::from_str(&serving.line()).unwrap();
        let target = listening["listening"].as_str().unwrap();
        let watch = ["-t", target, "--json", "watch", "hostile.echo", HARM, "--count", "1"];
        let (code, out, err) = run(watch);
        assert_eq!(code, 0, "{err}");
        check(&[&*out, &*err].concat());
        let sample: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(sample["value"].as_str(), Some(HARM));
        let call = serving.line();
        check(&call);
        let call: Value = serde_json::from_str(&call).unwrap();
        assert_eq!(call["result"].as_str(), Some(HARM));
        assert!(call["arguments"].to_string().contains(&Value::from(HARM).to_string()), "{call}");
        assert_eq!(serving.interrupt().0, 0);
    }

    #[test]
    fn an_error_on_a_terminal_does_not_clear_it() {
        for arguments in [&["-x", HARM, "describe"][..], &["again", HARM], &[HARM]] {
            let (status, screen) = Terminal::start(arguments.iter().copied()).end();
            assert_eq!(status.code(), Some(2), "{screen}");
            assert!(screen.starts_with("error: ") && screen.contains(r"\u{9b}"), "{arguments:?}: {screen}");
        }
    }
}
