//! What Wireshark sees in a capture.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Returns the messages of a capture as Wireshark dissects them.
///
/// Each is 1 for a reply or 0, xid, program, version, procedure.
pub fn dissect(capture: &Path) -> Vec<[u64; 5]> {
    let fields = ["rpc.msgtyp", "rpc.xid", "rpc.program", "rpc.programversion", "rpc.procedure"];
    let mut tshark = Command::new("tshark");
    // A client of root may have a port of another protocol.
    let options = ["rpc.dissect_unknown_programs", "tcp.try_heuristic_first", "udp.try_heuristic_first"];
    tshark.args(options.iter().flat_map(|option| ["-o".to_owned(), format!("{option}:TRUE")]));
    tshark.arg("-r").arg(capture).args(["-2", "-Y", "rpc"]);
    tshark.args(["-T", "fields", "-E", "separator=|", "-E", "occurrence=a"]);
    tshark.args(fields.iter().flat_map(|field| ["-e", field]));
    let output =
        tshark.output().unwrap_or_else(|error| panic!("cannot run tshark: {error}; install it: apt install tshark"));
    assert!(output.status.success(), "tshark failed: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().flat_map(messages).collect()
}

/// The messages of one packet: TCP segments may hold several.
fn messages(line: &str) -> Vec<[u64; 5]> {
    let number = |text: &str| match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).unwrap(),
        None => text.parse().unwrap(),
    };
    let columns: Vec<Vec<u64>> = line
        .split('|')
        .map(|values| values.split(',').filter(|value| !value.is_empty()).map(number).collect())
        .collect();
    let count = columns[0].len();
    // Some fields are there twice for each message.
    let field = |column: &Vec<u64>, index| column[index * column.len() / count];
    (0..count).map(|index| [0, 1, 2, 3, 4].map(|column: usize| field(&columns[column], index))).collect()
}

/// Returns the same messages from the values of `sniff --json`.
pub fn messages_of(events: &[Value]) -> Vec<[u64; 5]> {
    let mut messages = Vec::new();
    for event in events {
        let [xid, program, version, procedure] =
            ["xid", "program", "version", "procedure"].map(|name| event[name].as_u64().unwrap());
        let kinds = if event["outcome"] == "unanswered" { 0..1 } else { 0..2 };
        messages.extend(kinds.map(|kind| [kind, xid, program, version, procedure]));
    }
    messages
}

/// Returns the messages, sorted.
pub fn sorted(mut messages: Vec<[u64; 5]>) -> Vec<[u64; 5]> {
    messages.sort_unstable();
    messages
}

/// The lines of `--json`.
pub fn lines(output: &str) -> Vec<Value> {
    output.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
