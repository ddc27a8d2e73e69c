//! What JavaScript is told after each step.

use serde_json::{Value, json};

use crate::wire::Heard;

/// The most bytes of a piece of a log that the page is sent.
const PIECE_MAX: usize = 16 << 10;

/// What has happened since the last step.
#[derive(Default)]
pub struct Events {
    replies: Vec<Value>,
    states: Vec<Value>,
    is_connected: Option<bool>,
}

impl Events {
    /// Adds the reply to a request.
    pub fn reply(&mut self, id: u64, microseconds: u64, mut reply: Value) {
        reply["id"] = id.into();
        reply["microseconds"] = microseconds.into();
        self.replies.push(reply);
    }

    /// Notes whether the device is reached, and adds a change.
    pub fn connected(&mut self, is_connected: bool) {
        if self.is_connected.replace(is_connected) != Some(is_connected) {
            self.states.push(json!({"connected": is_connected}));
        }
    }

    /// Adds that the device has restarted.
    pub fn restarted(&mut self) {
        self.states.push(json!({"restarted": true}));
    }

    /// Returns all, and begins anew: `replies`, `states`, `log`.
    pub fn take(&mut self, heard: &Heard) -> Value {
        let mut log: Vec<_> = heard.pieces.iter().map(|(kind, bytes)| piece(kind, bytes)).collect();
        if heard.missed > 0 {
            log.push(json!({"kind": "missed", "text": format!("{} pieces were missed", heard.missed)}));
        }
        json!({
            "replies": std::mem::take(&mut self.replies),
            "states": std::mem::take(&mut self.states),
            "log": log,
        })
    }
}

fn piece(kind: &str, bytes: &[u8]) -> Value {
    let bytes = bytes.get(..PIECE_MAX).unwrap_or(bytes);
    let text = match kind {
        "text" | "clear" => String::from_utf8_lossy(bytes).into_owned(),
        _ => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
    };
    json!({"kind": kind, "text": text})
}
