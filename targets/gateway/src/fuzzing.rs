//! What the fuzz targets call: the decoders of everything that comes from the broker.

use mqtt_protocol_core::mqtt::connection::{ConnectionOptions, Event};
use mqtt_protocol_core::mqtt::packet::Packet;
use mqtt_protocol_core::mqtt::prelude::*;
use mqtt_protocol_core::mqtt::{Connection, Version, role};
use oncilla::message::Reply;
use oncilla_dynamic::Interface;
use oncilla_fleet::mqtt::Screen;
use oncilla_fleet::wire::{Content, JsonReply, Name, Properties, Topic, Topics, for_people};

use crate::call::{Call, Wrong, open};
use crate::mqtt::connection::receive;
use crate::mqtt::{Hello, Publication, convert};
use crate::queue::{decode, encode};
use crate::reply::{Answer, publication};
use crate::worker::{Request, request};

/// The largest packet that is read, in bytes.
const PACKET_MAX: u32 = 64 << 10;

/// What the broker sends when it accepts a connection.
const ACCEPTED: [u8; 5] = [0x20, 3, 0, 0, 0];

/// A device of the seeds.
const INTERFACE: &str =
    "program OVEN { version OVEN_1 { int OVEN_SET(unsigned int channel, string name<8>) = 1; } = 1; } = 0x20000042;";

fn topics() -> Topics {
    Topics::new(Name::new("plant").expect("it is a name"))
}

/// Takes the bytes of a broker after it has accepted the connection, and makes what a gateway makes of them.
///
/// # Panics
/// If a reply is not one, or goes to another user than the caller, or if the MQTT library panics.
pub fn packets(bytes: &[u8]) {
    let hello = Hello {
        client: "fuzz".to_owned(),
        user: None,
        password: None,
        keep_alive: std::time::Duration::from_secs(5),
        session: std::time::Duration::ZERO,
        will: None,
        packet_max: PACKET_MAX,
        by_hand: false,
    };
    let options = ConnectionOptions::new().maximum_packet_size_recv(PACKET_MAX);
    let mut state = Connection::<role::Client>::with_options(Version::V5_0, options);
    state.send(Packet::V5_0Connect(convert::connect(&hello).expect("the settings are good")));
    let interface = Interface::parse(INTERFACE).expect("it is an interface");
    let mut screen = Screen::new(PACKET_MAX);
    for mut part in [&ACCEPTED[..], bytes] {
        while !part.is_empty() {
            let Ok(taken) = receive(&mut screen, &mut state, &mut part) else { return };
            let Some(events) = taken else { break };
            if events.iter().any(|event| matches!(event, Event::RequestClose)) {
                return;
            }
            for event in events {
                match event {
                    Event::NotifyPacketReceived(Packet::V5_0Publish(packet)) => {
                        take(&interface, &open(&topics(), &convert::received(&packet)));
                    }
                    Event::RequestSendPacket { packet, .. } => assert!(!packet.to_continuous_buffer().is_empty()),
                    _ => {}
                }
            }
        }
    }
}

fn take<T>(interface: &Interface, opened: &Result<(T, Call), Wrong>) {
    let (call, answer) = match opened {
        Ok((_, call)) => match request(Some(interface), call) {
            Ok(Request { procedure: None, .. }) => (call, Answer::Results(vec![1, 2, 3, 4])),
            Ok(Request { procedure: Some(_), .. }) => (call, Answer::Json(serde_json::Value::Null)),
            Err(answer) => (call, answer),
        },
        Err(Wrong::Told(call, trouble, text)) => (&**call, Answer::Trouble(*trouble, text.clone())),
        Err(Wrong::Dropped(_)) => return,
    };
    let gateway = Name::new("hall").expect("it is a name");
    let Some(reply) = publication(call, answer, &gateway, None) else { return };
    let Ok(Topic::Reply { user, .. }) = topics().parse(&reply.topic) else { panic!("{} is no reply", reply.topic) };
    assert_eq!(user, call.user);
    match call.content {
        Content::Rpc => drop(Reply::parse(&reply.payload).expect("it is a reply")),
        Content::Json => drop(JsonReply::parse(&reply.payload).expect("it is a reply")),
    }
    let text = reply.properties.user.iter().find(|(key, _)| key == "text").map_or("", |(_, text)| text);
    assert_eq!(text, for_people(text), "the broker would close the connection");
    convert::publish(&reply, 1).expect("it can be sent");
}

/// Takes a record of the journal: its length, what stands beside the payload, and the payload.
///
/// # Panics
/// If what is read is not what is written again.
pub fn journal(bytes: &[u8]) {
    let Some((length, rest)) = bytes.split_first_chunk::<2>() else { return };
    let Some((head, payload)) = rest.split_at_checked(u16::from_be_bytes(*length).into()) else { return };
    if let Some((record, stage)) = decode(head, payload) {
        assert_eq!(decode(&encode(&record, &stage), payload), Some((record, stage)));
    }
}

/// Returns packets of callers.
#[must_use]
pub fn packet_seeds() -> Vec<Vec<u8>> {
    let message = {
        let mut message = vec![0; 48];
        message[3] = 7;
        message[11] = 2;
        message[12..24].copy_from_slice(&[0x20, 0, 0, 0x42, 0, 0, 0, 1, 0, 0, 0, 1]);
        message
    };
    let json = br#"{"procedure": "oven.set", "arguments": {"channel": 1, "name": "a"}}"#.to_vec();
    let user = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let properties = |content: Option<&str>| Properties {
        response_topic: Some("plant/reply/alice/c".to_owned()),
        correlation: Some(vec![1, 2, 3]),
        expiry: Some(7),
        content_type: content.map(str::to_owned),
        user: vec![user("timeout-ms", "500"), user("sent-ms", "1"), user("traceparent", "00-1-2-03")],
    };
    let seed = |topic: &str, payload: &[u8], properties: Properties| {
        let publication = Publication { topic: topic.to_owned(), payload: payload.to_vec(), retain: false, properties };
        convert::publish(&publication, 9).map(|packet| packet.to_continuous_buffer()).unwrap_or_default()
    };
    let mut seeds = Vec::new();
    for kind in ["call/oven-7", "any/ovens", "group/ovens", "queue/oven-7"] {
        let topic = format!("plant/{kind}/0x20000042/alice");
        seeds.push(seed(&topic, &message, properties(None)));
        seeds.push(seed(&topic, &json, properties(Some("application/json"))));
        seeds.push(seed(&topic, &message, Properties::default()));
    }
    let evil = br#"{"procedure": "oven.\u0000\u0007"}"#;
    seeds.push(seed("plant/call/a/0x20000042/alice", evil, properties(Some("application/json"))));
    seeds.push(seed("plant/call/a/0x20000001/alice", &message, properties(None)));
    seeds.push(seed("plant/call/a/0x20000042/bob", &message, properties(None)));
    seeds
}

/// Returns records of a journal.
#[must_use]
pub fn journal_seeds() -> Vec<Vec<u8>> {
    let head = |stage: &str| {
        format!(
            r#"{{"device":"a","user":"b","id":"01","program":1,"procedure":[1,2],"json":false,"reply":null,"timeout":5,"expires":9,"trace":[null,"x"],"stage":{stage}}}"#
        )
    };
    let stages = [r#""Queued""#, r#"{"Delivering":7}"#, r#"{"Foreign":["b",8]}"#, r#"{"Ended":"done"}"#];
    let record = |stage| {
        let head = head(stage);
        let length = u16::try_from(head.len()).unwrap_or(u16::MAX).to_be_bytes();
        [&length[..], head.as_bytes(), b"payload"].concat()
    };
    stages.into_iter().map(record).collect()
}
