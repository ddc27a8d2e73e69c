//! A queued call and its stage, as the journal keeps them.

use oncilla_fleet::wire::{Content, Correlation, Name, Progress};
use serde::{Deserialize, Serialize};

/// What distinguishes a queued call from all others.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// The device.
    pub device: Name,
    /// The user.
    pub user: Name,
    /// The number that the caller gave it.
    pub id: Correlation,
}

/// A queued call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What distinguishes it.
    pub key: Key,
    /// The program of its topic.
    pub program: u32,
    /// The version and the procedure, if the payload is an ONC RPC message.
    pub procedure: (u32, u32),
    /// What the payload is.
    pub content: Content,
    /// The payload.
    pub payload: Vec<u8>,
    /// The topic of the reply.
    pub reply: Option<String>,
    /// How long the device may take, in ms.
    pub timeout: Option<u64>,
    /// Until when it may begin, in ms of Unix time.
    pub expires: u64,
    /// The trace context of the caller.
    pub trace: (Option<String>, Option<String>),
}

/// How far a queued call is, as this gateway knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// Nobody has delivered it.
    Queued,
    /// This gateway is about to deliver it in this session, or has.
    Delivering(u64),
    /// Another gateway has delivered it in this session.
    Foreign(String, u64),
    /// It has ended.
    Ended(Progress),
}

impl Stage {
    /// Returns whether the call has ended.
    pub const fn is_end(&self) -> bool {
        matches!(self, Self::Ended(_))
    }
}

/// The part of a record that is written as JSON. The payload stands beside it.
#[derive(Serialize, Deserialize)]
struct Written {
    device: Name,
    user: Name,
    id: String,
    program: u32,
    procedure: (u32, u32),
    json: bool,
    reply: Option<String>,
    timeout: Option<u64>,
    expires: u64,
    trace: (Option<String>, Option<String>),
    stage: Stage,
}

/// Returns what the journal keeps beside the payload.
pub fn encode(record: &Record, stage: &Stage) -> Vec<u8> {
    let written = Written {
        device: record.key.device.clone(),
        user: record.key.user.clone(),
        id: record.key.id.to_string(),
        program: record.program,
        procedure: record.procedure,
        json: record.content == Content::Json,
        reply: record.reply.clone(),
        timeout: record.timeout,
        expires: record.expires,
        trace: record.trace.clone(),
        stage: stage.clone(),
    };
    serde_json::to_vec(&written).unwrap_or_default()
}

/// Returns a record of the journal with its stage, if it is one.
pub fn decode(head: &[u8], payload: &[u8]) -> Option<(Record, Stage)> {
    let written: Written = serde_json::from_slice(head).ok()?;
    let key = Key { device: written.device, user: written.user, id: Correlation::from_hex(&written.id)? };
    let record = Record {
        key,
        program: written.program,
        procedure: written.procedure,
        content: if written.json { Content::Json } else { Content::Rpc },
        payload: payload.to_vec(),
        reply: written.reply,
        timeout: written.timeout,
        expires: written.expires,
        trace: written.trace,
    };
    Some((record, written.stage))
}
