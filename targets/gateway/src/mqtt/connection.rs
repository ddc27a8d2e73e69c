//! One connection: the state of MQTT, the socket, and what waits to be sent.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::TcpStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use mqtt_protocol_core::mqtt::connection::{ConnectionOptions, Event as Core, TimerKind};
use mqtt_protocol_core::mqtt::packet::{Packet, Qos, SubEntry, SubOpts, v5_0};
use mqtt_protocol_core::mqtt::prelude::*;
use mqtt_protocol_core::mqtt::result_code::{ConnectReasonCode, PubackReasonCode};
use mqtt_protocol_core::mqtt::{Connection as State, Version, common::Cursor, role};
use oncilla_fleet::mqtt::Screen;

use super::outgoing::{Outgoing, Sent};
use super::{Carrier, Event, Hello, Publication, SendError, convert};

/// The most bytes that wait for the broker to acknowledge others, or for the socket.
const WAITING_MAX: usize = 64 << 20;

/// The most bytes that are read at a time, so that no link keeps the thread.
const READ_MAX: usize = 256 << 10;

/// How long the broker may take to accept the connection.
const ACCEPT: Duration = Duration::from_secs(10);

pub struct Connection {
    state: State<role::Client>,
    screen: Screen,
    carrier: Carrier,
    out: Outgoing,
    /// What is sent when the broker has acknowledged others.
    waiting: VecDeque<Publication>,
    waiting_bytes: usize,
    /// What was published or subscribed to and is not acknowledged, by its number.
    named: HashMap<u16, String>,
    timers: Vec<(TimerKind, Instant)>,
    accept_until: Option<Instant>,
    /// Whether received publications are acknowledged by [`acknowledge`](Self::acknowledge) only.
    by_hand: bool,
    closed: Option<String>,
    /// Whether the end was reported. It is reported once.
    reported: bool,
}

/// Takes the next packet from the front of the bytes. Returns nothing when its rest has not arrived.
///
/// # Errors
/// A text: the connection must end.
pub fn receive(
    screen: &mut Screen,
    state: &mut State<role::Client>,
    bytes: &mut &[u8],
) -> Result<Option<Vec<Core>>, String> {
    let packet = screen.next(bytes).map_err(|malformed| malformed.to_string())?;
    Ok(packet.map(|packet| state.recv(&mut Cursor::new(&*packet))))
}

impl Connection {
    /// Begins a connection on a socket. It is open when [`Event::Connected`] comes.
    pub fn new(carrier: Carrier, hello: &Hello) -> Result<Self, String> {
        let options = ConnectionOptions::new().maximum_packet_size_recv(hello.packet_max);
        let mut state = State::with_options(Version::V5_0, options);
        // A broker that does not answer in that time is gone.
        state.set_pingresp_recv_timeout(u64::try_from(hello.keep_alive.as_millis()).unwrap_or(u64::MAX));
        let connect = convert::connect(hello).map_err(|error| format!("the settings of the broker: {error:?}"))?;
        let mut connection = Self {
            state,
            screen: Screen::new(hello.packet_max),
            carrier,
            out: Outgoing::default(),
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            named: HashMap::new(),
            timers: Vec::new(),
            accept_until: Some(Instant::now() + ACCEPT),
            by_hand: hello.by_hand,
            closed: None,
            reported: false,
        };
        let events = connection.state.send(Packet::V5_0Connect(connect));
        connection.take(events, &mut Vec::new());
        Ok(connection)
    }

    pub fn carrier(&mut self) -> &mut Carrier {
        &mut self.carrier
    }

    pub const fn is_open(&self) -> bool {
        self.accept_until.is_none() && self.closed.is_none()
    }

    /// Returns the number of publications that are not acknowledged or not sent.
    pub fn unacknowledged(&self) -> usize {
        self.waiting.len() + usize::from(self.out.len() > 0)
    }

    pub fn publish(&mut self, publication: Publication) -> Result<(), SendError> {
        if !self.is_open() {
            return Err(SendError::Closed);
        }
        let size = publication.payload.len() + publication.topic.len() + 256;
        if self.waiting_bytes + self.out.len() + size > WAITING_MAX {
            return Err(SendError::Full);
        }
        if !self.waiting.is_empty() || self.state.get_receive_maximum_vacancy_for_send() == Some(0) {
            self.waiting_bytes += size;
            self.waiting.push_back(publication);
            return Ok(());
        }
        self.send_now(publication)
    }

    fn send_now(&mut self, publication: Publication) -> Result<(), SendError> {
        let id = self.state.acquire_packet_id().map_err(|_| SendError::Full)?;
        let Ok(packet) = convert::publish(&publication, id) else {
            let _ = self.state.release_packet_id(id);
            return Err(SendError::Unfit);
        };
        let events = self.state.send(Packet::V5_0Publish(packet));
        let refused = events.iter().any(|event| matches!(event, Core::NotifyError(_)));
        self.take(events, &mut Vec::new());
        if refused {
            let _ = self.state.release_packet_id(id);
            return Err(SendError::Unfit);
        }
        self.named.insert(id, publication.topic);
        Ok(())
    }

    pub fn subscribe(&mut self, filters: &[String]) -> Result<(), SendError> {
        let named = filters.join(", ");
        self.with_id(named, |id| {
            let entry = |filter: &String| SubEntry::new(&**filter, SubOpts::new().set_qos(Qos::AtLeastOnce)).ok();
            let entries: Option<Vec<_>> = filters.iter().map(entry).collect();
            Some(Packet::V5_0Subscribe(v5_0::Subscribe::builder().packet_id(id).entries(entries?).build().ok()?))
        })
    }

    pub fn unsubscribe(&mut self, filters: &[String]) -> Result<(), SendError> {
        self.with_id(String::new(), |id| {
            let filters = v5_0::Unsubscribe::builder().packet_id(id).entries(filters.to_vec()).ok()?;
            Some(Packet::V5_0Unsubscribe(filters.build().ok()?))
        })
    }

    fn with_id(&mut self, named: String, packet: impl FnOnce(u16) -> Option<Packet>) -> Result<(), SendError> {
        if !self.is_open() {
            return Err(SendError::Closed);
        }
        let id = self.state.acquire_packet_id().map_err(|_| SendError::Full)?;
        let Some(packet) = packet(id) else {
            let _ = self.state.release_packet_id(id);
            return Err(SendError::Unfit);
        };
        let events = self.state.send(packet);
        self.take(events, &mut Vec::new());
        if !named.is_empty() {
            self.named.insert(id, named);
        }
        Ok(())
    }

    pub fn acknowledge(&mut self, id: u16) -> Result<(), SendError> {
        if !self.is_open() {
            return Err(SendError::Closed);
        }
        let packet = v5_0::Puback::builder().packet_id(id).build().map_err(|_| SendError::Unfit)?;
        let events = self.state.send(Packet::V5_0Puback(packet));
        self.take(events, &mut Vec::new());
        Ok(())
    }

    /// Says farewell: the broker does not publish the will.
    pub fn disconnect(&mut self) {
        if let Ok(packet) = v5_0::Disconnect::builder().build() {
            let events = self.state.send(Packet::V5_0Disconnect(packet));
            self.take(events, &mut Vec::new());
        }
    }

    /// Reads what has arrived. Returns whether there may be more.
    pub fn read(&mut self, events: &mut Vec<Event>) -> bool {
        let mut bytes = [0; 16 << 10];
        let mut total = 0;
        let more = loop {
            if self.closed.is_some() {
                break false;
            }
            if total >= READ_MAX {
                break true;
            }
            match self.carrier.read(&mut bytes) {
                Ok(0) => self.lost("the broker closed the connection"),
                Ok(length) => {
                    total += length;
                    self.received(bytes.get(..length).unwrap_or_default(), events);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break false,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => self.lost(&error.to_string()),
            }
        };
        self.send_waiting();
        self.report(events);
        more
    }

    /// Takes what has arrived.
    fn received(&mut self, mut bytes: &[u8], events: &mut Vec<Event>) {
        while self.closed.is_none() {
            let (screen, state) = (&mut self.screen, &mut self.state);
            // The screen leaves nothing on which the library is known to panic. If it does, one connection is lost.
            let taken = catch_unwind(AssertUnwindSafe(|| receive(screen, state, &mut bytes)))
                .unwrap_or_else(|_| Err("it sent what the MQTT library fails on".to_owned()));
            match taken {
                Ok(Some(taken)) => {
                    // The library does not always ask for the end when it refuses a packet.
                    let refused = taken.iter().find_map(|event| match event {
                        Core::NotifyError(error) => Some(error.to_string()),
                        _ => None,
                    });
                    self.take(taken, events);
                    refused.iter().for_each(|why| self.close(&format!("the broker does not speak MQTT 5: {why}")));
                }
                Ok(None) => return,
                Err(why) => self.close(&format!("the broker does not speak MQTT 5: {why}")),
            }
        }
    }

    /// Does what is due.
    pub fn tick(&mut self, now: Instant, events: &mut Vec<Event>) {
        if self.accept_until.is_some_and(|until| until <= now) {
            self.close("the broker did not accept the connection within 10 s");
        }
        while let Some(index) = self.timers.iter().position(|(_, at)| *at <= now) {
            let (kind, _) = self.timers.swap_remove(index);
            if kind == TimerKind::PingrespRecv {
                self.close("the broker does not answer");
            }
            let taken = self.state.notify_timer_fired(kind);
            self.take(taken, events);
        }
        self.report(events);
    }

    /// Returns when [`tick`](Self::tick) has something to do.
    pub fn due(&self) -> Option<Instant> {
        self.timers.iter().map(|(_, at)| *at).chain(self.accept_until).chain(self.out.can_wait()).min()
    }

    fn report(&mut self, events: &mut Vec<Event>) {
        if let Some(why) = self.closed.as_ref().filter(|_| !self.reported) {
            self.reported = true;
            events.push(Event::Closed(why.clone()));
        }
    }

    /// The broker has closed the connection, without a word.
    fn lost(&mut self, why: &str) {
        match self.accept_until {
            None => self.close(why),
            Some(_) => {
                self.close(&format!("{why} before it accepted it; if this port of the broker has TLS, write mqtts://"))
            }
        }
    }

    fn close(&mut self, why: &str) {
        self.closed.get_or_insert_with(|| why.to_owned());
    }

    fn send_waiting(&mut self) {
        while self.closed.is_none() && self.state.get_receive_maximum_vacancy_for_send() != Some(0) {
            let Some(publication) = self.waiting.pop_front() else { return };
            self.waiting_bytes -= publication.payload.len() + publication.topic.len() + 256;
            // What does not fit is lost, as if the broker had refused it.
            let _ = self.send_now(publication);
        }
    }

    /// Does what the state of MQTT asks for.
    fn take(&mut self, asked: Vec<Core>, events: &mut Vec<Event>) {
        for event in asked {
            match event {
                Core::RequestSendPacket { packet, .. } => {
                    let bytes = packet.to_continuous_buffer();
                    match packet {
                        Packet::V5_0Puback(_) => self.out.push_acknowledgement(&bytes, Instant::now()),
                        _ => self.out.push(&bytes),
                    }
                }
                Core::NotifyPacketReceived(packet) => self.receive(packet, events),
                Core::RequestTimerReset { kind, duration_ms } => {
                    self.timers.retain(|(other, _)| *other != kind);
                    self.timers.push((kind, Instant::now() + Duration::from_millis(duration_ms)));
                }
                Core::RequestTimerCancel(kind) => self.timers.retain(|(other, _)| *other != kind),
                Core::RequestClose => self.close("the connection ends"),
                Core::NotifyError(error) => events.push(Event::Refused(format!("MQTT: {error:?}"))),
                Core::NotifyPacketIdReleased(_) => {}
            }
        }
    }

    fn receive(&mut self, packet: Packet, events: &mut Vec<Event>) {
        match packet {
            Packet::V5_0Connack(accepted) if accepted.reason_code() == ConnectReasonCode::Success => {
                self.accept_until = None;
                events.push(Event::Connected { session: accepted.session_present() });
            }
            Packet::V5_0Connack(refused) => {
                let reason = refused.reason_code();
                let help = match reason {
                    ConnectReasonCode::NotAuthorized | ConnectReasonCode::BadUserNameOrPassword => {
                        "; check `user` and `password-file` of [broker]"
                    }
                    _ => "",
                };
                self.close(&format!("the broker refused the connection: {reason:?}{help}"));
            }
            Packet::V5_0Publish(publish) => {
                // The link sends it after reading.
                if let Some(id) = publish.packet_id().filter(|_| !self.by_hand) {
                    let _ = self.acknowledge(id);
                }
                events.push(Event::Received(convert::received(&publish)));
            }
            Packet::V5_0Puback(answer) => {
                let topic = self.named.remove(&answer.packet_id()).unwrap_or_default();
                match answer.reason_code() {
                    None | Some(PubackReasonCode::Success | PubackReasonCode::NoMatchingSubscribers) => {}
                    Some(PubackReasonCode::NotAuthorized) => events.push(Event::Refused(format!(
                        "the broker does not let this gateway publish {topic}; its access list must allow it to this user"
                    ))),
                    Some(reason) => {
                        events.push(Event::Refused(format!("the broker refused the publication {topic}: {reason:?}")));
                    }
                }
            }
            Packet::V5_0Suback(answer) => {
                let filters = self.named.remove(&answer.packet_id()).unwrap_or_default();
                for reason in answer.reason_codes().into_iter().filter(|reason| *reason as u8 >= 0x80) {
                    events.push(Event::Refused(format!("the broker refused a subscription of {filters}: {reason:?}")));
                }
            }
            Packet::V5_0Disconnect(why) => {
                let reason = why.reason_code().map(|reason| format!(": {reason:?}")).unwrap_or_default();
                self.close(&format!("the broker ended the connection{reason}"));
            }
            _ => {}
        }
    }

    /// Returns whether what is to be sent can wait.
    pub fn can_wait(&self, now: Instant) -> bool {
        self.out.can_wait().is_some_and(|until| now < until)
    }

    /// The socket takes bytes again.
    pub const fn writable(&mut self) {
        self.out.writable();
    }

    /// Takes what is to be sent, and the socket to which it goes. [`sent`](Self::sent) must follow.
    ///
    /// Inside TLS it is sent here.
    pub fn take_output(&mut self) -> Option<(Arc<TcpStream>, Vec<u8>)> {
        if self.closed.is_some() {
            return None;
        }
        let Some(socket) = self.carrier.direct() else {
            while let Some(bytes) = self.out.take() {
                let sent = self.send_sealed(&bytes);
                self.sent(bytes, sent);
            }
            // What TLS has taken and the socket has not.
            match self.carrier.flush() {
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => self.close(&error.to_string()),
                _ => {}
            }
            return None;
        };
        Some((socket, self.out.take()?))
    }

    /// What was taken has been sent, or a part of it.
    pub fn sent(&mut self, taken: Vec<u8>, sent: io::Result<Sent>) {
        match sent {
            Ok(sent) => self.out.sent(taken, sent),
            Err(error) => self.close(&error.to_string()),
        }
    }

    /// Returns whether this is the connection on a socket.
    pub fn sends_to(&self, socket: &Arc<TcpStream>) -> bool {
        self.carrier.direct().is_some_and(|own| Arc::ptr_eq(&own, socket))
    }

    fn send_sealed(&mut self, bytes: &[u8]) -> io::Result<Sent> {
        let mut length = 0;
        while let Some(rest) = bytes.get(length..).filter(|rest| !rest.is_empty()) {
            match self.carrier.write(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(more) => length += more,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(Sent { length, full: true }),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        oncilla_fleet::mqtt::acknowledge_at_once(&*self.carrier.socket());
        Ok(Sent { length, full: false })
    }
}
