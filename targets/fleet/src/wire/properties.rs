//! The properties of calls and replies.

use std::time::Duration;

use super::{Correlation, Deadline, JSON, Name, RPC, Trouble, text};

/// The largest number of user properties of a publication that is read.
pub const USER_PROPERTIES_MAX: usize = 32;

/// The largest length of the value of a property, in bytes. Longer ones are malformed.
pub const VALUE_MAX: usize = 1024;

/// The value of the user property `confirm`.
const CONFIRM: &str = "one-way";

/// The properties of a publication that this protocol uses, as an MQTT library carries them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Properties {
    /// The response topic.
    pub response_topic: Option<String>,
    /// The correlation data.
    pub correlation: Option<Vec<u8>>,
    /// The message expiry interval in s.
    pub expiry: Option<u32>,
    /// The content type.
    pub content_type: Option<String>,
    /// The user properties, in order.
    pub user: Vec<(String, String)>,
}

/// What the payload of a call or a reply is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Content {
    /// An ONC RPC message in the full form.
    #[default]
    Rpc,
    /// JSON.
    Json,
}

impl Content {
    /// Returns the content type.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rpc => RPC,
            Self::Json => JSON,
        }
    }

    /// Returns the content type if it must be sent. ONC RPC needs none, and brokers work for each property.
    const fn needed(self) -> Option<&'static str> {
        match self {
            Self::Rpc => None,
            Self::Json => Some(JSON),
        }
    }

    fn parse(text: Option<&str>) -> Result<Self, String> {
        match text {
            None | Some("" | RPC) => Ok(Self::Rpc),
            Some(text) if text == JSON || text.starts_with("application/json;") => Ok(Self::Json),
            Some(text) => Err(format!("the content type {:?} is not known; it is {RPC} or {JSON}", text::short(text))),
        }
    }
}

/// What the properties of a call state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallProperties {
    /// What the payload is.
    pub content: Content,
    /// The topic of the reply. A call without it is one-way.
    pub reply_to: Option<String>,
    /// Whether it is a one-way call whose arrival at the device is confirmed by the reply.
    pub confirm: bool,
    /// The number of the call.
    pub correlation: Option<Correlation>,
    /// How long the broker keeps the call, in s.
    pub expiry: Option<u32>,
    /// Until when the call may be executed.
    pub deadline: Deadline,
    /// The trace context of the caller: the fields of W3C's Trace Context.
    pub traceparent: Option<String>,
    /// More of the trace context.
    pub tracestate: Option<String>,
}

impl CallProperties {
    /// Reads the properties of a call, which come from a peer.
    ///
    /// # Errors
    /// A text that states what is wrong. The call is [`Trouble::Malformed`].
    pub fn parse(from: &Properties) -> Result<Self, String> {
        bounded(from)?;
        let correlation = from.correlation.as_deref().map(correlation).transpose()?;
        let deadline = Deadline {
            timeout: user(from, "timeout-ms")
                .map(|text| number::<u32>("timeout-ms", text))
                .transpose()?
                .map(|ms| Duration::from_millis(ms.into())),
            sent: user(from, "sent-ms").map(|text| number("sent-ms", text)).transpose()?,
        };
        if from.response_topic.is_some() && correlation.is_none() {
            return Err("a call with a response topic has correlation data of 1 to 32 bytes".to_owned());
        }
        let confirm = match user(from, "confirm") {
            None => false,
            Some(CONFIRM) if from.response_topic.is_some() => true,
            Some(CONFIRM) => return Err("a call that is confirmed has a response topic".to_owned()),
            Some(other) => return Err(format!("confirm is {CONFIRM}, not {:?}", text::short(other))),
        };
        Ok(Self {
            content: Content::parse(from.content_type.as_deref())?,
            reply_to: from.response_topic.clone(),
            confirm,
            correlation,
            expiry: from.expiry,
            deadline,
            traceparent: user(from, "traceparent").map(str::to_owned),
            tracestate: user(from, "tracestate").map(str::to_owned),
        })
    }

    /// Returns the properties to send.
    #[must_use]
    pub fn to_properties(&self) -> Properties {
        let mut user = Vec::new();
        let mut put = |name: &str, value: Option<String>| user.extend(value.map(|value| (name.to_owned(), value)));
        put("timeout-ms", self.deadline.timeout.map(|timeout| milliseconds(timeout).to_string()));
        put("sent-ms", self.deadline.sent.map(|sent| sent.to_string()));
        put("confirm", self.confirm.then(|| CONFIRM.to_owned()));
        put("traceparent", self.traceparent.clone());
        put("tracestate", self.tracestate.clone());
        Properties {
            response_topic: self.reply_to.clone(),
            correlation: self.correlation.map(|correlation| correlation.as_bytes().to_vec()),
            expiry: self.expiry,
            content_type: self.content.needed().map(str::to_owned),
            user,
        }
    }
}

/// What the properties of a reply state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyProperties {
    /// What the payload is.
    pub content: Content,
    /// The number of the call.
    pub correlation: Correlation,
    /// The device that replied, or should have.
    pub device: Option<Name>,
    /// The gateway.
    pub gateway: Option<Name>,
    /// Why the device did not reply, and a text for people.
    pub error: Option<(Trouble, String)>,
}

impl ReplyProperties {
    /// Reads the properties of a reply, which come from a peer.
    ///
    /// An error with an unknown name, of a later version, is [`Trouble::Gateway`].
    ///
    /// # Errors
    /// A text that states what is wrong.
    pub fn parse(from: &Properties) -> Result<Self, String> {
        bounded(from)?;
        let data = from.correlation.as_deref().ok_or("a reply has the correlation data of its call")?;
        let name = |key: &str| {
            user(from, key).map(|text| Name::new(text).map_err(|error| format!("{key}: {error}"))).transpose()
        };
        let error = user(from, "error").map(|error| {
            let text = user(from, "text").unwrap_or(error);
            (error.parse().unwrap_or(Trouble::Gateway), text::for_people(text))
        });
        Ok(Self {
            content: Content::parse(from.content_type.as_deref())?,
            correlation: correlation(data)?,
            device: name("device")?,
            gateway: name("gateway")?,
            error,
        })
    }

    /// Returns the properties to send. The text is as [`for_people`](super::for_people) returns it.
    #[must_use]
    pub fn to_properties(&self) -> Properties {
        let mut user = Vec::new();
        let mut put = |name: &str, value: Option<&str>| {
            user.extend(value.map(|value| (name.to_owned(), text::for_people(value))));
        };
        put("device", self.device.as_deref());
        put("gateway", self.gateway.as_deref());
        put("error", self.error.as_ref().map(|(error, _)| error.name()));
        put("text", self.error.as_ref().map(|(_, text)| &**text));
        Properties {
            response_topic: None,
            correlation: Some(self.correlation.as_bytes().to_vec()),
            expiry: None,
            content_type: self.content.needed().map(str::to_owned),
            user,
        }
    }
}

/// Returns a time as whole milliseconds, at least 1 and rounded up.
fn milliseconds(time: Duration) -> u32 {
    u32::try_from(time.as_nanos().div_ceil(1_000_000).max(1)).unwrap_or(u32::MAX)
}

/// Checks the sizes.
fn bounded(from: &Properties) -> Result<(), String> {
    if from.user.len() > USER_PROPERTIES_MAX {
        let number = from.user.len();
        return Err(format!("the message has {number} user properties, and at most {USER_PROPERTIES_MAX} are read"));
    }
    let texts = from.response_topic.iter().chain(&from.content_type);
    let texts = texts.chain(from.user.iter().flat_map(|(key, value)| [key, value]));
    match texts.map(String::len).max() {
        Some(length) if length > VALUE_MAX => {
            Err(format!("a property has {length} bytes, and at most {VALUE_MAX} are read"))
        }
        _ => Ok(()),
    }
}

fn correlation(data: &[u8]) -> Result<Correlation, String> {
    Correlation::new(data).ok_or_else(|| format!("correlation data have 1 to 32 bytes, these have {}", data.len()))
}

/// Returns the value of a user property, the first one of this name.
fn user<'a>(from: &'a Properties, key: &str) -> Option<&'a str> {
    from.user.iter().find(|(name, _)| name == key).map(|(_, value)| &**value)
}

fn number<T: std::str::FromStr>(key: &str, text: &str) -> Result<T, String> {
    // `parse` would take a sign.
    let digits = Some(text).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    digits
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| format!("{key} is a decimal number, not {:?}", text::short(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call() -> CallProperties {
        CallProperties {
            content: Content::Json,
            reply_to: Some("plant/reply/alice/c1".to_owned()),
            confirm: true,
            correlation: Correlation::new(&[1, 2]),
            expiry: Some(5),
            deadline: Deadline { timeout: Some(Duration::from_millis(2500)), sent: Some(1_790_000_000_123) },
            traceparent: Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned()),
            tracestate: None,
        }
    }

    #[test]
    fn properties_of_a_call_are_written_and_read() {
        let properties = call().to_properties();
        assert_eq!(properties.user[0], ("timeout-ms".to_owned(), "2500".to_owned()));
        assert_eq!(CallProperties::parse(&properties), Ok(call()));
        // Nothing is needed for a one-way call.
        assert_eq!(CallProperties::parse(&Properties::default()), Ok(CallProperties::default()));
        let soon = Deadline { timeout: Some(Duration::from_micros(2)), sent: None };
        let soon = CallProperties { deadline: soon, ..CallProperties::default() };
        assert_eq!(soon.to_properties().user, [("timeout-ms".to_owned(), "1".to_owned())]);
    }

    #[test]
    fn properties_of_a_reply_are_written_and_read() {
        let reply = ReplyProperties {
            content: Content::Rpc,
            correlation: Correlation::new(&[9]).unwrap(),
            device: Some(Name::new("oven-7").unwrap()),
            gateway: Some(Name::new("west").unwrap()),
            error: Some((Trouble::TimedOut, "the device did not reply within 5 s".to_owned())),
        };
        assert_eq!(ReplyProperties::parse(&reply.to_properties()), Ok(reply.clone()));
        let long = ReplyProperties { error: Some((Trouble::Away, "ä".repeat(2000))), ..reply.clone() };
        assert_eq!(ReplyProperties::parse(&long.to_properties()).unwrap().error.unwrap().1.len(), VALUE_MAX);
        let mut later = reply.to_properties();
        later.user[2].1 = "on-fire".to_owned();
        assert_eq!(ReplyProperties::parse(&later).unwrap().error.unwrap().0, Trouble::Gateway);
    }

    #[test]
    fn wrong_properties_are_errors_that_state_what_is_wrong() {
        type Change = fn(&mut Properties);
        let cases: [(Change, &str); 11] = [
            (|p| p.correlation = None, "has correlation data"),
            (|p| p.correlation = Some(vec![]), "these have 0"),
            (|p| p.correlation = Some(vec![0; 33]), "these have 33"),
            (|p| p.content_type = Some("text/plain".to_owned()), "\"text/plain\" is not known"),
            (|p| p.user[0].1 = "+5".to_owned(), "timeout-ms is a decimal number, not \"+5\""),
            (|p| p.user[0].1 = "4294967296".to_owned(), "timeout-ms"),
            (|p| p.user[1].1 = "-1".to_owned(), "sent-ms"),
            (|p| p.user[2].1 = "yes".to_owned(), "confirm is one-way, not \"yes\""),
            (|p| p.response_topic = None, "a call that is confirmed has a response topic"),
            (|p| p.user = vec![(String::new(), String::new()); 33], "33 user properties"),
            (|p| p.response_topic = Some("x".repeat(1025)), "1025 bytes"),
        ];
        for (change, text) in cases {
            let mut properties = call().to_properties();
            change(&mut properties);
            let error = CallProperties::parse(&properties).unwrap_err();
            assert!(error.contains(text), "{error}");
        }
    }
}
