//! Packets of the library, from and to what the gateway uses.

use mqtt_protocol_core::mqtt::packet::{self, Property, Qos, v5_0};
use mqtt_protocol_core::mqtt::result_code::MqttError;
use oncilla_fleet::wire::Properties;

use super::{Hello, Publication, Received};

/// Returns the packet of a publication. Publications without a number have QoS 0.
pub fn publish(publication: &Publication, id: u16) -> Result<v5_0::Publish, MqttError> {
    v5_0::Publish::builder()
        .topic_name(&*publication.topic)?
        .qos(Qos::AtLeastOnce)
        .packet_id(id)
        .retain(publication.retain)
        .props(to_packet(&publication.properties)?)
        .payload(&*publication.payload)
        .build()
}

/// Returns the packet that opens a connection.
pub fn connect(hello: &Hello) -> Result<v5_0::Connect, MqttError> {
    let clean = hello.session.is_zero();
    let expiry = u32::try_from(hello.session.as_secs()).unwrap_or(u32::MAX);
    let keep_alive = u16::try_from(hello.keep_alive.as_secs()).unwrap_or(u16::MAX);
    let mut connect = v5_0::Connect::builder()
        .client_id(&*hello.client)?
        .clean_start(clean)
        .keep_alive(keep_alive)
        .props(vec![packet::SessionExpiryInterval::new(expiry)?.into()]);
    if let Some(user) = &hello.user {
        connect = connect.user_name(&**user)?;
    }
    if let Some(password) = &hello.password {
        connect = connect.password(password.clone())?;
    }
    if let Some(will) = &hello.will {
        connect = connect
            .will_message(&*will.topic, will.payload.clone(), Qos::AtLeastOnce, will.retain)?
            .will_props(to_packet(&will.properties)?);
    }
    connect.build()
}

/// Returns what a received packet carries.
pub fn received(packet: &v5_0::Publish) -> Received {
    Received {
        topic: packet.topic_name().to_owned(),
        payload: packet.payload().clone(),
        retained: packet.retain(),
        properties: from_packet(packet.props()),
        id: packet.packet_id(),
    }
}

fn to_packet(properties: &Properties) -> Result<Vec<Property>, MqttError> {
    let Properties { response_topic, correlation, expiry, content_type, user } = properties;
    let mut list = Vec::with_capacity(4 + user.len());
    if let Some(topic) = response_topic {
        list.push(packet::ResponseTopic::new(&**topic)?.into());
    }
    if let Some(data) = correlation {
        list.push(packet::CorrelationData::new(data.clone())?.into());
    }
    if let Some(expiry) = expiry {
        list.push(packet::MessageExpiryInterval::new(*expiry)?.into());
    }
    if let Some(content_type) = content_type {
        list.push(packet::ContentType::new(&**content_type)?.into());
    }
    for (key, value) in user {
        list.push(packet::UserProperty::new(&**key, &**value)?.into());
    }
    Ok(list)
}

fn from_packet(list: &[Property]) -> Properties {
    let mut properties = Properties::default();
    for property in list {
        match property {
            Property::ResponseTopic(topic) => properties.response_topic = Some(topic.val().to_owned()),
            Property::CorrelationData(data) => properties.correlation = Some(data.val().to_vec()),
            Property::MessageExpiryInterval(expiry) => properties.expiry = Some(expiry.val()),
            Property::ContentType(content_type) => properties.content_type = Some(content_type.val().to_owned()),
            Property::UserProperty(pair) => properties.user.push((pair.key().to_owned(), pair.val().to_owned())),
            _ => {}
        }
    }
    properties
}
