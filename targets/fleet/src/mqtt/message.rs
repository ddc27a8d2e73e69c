//! Publications, sent and received.

use mqtt_protocol_core::mqtt::ArcPayload;
use mqtt_protocol_core::mqtt::packet::v5_0::Publish;
use mqtt_protocol_core::mqtt::packet::{
    ContentType, CorrelationData, MessageExpiryInterval, Property, Qos, ResponseTopic, UserProperty,
};
use mqtt_protocol_core::mqtt::result_code::MqttError;

use super::BrokerError;
use crate::wire::Properties;

/// A publication to send.
#[derive(Clone, Debug, Default)]
pub struct Publication {
    /// The topic.
    pub topic: String,
    /// The payload.
    pub payload: Vec<u8>,
    /// The properties.
    pub properties: Properties,
    /// Whether the broker retains it.
    pub retain: bool,
    /// Whether the broker acknowledges it: QoS 1. Otherwise it may be lost: QoS 0.
    pub acknowledged: bool,
}

/// A publication that arrived.
#[derive(Clone, Debug)]
pub struct Incoming(Publish);

impl Incoming {
    pub(super) const fn new(publish: Publish) -> Self {
        Self(publish)
    }

    /// Returns the topic.
    #[must_use]
    pub fn topic(&self) -> &str {
        self.0.topic_name()
    }

    /// Returns the payload.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        self.0.payload().as_slice()
    }

    /// Returns the payload, which is shared and not copied.
    #[must_use]
    pub fn shared_payload(&self) -> SharedPayload {
        SharedPayload(self.0.payload().clone())
    }

    /// Returns whether the broker had kept it, as the last one of its topic.
    #[must_use]
    pub fn retained(&self) -> bool {
        self.0.retain()
    }

    /// Returns whether it may have been delivered before.
    #[must_use]
    pub fn repeated(&self) -> bool {
        self.0.dup()
    }

    /// Returns the number by which it is acknowledged, if it needs to be.
    #[must_use]
    pub fn number(&self) -> Option<u16> {
        self.0.packet_id()
    }

    /// Returns the correlation data.
    #[must_use]
    pub fn correlation(&self) -> Option<&[u8]> {
        self.0.props().iter().find_map(|property| match property {
            Property::CorrelationData(data) => Some(data.val()),
            _ => None,
        })
    }

    /// Returns the properties.
    #[must_use]
    pub fn properties(&self) -> Properties {
        let mut properties = Properties::default();
        for property in self.0.props() {
            match property {
                Property::ResponseTopic(topic) => properties.response_topic = Some(topic.val().to_owned()),
                Property::CorrelationData(data) => properties.correlation = Some(data.val().to_vec()),
                Property::MessageExpiryInterval(time) => properties.expiry = Some(time.val()),
                Property::ContentType(content) => properties.content_type = Some(content.val().to_owned()),
                Property::UserProperty(pair) => properties.user.push((pair.key().to_owned(), pair.val().to_owned())),
                _ => {}
            }
        }
        properties
    }
}

/// A payload that is shared and not copied.
#[derive(Clone, Debug)]
pub struct SharedPayload(ArcPayload);

impl std::ops::Deref for SharedPayload {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.0.as_slice()
    }
}

pub(super) fn unsendable(error: MqttError) -> BrokerError {
    BrokerError::Unsendable { why: error.to_string() }
}

/// Returns the properties as those of a packet.
pub(super) fn to_packet(from: &Properties) -> Result<Vec<Property>, MqttError> {
    let mut properties = Vec::with_capacity(from.user.len() + 4);
    if let Some(time) = from.expiry {
        properties.push(Property::MessageExpiryInterval(MessageExpiryInterval::new(time)?));
    }
    if let Some(content) = &from.content_type {
        properties.push(Property::ContentType(ContentType::new(content.as_str())?));
    }
    if let Some(topic) = &from.response_topic {
        properties.push(Property::ResponseTopic(ResponseTopic::new(topic.as_str())?));
    }
    if let Some(data) = &from.correlation {
        properties.push(Property::CorrelationData(CorrelationData::new(data.clone())?));
    }
    for (key, value) in &from.user {
        properties.push(Property::UserProperty(UserProperty::new(key.as_str(), value.as_str())?));
    }
    Ok(properties)
}

/// Returns the packet of a publication.
pub(super) fn packet(publication: Publication, number: Option<u16>) -> Result<Publish, BrokerError> {
    let build = || {
        let builder = Publish::builder()
            .topic_name(publication.topic.as_str())?
            .retain(publication.retain)
            .props(to_packet(&publication.properties)?)
            .payload(publication.payload);
        match number {
            Some(number) => builder.qos(Qos::AtLeastOnce).packet_id(number).build(),
            None => builder.qos(Qos::AtMostOnce).build(),
        }
    };
    build().map_err(unsendable)
}
