//! A small gateway made with another MQTT library. Its devices are a function.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use oncilla::Refusal;
use oncilla::message::{Call, write_reply};
use oncilla_fleet::wire::{
    CallProperties, CallState, Content, Document, GatewayState, Hash, Name, Online, Presence, PresenceState, Progress,
    Properties, ReplyProperties, Served, Session, Topic, Topics, Trouble, unix_ms,
};
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{LastWill, Packet, Publish, PublishProperties};
use rumqttc::v5::{Client, Event, MqttOptions};

/// What a device does with a call.
pub enum Action {
    Results(Vec<u8>),
    Refuse(Refusal),
    Trouble(Trouble, &'static str),
    Nothing,
    /// The bytes are the whole reply.
    Raw(Vec<u8>),
}

type Behaviour = dyn Fn(&str, &Call<'_>, &CallProperties) -> Action + Send + Sync;

pub struct Gateway {
    pub client: Client,
    pub topics: Topics,
    pub name: Name,
    pub session: Session,
    pub calls: Arc<AtomicUsize>,
}

pub fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

/// The interface of the devices, as their description.
pub const INTERFACE: &str =
    "program THERMOSTAT { version THERMOSTAT_1 { int THERMOSTAT_READ(unsigned int) = 1; } = 1; } = 0x20000042;\n";

impl Gateway {
    /// Starts a gateway of the fleet `plant`, without devices.
    pub fn start(
        port: u16,
        gateway: &str,
        behaviour: impl Fn(&str, &Call<'_>, &CallProperties) -> Action + Send + Sync + 'static,
    ) -> Self {
        let (topics, name, session) = (Topics::new(name("plant")), name(gateway), Session(unix_ms() ^ 0x5555));
        let topic = topics.text(&Topic::Gateway { gateway: name.clone() });
        let state = |state| {
            GatewayState { state, session, since: Some(unix_ms()), settled: true, version: String::new() }.to_bytes()
        };
        let mut options = MqttOptions::new(format!("gateway-{gateway}"), "127.0.0.1", port);
        options.set_keep_alive(Duration::from_secs(5));
        options.set_max_packet_size(Some(4 << 20));
        options.set_last_will(LastWill::new(&*topic, state(Online::Offline), QoS::AtLeastOnce, true, None));
        let (client, mut connection) = Client::new(options, 100_000);
        client.publish(&*topic, QoS::AtLeastOnce, true, state(Online::Online)).unwrap();
        let calls = Arc::new(AtomicUsize::new(0));
        let serve = Serve {
            client: client.clone(),
            topics: topics.clone(),
            gateway: name.clone(),
            behaviour: Box::new(behaviour),
            calls: Arc::clone(&calls),
            members: Arc::default(),
        };
        // It ends with its connection.
        thread::spawn(move || {
            for event in connection.iter() {
                match event {
                    Ok(Event::Incoming(Packet::Publish(publish))) => serve.take(&publish),
                    Ok(_) => {}
                    Err(_) => return,
                }
            }
        });
        Self { client, topics, name, session, calls }
    }

    pub fn presence(&self, state: PresenceState, versions: (u32, u32)) -> Presence {
        Presence {
            state,
            gateway: self.name.clone(),
            session: self.session,
            term: 1,
            since: unix_ms(),
            boot: Some(7),
            groups: vec![name("ovens")],
            programs: vec![Served { program: 0x2000_0042, name: "thermostat".to_owned(), versions: vec![versions] }],
            description: Some(Hash::of(INTERFACE.as_bytes())),
            reason: if state == PresenceState::Away { "the cable is out".to_owned() } else { String::new() },
        }
    }

    pub fn publish(&self, topic: &Topic, payload: Vec<u8>) {
        self.client.publish(self.topics.text(topic), QoS::AtLeastOnce, true, payload).unwrap();
    }

    /// Adds a device that has versions 1 to `newest` of the program.
    pub fn serve(&self, device: &str, newest: u32) {
        let device = name(device);
        for filter in [
            self.topics.calls_of(&device),
            self.topics.queue_of(&device),
            self.topics.any_of(&name("ovens")),
            self.topics.group_of(&name("ovens")),
        ] {
            self.client.subscribe(filter, QoS::AtLeastOnce).unwrap();
        }
        self.publish(&Topic::Description { hash: Hash::of(INTERFACE.as_bytes()) }, INTERFACE.as_bytes().to_vec());
        let presence = self.presence(PresenceState::Online, (1, newest));
        self.publish(&Topic::Presence { device: device.clone() }, presence.to_bytes());
        // A group's calls are for all devices, which the thread learns by a message to itself.
        let note = format!("plant/note/{}/{device}", self.name);
        self.client.subscribe(&*note, QoS::AtLeastOnce).unwrap();
        self.client.publish(note, QoS::AtLeastOnce, false, Vec::new()).unwrap();
    }

    pub fn away(&self, device: &str) {
        let device = name(device);
        self.client.unsubscribe(self.topics.calls_of(&device)).unwrap();
        let presence = self.presence(PresenceState::Away, (1, 1));
        self.publish(&Topic::Presence { device }, presence.to_bytes());
    }

    /// Returns how many calls arrived.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.client.disconnect();
    }
}

struct Serve {
    client: Client,
    topics: Topics,
    gateway: Name,
    behaviour: Box<Behaviour>,
    calls: Arc<AtomicUsize>,
    members: Arc<Mutex<Vec<Name>>>,
}

impl Serve {
    fn take(&self, publish: &Publish) {
        let topic = std::str::from_utf8(&publish.topic).unwrap();
        if let Some(device) = topic.strip_prefix(&format!("plant/note/{}/", self.gateway)) {
            self.members.lock().unwrap().push(name(device));
            return;
        }
        let properties = publish.properties.clone().unwrap_or_default();
        let properties = Properties {
            response_topic: properties.response_topic,
            correlation: properties.correlation_data.map(|data| data.to_vec()),
            expiry: properties.message_expiry_interval,
            content_type: properties.content_type,
            user: properties.user_properties,
        };
        let call = CallProperties::parse(&properties).unwrap();
        match self.topics.parse(topic).unwrap() {
            Topic::Call { device, .. } => self.execute(&device, &publish.payload, &call),
            Topic::Any { .. } => {
                let device = self.members.lock().unwrap()[0].clone();
                self.execute(&device, &publish.payload, &call);
            }
            Topic::Group { .. } => {
                let members = self.members.lock().unwrap().clone();
                members.iter().for_each(|device| self.execute(device, &publish.payload, &call));
            }
            Topic::Queue { device, user, program } => {
                let id = call.correlation.unwrap();
                let state = |state| CallState {
                    state,
                    since: unix_ms(),
                    expires: unix_ms() + 1000 * u64::from(call.expiry.unwrap()),
                    gateway: self.gateway.clone(),
                    program,
                    version: Some(1),
                    procedure: Some(1),
                    error: None,
                    text: String::new(),
                };
                let topic = self.topics.text(&Topic::State { device: device.clone(), user, id });
                let tell = |progress| {
                    let bytes = state(progress).to_bytes();
                    self.client.publish(&*topic, QoS::AtLeastOnce, true, bytes).unwrap();
                };
                tell(Progress::Queued);
                if device.as_str() == "oven-late" {
                    tell(Progress::Expired);
                    return;
                }
                tell(Progress::Delivered);
                self.execute(&device, &publish.payload, &call);
                tell(Progress::Done);
            }
            topic => panic!("{topic:?}"),
        }
    }

    fn execute(&self, device: &Name, message: &[u8], properties: &CallProperties) {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let call = Call::parse(message).unwrap();
        let xid = call.xid();
        let mut room = vec![0; 64];
        let (payload, error) = match (self.behaviour)(device, &call, properties) {
            Action::Results(results) => {
                let length = write_reply(xid, Ok(()), &mut room).unwrap();
                room.truncate(length);
                room.extend(results);
                (room, None)
            }
            Action::Refuse(refusal) => {
                let length = write_reply(xid, Err(refusal), &mut room).unwrap();
                room.truncate(length);
                (room, None)
            }
            Action::Trouble(trouble, text) => {
                let length = write_reply(xid, Err(Refusal::SystemError), &mut room).unwrap();
                room.truncate(length);
                (room, Some((trouble, text.to_owned())))
            }
            Action::Raw(bytes) => (bytes, None),
            Action::Nothing => return,
        };
        let Some(reply_to) = &properties.reply_to else { return };
        let reply = ReplyProperties {
            content: Content::Rpc,
            correlation: properties.correlation.unwrap(),
            device: Some(device.clone()),
            gateway: Some(self.gateway.clone()),
            error,
        };
        let reply = reply.to_properties();
        let properties = PublishProperties {
            correlation_data: reply.correlation.map(Into::into),
            content_type: reply.content_type,
            user_properties: reply.user,
            ..PublishProperties::default()
        };
        self.client.publish_with_properties(reply_to.clone(), QoS::AtLeastOnce, false, payload, properties).unwrap();
    }
}
