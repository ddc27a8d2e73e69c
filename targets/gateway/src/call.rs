//! A call as it arrives from the broker.

use std::time::Instant;

use mqtt_protocol_core::mqtt::ArcPayload;
use oncilla_fleet::wire::{CallProperties, Content, Correlation, Deadline, Name, Topic, Topics, Trouble};

use crate::mqtt::Received;

/// Whom a call is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum For {
    /// One device.
    Device(Name),
    /// Any one device of a group.
    Any(Name),
    /// Every device of a group.
    Group(Name),
    /// One device, also when it returns later.
    Queue(Name),
}

/// A call whose topic and properties are checked. Its payload is not yet.
#[derive(Clone, Debug)]
pub struct Call {
    /// What the payload is.
    pub content: Content,
    /// The payload.
    pub payload: ArcPayload,
    /// The program of the topic, to which the broker has let the user publish.
    pub program: u32,
    /// The user of the topic, for whom the broker vouches.
    pub user: Name,
    /// Where the reply goes. A call without it is one-way.
    pub reply: Option<Back>,
    /// Whether it is one-way, and its reply confirms that it arrived.
    pub confirm: bool,
    /// The number of the call, if it has one.
    pub correlation: Option<Correlation>,
    /// Until when it may be executed.
    pub deadline: Deadline,
    /// How long the broker would have kept it, in s.
    pub expiry: Option<u32>,
    /// The trace context of the caller.
    pub trace: Option<String>,
    /// More of the trace context.
    pub trace_state: Option<String>,
    /// When it arrived here.
    pub arrived: Instant,
}

/// Where a reply goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Back {
    /// The topic.
    pub topic: String,
    /// The number of the call.
    pub correlation: Correlation,
}

/// Why a publication is not a call.
#[derive(Clone, Debug)]
pub enum Wrong {
    /// Its sender gets a reply: the topic and the properties suffice for one.
    Told(Box<Call>, Trouble, String),
    /// A reply is not possible.
    Dropped(String),
}

/// Returns the call of a publication, which comes from a peer.
pub fn open(topics: &Topics, received: &Received) -> Result<(For, Call), Wrong> {
    let topic = topics.parse(&received.topic).map_err(|error| Wrong::Dropped(error.to_string()))?;
    let (target, program, user) = match topic {
        Topic::Call { device, program, user } => (For::Device(device), program, user),
        Topic::Any { group, program, user } => (For::Any(group), program, user),
        Topic::Group { group, program, user } => (For::Group(group), program, user),
        Topic::Queue { device, program, user } => (For::Queue(device), program, user),
        _ => return Err(Wrong::Dropped("the topic is not that of a call".to_owned())),
    };
    let given = &received.properties;
    // A reply goes to the caller itself. Nobody can direct replies to others.
    let back = match &given.response_topic {
        None => None,
        Some(text) => match topics.parse(text) {
            Ok(Topic::Reply { user: of, .. }) if of == user => {
                let correlation = given.correlation.as_deref().and_then(Correlation::new);
                let missing = || {
                    Wrong::Dropped("a call with a response topic has no correlation data of 1 to 32 bytes".to_owned())
                };
                Some(Back { topic: text.clone(), correlation: correlation.ok_or_else(missing)? })
            }
            _ => return Err(Wrong::Dropped(format!("the response topic is not one of the user {user}"))),
        },
    };
    let parsed = CallProperties::parse(given);
    // The reply has the form of the call, also if something else is wrong.
    let json = given.content_type.as_deref() == Some(oncilla_fleet::wire::JSON);
    let content = if json { Content::Json } else { Content::Rpc };
    let properties = parsed.clone().unwrap_or(CallProperties { content, ..CallProperties::default() });
    let call = Call {
        content: properties.content,
        payload: received.payload.clone(),
        program,
        user,
        correlation: back.as_ref().map(|back| back.correlation).or(properties.correlation),
        reply: back,
        confirm: properties.confirm,
        deadline: properties.deadline,
        expiry: properties.expiry,
        trace: properties.traceparent,
        trace_state: properties.tracestate,
        arrived: Instant::now(),
    };
    let told = |trouble, text: String| Wrong::Told(Box::new(call.clone()), trouble, text);
    match parsed {
        Err(error) => return Err(told(Trouble::Malformed, error)),
        Ok(_) if received.retained => {
            return Err(told(
                Trouble::Malformed,
                "a retained call would be executed again; publish it without retain".to_owned(),
            ));
        }
        Ok(_) if call.confirm && matches!(target, For::Queue(_)) => {
            let what = "a queued call is not confirmed: its state says what became of it";
            return Err(told(Trouble::Malformed, what.to_owned()));
        }
        Ok(_) => {}
    }
    if received.payload.len() > oncilla_fleet::wire::MESSAGE_MAX {
        let what = format!(
            "the call has {} bytes, and at most {} are read",
            received.payload.len(),
            oncilla_fleet::wire::MESSAGE_MAX
        );
        return Err(told(Trouble::TooLarge, what));
    }
    Ok((target, call))
}
