//! The state of a call in a queue.

use serde_derive::{Deserialize, Serialize};

use super::{Document, Name, Trouble, presence::program, text};

/// The state of a queued call: `F/state/D/U/I`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallState {
    /// How far the call is.
    pub state: Progress,
    /// Since when, in ms of Unix time.
    pub since: u64,
    /// Until when the call may begin, in ms of Unix time.
    pub expires: u64,
    /// The gateway that reports.
    pub gateway: Name,
    /// The program of the call.
    #[serde(with = "program")]
    pub program: u32,
    /// The version of the program. A call as JSON names its procedure, and has no numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// The procedure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub procedure: Option<u32>,
    /// Why the device did not reply, if it has failed. A refusal of the device has none: its name is the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Trouble>,
    /// What failed, for people.
    #[serde(default, skip_serializing_if = "String::is_empty", deserialize_with = "text::read")]
    pub text: String,
}

/// How far a queued call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Progress {
    /// A gateway keeps it until the device returns.
    Queued,
    /// It is about to be sent to the device, or was sent.
    Delivered,
    /// The device has executed it.
    Done,
    /// The device refused it, or whether it was executed is unknown.
    Failed,
    /// Its time passed before the device returned. It was not executed.
    Expired,
}

impl Progress {
    /// Returns whether the state will not change any more.
    #[must_use]
    pub const fn is_end(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Expired)
    }

    /// Returns the name as in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Delivered => "delivered",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Expired => "expired",
        }
    }
}

impl Document for CallState {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_parsed_and_written() {
        let text = br#"{"state":"failed","since":5,"expires":9,"gateway":"west","program":"0x20000042","version":1,
            "procedure":3,"error":"restarted","text":"the device restarted"}"#;
        let state = CallState::parse(text).unwrap();
        assert_eq!((state.state, state.error), (Progress::Failed, Some(Trouble::Restarted)));
        assert_eq!(CallState::parse(&state.to_bytes()), Ok(state));
        for progress in [Progress::Queued, Progress::Delivered, Progress::Done, Progress::Failed, Progress::Expired] {
            assert_eq!(serde_json::to_value(progress).unwrap(), progress.name());
        }
    }
}
