//! What Wireshark's dissector says about captured messages.

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;

use crate::capture::LAST;

/// What is asked of each frame, apart from what the caller asks.
const FIELDS: [&str; 18] = [
    "frame.number",
    "rpc.msgtyp",
    "rpc.version",
    "rpc.program",
    "rpc.programversion",
    "rpc.procedure",
    "rpc.auth.flavor",
    "rpc.replystat",
    "rpc.state_accept",
    "rpc.programversion.min",
    "rpc.programversion.max",
    "rpc.state_reject",
    "rpc.version.min",
    "rpc.version.max",
    "rpc.state_auth",
    "rpc.repframe",
    "rpc.continuation_data",
    "_ws.expert.message",
];

/// A message as dissected.
#[derive(Debug)]
pub struct Message {
    fields: HashMap<&'static str, String>,
}

impl Message {
    /// A field, empty when the message has none. Several of one name are separated by commas.
    pub fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    /// The first, or only, field of a name.
    fn first(&self, name: &str) -> &str {
        self.field(name).split(',').next().unwrap_or_default()
    }

    /// The message in words.
    pub fn words(&self) -> String {
        let id = ["rpc.program", "rpc.programversion", "rpc.procedure"].map(|name| self.first(name)).join(".");
        match (self.first("rpc.msgtyp"), self.first("rpc.replystat"), self.first("rpc.state_reject")) {
            ("0", ..) => format!("call {id}, flavor {}", self.first("rpc.auth.flavor")),
            ("1", "0", _) => match self.first("rpc.state_accept") {
                "2" => {
                    let [low, high] = ["rpc.programversion.min", "rpc.programversion.max"].map(|name| self.first(name));
                    format!("reply to {id}: accepted, 2, {low} to {high}")
                }
                status => format!("reply to {id}: accepted, {status}"),
            },
            ("1", "1", "0") => {
                let [low, high] = ["rpc.version.min", "rpc.version.max"].map(|name| self.first(name));
                format!("reply to {id}: denied, {low} to {high}")
            }
            ("1", "1", _) => format!("reply to {id}: denied, authentication {}", self.first("rpc.state_auth")),
            _ => format!("neither call nor reply: {}", self.all()),
        }
    }

    /// Every field that it has.
    fn all(&self) -> String {
        let mut fields: Vec<_> = self.fields.iter().filter(|(_, value)| !value.is_empty()).collect();
        fields.sort();
        format!("{fields:?}")
    }

    /// What is wrong with it, if anything.
    pub fn complaint(&self) -> Option<String> {
        let lonely = self.first("rpc.msgtyp") == "1" && self.first("rpc.repframe").is_empty();
        let bad =
            lonely || !self.field("rpc.continuation_data").is_empty() || !self.field("_ws.expert.message").is_empty();
        bad.then(|| self.all())
    }
}

/// The ONC RPC messages in a capture, and the numbers of frames that carry data and are none.
pub fn dissect(capture: &Path, more: &[&'static str]) -> (Vec<Message>, Vec<String>) {
    let names: Vec<_> = FIELDS.iter().chain(more).copied().collect();
    let fields = names.iter().flat_map(|name| ["-e", name]).collect::<Vec<_>>();
    let table = tshark(capture, "rpc", &fields);
    let messages = table.lines().map(|line| {
        let values = line.split('|').map(str::to_owned);
        Message { fields: names.iter().copied().zip(values).collect() }
    });
    // What belongs to a message that is dissected in a later frame says in which.
    let last = str::from_utf8(LAST).unwrap();
    // On a busy machine TCP sends data again that was captured before.
    let again = "tcp.analysis.retransmission or tcp.analysis.spurious_retransmission";
    let strangers = format!(
        "(tcp.len > 0 or udp.length > 8) and not rpc and not tcp.reassembled_in and not ({again}) \
         and not udp contains \"{last}\""
    );
    (messages.collect(), tshark(capture, &strangers, &["-e", "frame.number"]).lines().map(str::to_owned).collect())
}

fn tshark(capture: &Path, filter: &str, fields: &[&str]) -> String {
    let output = Command::new("tshark")
        .arg("-r")
        .arg(capture)
        // Our programs are not registered anywhere.
        .args(["-o", "rpc.dissect_unknown_programs:TRUE"])
        // And their ports are any, of which some belong to other protocols.
        .args(["-o", "udp.try_heuristic_first:TRUE", "-o", "tcp.try_heuristic_first:TRUE"])
        .args(["-2", "-Y", filter, "-T", "fields", "-E", "separator=|"])
        .args(fields)
        .output()
        .unwrap_or_else(|error| panic!("cannot run tshark: {error}; install it: apt install tshark"));
    assert!(output.status.success(), "tshark failed: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
