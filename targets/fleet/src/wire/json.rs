//! Calls and replies as JSON.

use serde_derive::{Deserialize, Serialize};
use serde_json::Value;

use super::{DocumentError, MESSAGE_MAX, text};

/// A call as JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JsonCall {
    /// The procedure, such as `thermostat.read`.
    pub procedure: String,
    /// The arguments: an object, a list, or nothing.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub arguments: Value,
}

/// A reply as JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum JsonReply {
    /// The call was executed.
    Results {
        /// The results.
        results: Value,
    },
    /// The call was refused, or the device did not reply.
    Error {
        /// The name of the refusal, such as `PROC_UNAVAIL`, or that of a [`Trouble`](super::Trouble).
        #[serde(deserialize_with = "text::read")]
        error: String,
        /// What happened, for people.
        #[serde(deserialize_with = "text::read")]
        text: String,
    },
}

impl JsonCall {
    /// Parses a call, which may come from a peer.
    ///
    /// # Errors
    /// The bytes are more than [`MESSAGE_MAX`], or are not such a call.
    pub fn parse(bytes: &[u8]) -> Result<Self, DocumentError> {
        parse(bytes)
    }
}

impl JsonReply {
    /// Parses a reply, which may come from a peer.
    ///
    /// # Errors
    /// The bytes are more than [`MESSAGE_MAX`], or are not such a reply.
    pub fn parse(bytes: &[u8]) -> Result<Self, DocumentError> {
        parse(bytes)
    }

    /// Returns the bytes of the reply.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}

fn parse<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, DocumentError> {
    if bytes.len() > MESSAGE_MAX {
        return Err(DocumentError(format!(
            "the message has {} bytes, and at most {MESSAGE_MAX} are read",
            bytes.len()
        )));
    }
    serde_json::from_slice(bytes).map_err(|error| DocumentError(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn calls_and_replies_are_parsed() {
        let call = JsonCall::parse(br#"{"procedure":"thermostat.read","arguments":{"channel":0}}"#).unwrap();
        assert_eq!((&*call.procedure, call.arguments), ("thermostat.read", json!({"channel": 0})));
        assert_eq!(JsonCall::parse(br#"{"procedure":"a"}"#).unwrap().arguments, Value::Null);
        let error = JsonCall::parse(br#"{"procedure":"a","argument":1}"#).unwrap_err().to_string();
        assert!(error.contains("argument"), "{error}");
        for bad in [&b""[..], b"[]", b"{\"procedure\":7}", &b"[".repeat(100_000)] {
            assert!(JsonCall::parse(bad).is_err());
        }
        let done = JsonReply::Results { results: json!({"millidegrees": 21_500}) };
        assert_eq!(JsonReply::parse(&done.to_bytes()), Ok(done));
        let refused = JsonReply::Error { error: "PROC_UNAVAIL".to_owned(), text: "no".to_owned() };
        assert_eq!(JsonReply::parse(&refused.to_bytes()), Ok(refused));
    }
}
