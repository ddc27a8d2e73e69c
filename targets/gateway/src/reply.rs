//! Replies to callers.

use oncilla::Refusal;
use oncilla::message::{AuthStatus, REFUSAL_MAX, REPLY_HEADER, write_reply};
use oncilla_device::refusal;
use oncilla_fleet::wire::{Content, JsonReply, Name, ReplyProperties, Trouble, for_people};
use serde_json::Value;

use crate::call::Call;
use crate::mqtt::Publication;

/// The outcome of a call.
#[derive(Clone, Debug)]
pub enum Answer {
    /// The encoded results.
    Results(Vec<u8>),
    /// The results as JSON.
    Json(Value),
    /// The device refused the call.
    Refused(Refusal),
    /// The device did not reply, or the gateway did not ask it.
    Trouble(Trouble, String),
}

impl Answer {
    /// Returns its name in metrics and logs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Results(_) | Self::Json(_) => "executed",
            Self::Refused(refusal) => refusal::name(refusal),
            Self::Trouble(trouble, _) => trouble.name(),
        }
    }
}

/// Returns the publication of a reply, unless the call was one-way.
pub fn publication(call: &Call, answer: Answer, gateway: &Name, device: Option<&Name>) -> Option<Publication> {
    let back = call.reply.as_ref()?;
    let error = match &answer {
        Answer::Trouble(trouble, text) => Some((*trouble, text.clone())),
        _ => None,
    };
    let properties = ReplyProperties {
        content: call.content,
        correlation: back.correlation,
        device: device.cloned(),
        gateway: Some(gateway.clone()),
        error,
    };
    let mut properties = properties.to_properties();
    let trace = [("traceparent", &call.trace), ("tracestate", &call.trace_state)];
    properties.user.extend(trace.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value.clone()?))));
    let payload = match call.content {
        Content::Rpc => message(call.payload.as_slice(), answer),
        Content::Json => json(answer).to_bytes(),
    };
    Some(Publication { topic: back.topic.clone(), payload, retain: false, properties })
}

/// Returns the message of a reply. Those who know only RPC understand it, too.
fn message(call: &[u8], answer: Answer) -> Vec<u8> {
    // Of a call that is not one, the first word may be its number.
    let xid = call.first_chunk().map_or(0, |xid| u32::from_be_bytes(*xid));
    let refusal = match answer {
        Answer::Results(results) => {
            let mut reply = Vec::with_capacity(REFUSAL_MAX + results.len());
            reply.resize(REFUSAL_MAX, 0);
            let length = write_reply(xid, Ok(()), &mut reply).unwrap_or(REPLY_HEADER);
            reply.truncate(length);
            reply.extend_from_slice(&results);
            return reply;
        }
        Answer::Refused(refusal) => refusal,
        Answer::Trouble(Trouble::WrongTopic | Trouble::Denied, _) => Refusal::Authentication(AuthStatus::TOO_WEAK),
        Answer::Trouble(..) | Answer::Json(_) => Refusal::SystemError,
    };
    let mut reply = vec![0; REFUSAL_MAX];
    let length = write_reply(xid, Err(refusal), &mut reply).unwrap_or(0);
    reply.truncate(length);
    reply
}

fn json(answer: Answer) -> JsonReply {
    let error = |error: &str, text: String| JsonReply::Error { error: error.to_owned(), text: for_people(&text) };
    match answer {
        Answer::Json(results) => JsonReply::Results { results },
        Answer::Results(_) => error(Trouble::NoInterface.name(), "the results have no interface".to_owned()),
        Answer::Refused(refusal) => error(refusal::name(&refusal), refusal.to_string()),
        Answer::Trouble(trouble, text) => error(trouble.name(), text),
    }
}
