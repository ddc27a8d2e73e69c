//! One connection that is open: packets in, packets out. It knows no thread.

use std::collections::HashMap;
use std::io::{self, Write};
use std::mem;
use std::net::{Shutdown, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use mqtt_protocol_core::mqtt::common::Cursor;
use mqtt_protocol_core::mqtt::connection::{ConnectionOptions, Event, TimerKind};
use mqtt_protocol_core::mqtt::packet::v5_0::{Connect, Disconnect, Puback, Subscribe, Unsubscribe};
use mqtt_protocol_core::mqtt::packet::{
    GenericPacketTrait, Packet, Property, Qos, SessionExpiryInterval, SubEntry, SubOpts,
};
use mqtt_protocol_core::mqtt::result_code::DisconnectReasonCode;
use mqtt_protocol_core::mqtt::{Connection, Version, role};

use super::dial::Socket;
use super::message::{packet, to_packet, unsendable};
use super::{BrokerError, Incoming, Options, Publication, Screen};

/// How many acknowledgements are sent at once. A broker may have 20 publications on the way, as mosquitto does by default.
const ACKNOWLEDGEMENTS: usize = 8;

/// What has arrived.
pub(super) enum Arrived {
    /// The answer to the first packet, with its reason.
    Accepted(u8),
    /// A publication.
    Message(Incoming),
    /// The broker acknowledged the publication of this token, with a reason.
    Acknowledged(u64, u8),
    /// The broker acknowledged the subscription of this token, with a reason for each filter.
    Subscribed(u64, Vec<u8>),
    /// The broker ends the connection, for a reason.
    Ended(u8),
}

/// The caller's name of what the broker acknowledges. Numbers of packets are used again, tokens are not.
#[derive(Clone, Copy)]
enum Token {
    Publication(u64),
    Subscription(u64),
}

/// A connection that is open.
pub(super) struct Live {
    mqtt: Connection<role::Client>,
    screen: Screen,
    tcp: Arc<TcpStream>,
    #[cfg(feature = "tls")]
    tls: Option<Box<rustls::ClientConnection>>,
    /// What the broker has not acknowledged, by the number of the packet.
    tokens: HashMap<u16, Token>,
    /// Bytes to send.
    out: Vec<u8>,
    /// How many acknowledgements are in `out`, if there is nothing else.
    acknowledgements: Option<usize>,
    /// Whether a thread sends what was taken from `out`.
    sending: bool,
    ping_at: Option<Instant>,
    pong_by: Option<Instant>,
    /// Why the connection ends.
    end: Option<BrokerError>,
}

impl Live {
    /// Begins a connection: the first packet is sent.
    pub fn begin(socket: Socket, options: &Options, first: bool) -> Result<Self, BrokerError> {
        let limits = ConnectionOptions::new()
            .maximum_packet_size_recv(options.packet_max)
            .receive_maximum(options.receive_maximum);
        let mut mqtt = Connection::<role::Client>::with_options(Version::V5_0, limits);
        mqtt.set_auto_pub_response(!options.manual);
        let patience = u64::try_from(options.connect_timeout.as_millis()).unwrap_or(u64::MAX);
        mqtt.set_pingresp_recv_timeout(patience);
        let mut live = Self {
            mqtt,
            screen: Screen::new(options.packet_max),
            tcp: Arc::new(socket.tcp),
            #[cfg(feature = "tls")]
            tls: socket.tls,
            tokens: HashMap::new(),
            out: Vec::new(),
            acknowledgements: Some(0),
            sending: false,
            ping_at: None,
            pong_by: None,
            end: None,
        };
        let connect = connect(options, first)?;
        live.run(|mqtt| mqtt.send(Packet::V5_0Connect(connect)));
        live.flush_alone();
        live.end.clone().map_or(Ok(live), Err)
    }

    /// Runs a step of the protocol, and takes what it wants to be done. Returns the packets that arrived.
    ///
    /// A panic of the library ends the connection, and nothing else.
    fn run(&mut self, step: impl FnOnce(&mut Connection<role::Client>) -> Vec<Event>) -> Vec<Packet> {
        let mqtt = &mut self.mqtt;
        let Ok(events) = catch_unwind(AssertUnwindSafe(|| step(mqtt))) else {
            self.fail(BrokerError::Strange { why: "it sent what the MQTT library fails on".to_owned() });
            return Vec::new();
        };
        let mut packets = Vec::new();
        // The library asks for the end before it states the reason.
        if let Some(Event::NotifyError(error)) = events.iter().find(|event| matches!(event, Event::NotifyError(_))) {
            self.fail(BrokerError::Strange { why: error.to_string() });
        }
        for event in events {
            match event {
                Event::NotifyPacketReceived(packet) => packets.push(packet),
                Event::RequestSendPacket { packet, .. } => {
                    let is_one = matches!(packet, Packet::V5_0Puback(_));
                    self.acknowledgements = self.acknowledgements.filter(|_| is_one).map(|number| number + 1);
                    self.out.append(&mut packet.to_continuous_buffer());
                }
                Event::RequestTimerReset { kind, duration_ms } => {
                    self.timer(kind, Some(Instant::now() + Duration::from_millis(duration_ms)));
                }
                Event::RequestTimerCancel(kind) => self.timer(kind, None),
                Event::RequestClose => self.fail(BrokerError::Lost { why: "the broker does not answer".to_owned() }),
                Event::NotifyError(_) | Event::NotifyPacketIdReleased(_) => {}
            }
        }
        packets
    }

    fn timer(&mut self, kind: TimerKind, at: Option<Instant>) {
        match kind {
            TimerKind::PingreqSend => self.ping_at = at,
            TimerKind::PingrespRecv => self.pong_by = at,
            TimerKind::PingreqRecv => {}
        }
    }

    /// Ends the connection. The first reason counts.
    pub fn fail(&mut self, why: BrokerError) {
        self.end.get_or_insert(why);
        // The thread that receives sees the end.
        let _ = self.tcp.shutdown(Shutdown::Both);
    }

    /// Returns why the connection has ended.
    pub const fn ended(&self) -> Option<&BrokerError> {
        self.end.as_ref()
    }

    /// Takes bytes that arrived. Returns what they are.
    ///
    /// Numbers of packets become tokens here: as soon as the library has taken an acknowledgement, another publication
    /// may have its number.
    pub fn receive(&mut self, bytes: &[u8]) -> Vec<Arrived> {
        #[cfg(feature = "tls")]
        if self.tls.is_some() {
            return self.receive_tls(bytes);
        }
        self.receive_plain(bytes)
    }

    fn receive_plain(&mut self, mut bytes: &[u8]) -> Vec<Arrived> {
        let mut arrived = Vec::new();
        while self.end.is_none() {
            match self.screen.next(&mut bytes) {
                Ok(Some(packet)) => {
                    let packets = self.run(|mqtt| mqtt.recv(&mut Cursor::new(&*packet)));
                    arrived.extend(packets.into_iter().filter_map(|packet| self.arrived(packet)));
                }
                Ok(None) => break,
                Err(malformed) => self.fail(BrokerError::Strange { why: malformed.to_string() }),
            }
        }
        arrived
    }

    fn arrived(&mut self, packet: Packet) -> Option<Arrived> {
        match packet {
            Packet::V5_0Connack(answer) => Some(Arrived::Accepted(answer.reason_code() as u8)),
            Packet::V5_0Publish(publish) => Some(Arrived::Message(Incoming::new(publish))),
            Packet::V5_0Puback(answer) => match self.tokens.remove(&answer.packet_id())? {
                Token::Publication(token) => {
                    Some(Arrived::Acknowledged(token, answer.reason_code().map_or(0, |code| code as u8)))
                }
                Token::Subscription(_) => None,
            },
            Packet::V5_0Suback(answer) => match self.tokens.remove(&answer.packet_id())? {
                Token::Subscription(token) => {
                    let codes = answer.reason_codes().into_iter().map(|code| code as u8).collect();
                    Some(Arrived::Subscribed(token, codes))
                }
                Token::Publication(_) => None,
            },
            Packet::V5_0Disconnect(last) => Some(Arrived::Ended(last.reason_code().map_or(0, |code| code as u8))),
            _ => None,
        }
    }

    /// Returns the tokens of the publications that the broker has not acknowledged.
    pub fn unacknowledged(&self) -> Vec<u64> {
        let publication = |token: &Token| match token {
            Token::Publication(token) => Some(*token),
            Token::Subscription(_) => None,
        };
        self.tokens.values().filter_map(publication).collect()
    }

    #[cfg(feature = "tls")]
    fn receive_tls(&mut self, mut bytes: &[u8]) -> Vec<Arrived> {
        use std::io::Read;

        let mut plain = Vec::new();
        while let Some(tls) = self.tls.as_mut().filter(|_| !bytes.is_empty() && self.end.is_none()) {
            let read = tls.read_tls(&mut bytes).and_then(|_| tls.process_new_packets().map_err(io::Error::other));
            // "Would block" is the end of what is there.
            let read = read.and_then(|_| match tls.reader().read_to_end(&mut plain) {
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => Err(error),
                _ => Ok(()),
            });
            if let Err(error) = read {
                self.fail(BrokerError::Lost { why: error.to_string() });
            }
        }
        self.receive_plain(&plain)
    }

    /// Takes what is to be sent, unless another thread sends: that one sends it, too.
    ///
    /// [`sent`](Self::sent) must follow.
    pub fn take_output(&mut self) -> Option<Output> {
        if self.sending || self.out.is_empty() {
            return None;
        }
        self.acknowledgements = Some(0);
        let plain = mem::take(&mut self.out);
        #[cfg(feature = "tls")]
        let plain = match &mut self.tls {
            None => plain,
            Some(tls) => match seal(tls, &plain) {
                Ok(sealed) => sealed,
                Err(error) => {
                    self.fail(BrokerError::Lost { why: error.to_string() });
                    return None;
                }
            },
        };
        self.sending = true;
        Some(Output { tcp: Arc::clone(&self.tcp), bytes: plain })
    }

    /// What was taken has been sent, or not.
    pub fn sent(&mut self, output: Output, sent: io::Result<()>) {
        self.sending = false;
        // The buffer is used again.
        if self.out.is_empty() {
            self.out = output.bytes;
            self.out.clear();
        }
        if let Err(error) = sent {
            let why = match error.kind() {
                io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => "the broker does not take messages".to_owned(),
                _ => error.to_string(),
            };
            self.fail(BrokerError::Lost { why });
        }
    }

    /// Sends what is to be sent while no other thread knows this connection.
    pub fn flush_alone(&mut self) {
        while let Some(output) = self.take_output() {
            let sent = output.send();
            self.sent(output, sent);
        }
    }

    /// Returns whether what is to be sent can wait: a few acknowledgements, which the next publication takes along.
    pub fn can_wait(&self) -> bool {
        self.acknowledgements.is_some_and(|number| number < ACKNOWLEDGEMENTS)
    }

    /// Returns whether bytes are to be sent, or are being sent.
    pub const fn has_output(&self) -> bool {
        self.sending || !self.out.is_empty()
    }

    /// Checks the timers.
    pub fn tick(&mut self, now: Instant) {
        if self.pong_by.is_some_and(|at| at <= now) {
            self.fail(BrokerError::Lost { why: "the broker does not answer any more".to_owned() });
        }
        if self.ping_at.take_if(|at| *at <= now).is_some() {
            self.run(|mqtt| mqtt.notify_timer_fired(TimerKind::PingreqSend));
        }
    }

    /// Returns whether the broker takes another publication that it acknowledges.
    pub fn has_room(&self) -> bool {
        self.mqtt.get_receive_maximum_vacancy_for_send().is_none_or(|room| room > 0)
    }

    /// Sends a publication. `token` is the caller's name of it.
    pub fn publish(&mut self, publication: Publication, token: u64) -> Result<(), BrokerError> {
        let number = match publication.acknowledged {
            true => Some(self.mqtt.acquire_packet_id().map_err(unsendable)?),
            false => None,
        };
        let packet = match packet(publication, number) {
            Ok(packet) => packet,
            Err(error) => {
                self.release(number);
                return Err(error);
            }
        };
        let mqtt = &mut self.mqtt;
        let Ok(events) = catch_unwind(AssertUnwindSafe(|| mqtt.send(Packet::V5_0Publish(packet)))) else {
            return Err(BrokerError::Unsendable { why: "the encoder failed".to_owned() });
        };
        // A message that is too large is no end of the connection.
        for event in &events {
            if let Event::NotifyError(error) = event {
                self.release(number);
                return Err(unsendable(*error));
            }
        }
        self.tokens.extend(number.map(|number| (number, Token::Publication(token))));
        self.run(|_| events);
        Ok(())
    }

    fn release(&mut self, number: Option<u16>) {
        number.into_iter().for_each(|number| drop(self.mqtt.release_packet_id(number)));
    }

    /// Subscribes. `token` is the caller's name of it, if it waits for the acknowledgement.
    pub fn subscribe(&mut self, filters: &[(String, bool)], token: Option<u64>) -> Result<(), BrokerError> {
        let number = self.mqtt.acquire_packet_id().map_err(unsendable)?;
        let build = || {
            let entries = filters.iter().map(|(filter, acknowledged)| {
                let qos = if *acknowledged { Qos::AtLeastOnce } else { Qos::AtMostOnce };
                SubEntry::new(filter.as_str(), SubOpts::new().set_qos(qos).set_rap(true))
            });
            Subscribe::builder().packet_id(number).entries(entries.collect::<Result<Vec<_>, _>>()?).build()
        };
        match build() {
            Ok(packet) => {
                self.tokens.extend(token.map(|token| (number, Token::Subscription(token))));
                self.run(|mqtt| mqtt.send(Packet::V5_0Subscribe(packet)));
                Ok(())
            }
            Err(error) => {
                self.release(Some(number));
                Err(unsendable(error))
            }
        }
    }

    /// Unsubscribes.
    pub fn unsubscribe(&mut self, filters: &[String]) -> Result<(), BrokerError> {
        let number = self.mqtt.acquire_packet_id().map_err(unsendable)?;
        let build = || Unsubscribe::builder().packet_id(number).entries(filters.iter().map(String::as_str))?.build();
        match build() {
            Ok(packet) => {
                self.run(|mqtt| mqtt.send(Packet::V5_0Unsubscribe(packet)));
                Ok(())
            }
            Err(error) => {
                self.release(Some(number));
                Err(unsendable(error))
            }
        }
    }

    /// Acknowledges a received publication.
    pub fn acknowledge(&mut self, number: u16) {
        if let Ok(packet) = Puback::builder().packet_id(number).build() {
            self.run(|mqtt| mqtt.send(Packet::V5_0Puback(packet)));
        }
    }

    /// Prepares the last packet. With `forget`, the broker forgets the session.
    pub fn goodbye(&mut self, forget: bool) {
        let mut builder = Disconnect::builder().reason_code(DisconnectReasonCode::NormalDisconnection);
        if forget && let Ok(now) = SessionExpiryInterval::new(0) {
            builder = builder.props(vec![Property::SessionExpiryInterval(now)]);
        }
        if let Ok(packet) = builder.build() {
            // The library asks for the end, which comes when the packet is sent.
            for event in self.mqtt.send(Packet::V5_0Disconnect(packet)) {
                if let Event::RequestSendPacket { packet, .. } = event {
                    self.out.append(&mut packet.to_continuous_buffer());
                }
            }
        }
    }
}

/// Bytes to send, and where.
pub(super) struct Output {
    tcp: Arc<TcpStream>,
    bytes: Vec<u8>,
}

impl Output {
    /// Sends them. It may block.
    pub fn send(&self) -> io::Result<()> {
        let sent = (&*self.tcp).write_all(&self.bytes);
        super::acknowledge_at_once(&*self.tcp);
        sent
    }
}

/// Returns bytes inside TLS.
#[cfg(feature = "tls")]
fn seal(tls: &mut rustls::ClientConnection, mut plain: &[u8]) -> io::Result<Vec<u8>> {
    let mut sealed = Vec::with_capacity(plain.len() + 64);
    loop {
        // The buffer of TLS has a limit.
        let taken = tls.writer().write(plain)?;
        plain = plain.get(taken..).unwrap_or_default();
        while tls.wants_write() {
            tls.write_tls(&mut sealed)?;
        }
        if plain.is_empty() {
            return Ok(sealed);
        }
    }
}

/// Returns the first packet.
fn connect(options: &Options, first: bool) -> Result<Connect, BrokerError> {
    let build = || {
        let seconds = u16::try_from(options.keep_alive.as_secs()).unwrap_or(u16::MAX);
        let expiry = Property::SessionExpiryInterval(SessionExpiryInterval::new(options.session_expiry)?);
        let mut builder = Connect::builder()
            .client_id(options.client.as_str())?
            .clean_start(options.clean_start && (first || options.session_expiry == 0))
            .keep_alive(seconds)
            .props(vec![expiry]);
        if let Some(will) = &options.will {
            builder = builder
                .will_message(will.topic.as_str(), will.payload.clone(), Qos::AtLeastOnce, will.retain)?
                .will_props(to_packet(&will.properties)?);
        }
        if let Some(user) = &options.user {
            builder = builder.user_name(user.as_str())?;
        }
        if let Some(password) = &options.password {
            builder = builder.password(password.clone())?;
        }
        builder.build()
    };
    build().map_err(unsendable)
}
