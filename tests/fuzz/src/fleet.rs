//! What passes through a fleet's broker: topics, properties, documents, and the broker's own packets.

use std::time::Duration;

use mqtt_protocol_core::mqtt::common::Cursor;
use mqtt_protocol_core::mqtt::connection::Event;
use mqtt_protocol_core::mqtt::packet::v5_0::{Connack, Connect, Puback, Publish};
use mqtt_protocol_core::mqtt::packet::{Packet, Qos};
use mqtt_protocol_core::mqtt::result_code::ConnectReasonCode;
use mqtt_protocol_core::mqtt::{Connection, Version, role};
use oncilla_fleet::mqtt::Screen;
use oncilla_fleet::wire::{
    CallProperties, CallState, Cap, Document, GatewayState, JsonCall, JsonReply, Name, Presence, Properties,
    ReplyProperties, Topics, VALUE_MAX,
};

fn topics() -> Topics {
    Topics::new(Name::new("plant").expect("a name"))
}

/// Reads bytes as a topic. What is one is written as it was.
///
/// # Panics
/// When it is not so.
pub fn topic(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(topic) = topics().parse(text) {
        assert_eq!(topics().text(&topic), text);
    }
    if let Ok(address) = text.parse::<oncilla_fleet::Address>() {
        assert_eq!(address.to_string().parse(), Ok(address));
    }
}

/// Topics of each kind.
pub fn topic_seeds() -> Vec<Vec<u8>> {
    let hash = format!("plant/description/{}", "0f".repeat(32));
    let texts = [
        "plant/call/oven-7/0x20000042/alice",
        "plant/any/ovens/0x20000042/-",
        "plant/reply/alice/c1",
        "plant/presence/oven-7",
        "plant/state/oven-7/alice/0102ff",
        "plant/cap/0x20000042",
        &hash,
        "mqtts://alice@[fd00::7]:8883/plant/any:ovens",
    ];
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// Reads lines as the properties of a call and of a reply: `name=value`, the first four with a meaning of MQTT.
///
/// # Panics
/// When what is read has no bounds, or is not read again as it was written.
pub fn properties(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut properties = Properties::default();
    for line in text.split('\n') {
        let (name, value) = line.split_once('=').unwrap_or((line, ""));
        match name {
            "response" => properties.response_topic = Some(value.to_owned()),
            "correlation" => properties.correlation = Some(value.as_bytes().to_vec()),
            "content" => properties.content_type = Some(value.to_owned()),
            "expiry" => properties.expiry = value.parse().ok(),
            _ => properties.user.push((name.to_owned(), value.to_owned())),
        }
    }
    if let Ok(call) = CallProperties::parse(&properties) {
        assert!(call.reply_to.as_ref().is_none_or(|topic| topic.len() <= VALUE_MAX && call.correlation.is_some()));
        let (most, second) = (Duration::from_secs(60), Duration::from_secs(1));
        for now in [0, 1_790_000_000_000, u64::MAX] {
            if let Ok(left) = call.deadline.left(now, Duration::ZERO, second, most) {
                assert!(left <= most && !left.is_zero());
            }
        }
        // A time-out of 0 is written as 1 ms.
        if call.deadline.timeout != Some(Duration::ZERO) {
            assert_eq!(CallProperties::parse(&call.to_properties()), Ok(call));
        }
    }
    if let Ok(reply) = ReplyProperties::parse(&properties) {
        assert_eq!(ReplyProperties::parse(&reply.to_properties()), Ok(reply));
    }
}

/// Properties of calls and replies.
pub fn property_seeds() -> Vec<Vec<u8>> {
    let texts = [
        "response=plant/reply/alice/c1\ncorrelation=12345678\ncontent=application/onc-rpc\nexpiry=5\ntimeout-ms=2500\nsent-ms=1790000000000",
        "content=application/json\ntimeout-ms=1\ntraceparent=00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "correlation=x\ndevice=oven-7\ngateway=west\nerror=timed-out\ntext=no reply",
        "correlation=x\nerror=later",
    ];
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// Reads bytes as each document. What is one is read again as it was written.
///
/// # Panics
/// When it is not so.
pub fn document(data: &[u8]) {
    fn both<D: Document + PartialEq + std::fmt::Debug>(data: &[u8]) {
        if let Ok(document) = D::parse(data) {
            assert_eq!(D::parse(&document.to_bytes()), Ok(document));
        }
    }
    both::<Presence>(data);
    both::<GatewayState>(data);
    both::<Cap>(data);
    both::<CallState>(data);
    if let Ok(presence) = Presence::parse(data) {
        for served in &presence.programs {
            for (low, high) in [(0, u32::MAX), (1, 3), (3, 1)] {
                assert!(
                    served
                        .highest(low, high)
                        .is_none_or(|version| served.has(version) && (low..=high).contains(&version))
                );
            }
        }
    }
    let _ = JsonCall::parse(data);
    if let Ok(reply) = JsonReply::parse(data) {
        JsonReply::parse(&reply.to_bytes()).expect("it was written");
    }
}

/// Documents of each kind.
pub fn document_seeds() -> Vec<Vec<u8>> {
    let texts = [
        r#"{"state":"online","gateway":"west","session":"00000000000000ff","term":3,"since":5,"boot":7,"groups":["ovens"],"programs":[{"program":"0x20000042","name":"thermostat","versions":[[1,2],[4,4]]}]}"#,
        r#"{"state":"offline","session":"00000000000000ff","version":"0.1.0"}"#,
        r#"{"highest":3}"#,
        r#"{"state":"failed","since":5,"expires":9,"gateway":"west","program":"0x20000042","version":1,"procedure":3,"error":"restarted","text":"x"}"#,
        r#"{"procedure":"thermostat.read","arguments":{"channel":0}}"#,
        r#"{"results":{"millidegrees":21500}}"#,
        r#"{"error":"PROC_UNAVAIL","text":"no"}"#,
    ];
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// The largest packet that is read, in bytes.
const PACKET_MAX: u32 = 64 << 10;

/// Reads bytes as the packets of a broker, after a connection was accepted and publications were sent.
///
/// # Panics
/// When the MQTT library panics on a packet that the screen before it lets through. A connection catches that.
pub fn broker(data: &[u8]) {
    let mut mqtt = Connection::<role::Client>::new(Version::V5_0);
    mqtt.set_auto_pub_response(true);
    let connect = Connect::builder().client_id("fuzz").and_then(|connect| connect.clean_start(true).build());
    mqtt.send(Packet::V5_0Connect(connect.expect("a packet")));
    let mut screen = Screen::new(PACKET_MAX);
    if data.first().is_some_and(|byte| byte & 1 == 0) {
        let accepted = Connack::builder().session_present(false).reason_code(ConnectReasonCode::Success).build();
        receive(&mut screen, &mut mqtt, &accepted.expect("a packet").to_continuous_buffer());
        for number in 1..=2 {
            assert_eq!(mqtt.acquire_packet_id(), Ok(number));
            let publish = Publish::builder().topic_name("plant/call/oven-7/0x20000042/-").expect("a topic");
            let publish = publish.qos(Qos::AtLeastOnce).packet_id(number).build();
            mqtt.send(Packet::V5_0Publish(publish.expect("a packet")));
        }
    }
    receive(&mut screen, &mut mqtt, data.get(1..).unwrap_or_default());
}

fn receive(screen: &mut Screen, mqtt: &mut Connection<role::Client>, mut bytes: &[u8]) {
    while let Ok(Some(packet)) = screen.next(&mut bytes) {
        let events = mqtt.recv(&mut Cursor::new(&*packet));
        if events.iter().any(|event| matches!(event, Event::RequestClose | Event::NotifyError(_))) {
            return;
        }
    }
}

/// Packets of a broker.
pub fn broker_seeds() -> Vec<Vec<u8>> {
    let accepted = Connack::builder().session_present(true).reason_code(ConnectReasonCode::Success).build();
    let publish =
        Publish::builder().topic_name("plant/presence/oven-7").and_then(|publish| publish.payload(b"{}").build());
    let answer = Puback::builder().packet_id(1_u16).build();
    let packets = [
        accepted.expect("a packet").to_continuous_buffer(),
        publish.expect("a packet").to_continuous_buffer(),
        answer.expect("a packet").to_continuous_buffer(),
        vec![0x90, 4, 0, 1, 0, 0],
        vec![0xe0, 0],
        // Publications with the number 0, once with each quality of service.
        b"\x32\x1a\0\x15plant/presence/oven-7\0\0\0{}".to_vec(),
        b"\x34\x1a\0\x15plant/presence/oven-7\0\0\0\x94\0{}".to_vec(),
        // A second CONNACK that limits the publications in flight, and the acknowledgement of one from before it.
        vec![0x20, 6, 0, 0, 3, 0x21, 0, 1, 0x40, 2, 0, 1],
    ];
    packets.iter().flat_map(|packet| [0, 1].map(|first| [&[first], &packet[..]].concat())).collect()
}
