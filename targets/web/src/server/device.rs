//! The devices: a thread for each, which makes its calls one after another.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::broadcast;
use tokio::sync::mpsc::UnboundedSender;

use super::worker::Worker;
use super::{Allowed, Device};

/// The most calls that wait for one device.
const QUEUE: usize = 256;

/// The most events that wait for a page: states, and pieces of logs.
const EVENTS: usize = 1024;

/// A call as a page asks for it.
#[derive(Debug, Deserialize)]
pub struct Call {
    pub program: u32,
    pub version: u32,
    pub procedure: u32,
    #[serde(default)]
    pub arguments: Value,
    /// Whether no reply is waited for.
    #[serde(default)]
    pub cast: bool,
}

/// A request of a page.
pub struct Request {
    pub id: u64,
    /// A call. Without one, the description is asked for.
    pub call: Option<Call>,
    pub replies: UnboundedSender<String>,
}

impl Request {
    /// Replies. A page that is closed needs no reply.
    pub fn reply(&self, mut reply: Value) {
        reply["id"] = self.id.into();
        let _ = self.replies.send(reply.to_string());
    }

    /// Replies that too many calls wait.
    pub fn busy(&self) {
        self.reply(json!({"error": "too many calls wait for this device", "kind": "busy", "help": []}));
    }
}

/// Sends a page what happens to a device.
#[derive(Clone)]
pub struct Events {
    place: usize,
    sender: broadcast::Sender<Arc<str>>,
    /// Whether the device was reached last.
    is_connected: Arc<AtomicBool>,
}

impl Events {
    /// Sends an event, unless no page is open.
    pub fn send(&self, mut event: Value) {
        if self.sender.receiver_count() > 0 {
            event["device"] = self.place.into();
            let _ = self.sender.send(event.to_string().into());
        }
    }

    /// Notes whether the device is reached, and sends a change.
    pub fn connected(&self, is_connected: bool) {
        if self.is_connected.swap(is_connected, Ordering::Relaxed) != is_connected {
            self.send(json!({"connected": is_connected}));
        }
    }

    pub fn is_connected(&self) -> bool {
        self.is_connected.load(Ordering::Relaxed)
    }
}

/// All devices.
pub struct Devices {
    devices: Vec<Started>,
    events: broadcast::Sender<Arc<str>>,
    is_read_only: bool,
}

struct Started {
    name: String,
    target: String,
    /// The file of its interface, for command lines.
    interface: Option<String>,
    requests: SyncSender<Request>,
    events: Events,
}

impl Devices {
    /// Starts the threads.
    pub fn start(devices: Vec<Device>, allowed: Allowed) -> io::Result<Self> {
        let sender = broadcast::Sender::new(EVENTS);
        let is_read_only = matches!(allowed, Allowed::These(_));
        let allowed = Arc::new(allowed);
        let mut started = Vec::new();
        for (place, device) in devices.into_iter().enumerate() {
            let (requests, queue): (_, Receiver<Request>) = sync_channel(QUEUE);
            let events = Events { place, sender: sender.clone(), is_connected: Arc::default() };
            let target = device.settings.target.as_ref().map(|target| target.value.to_string()).unwrap_or_default();
            let interface = device.settings.interface.as_ref().map(|file| file.value.display().to_string());
            let name = device.name.clone();
            started.push(Started { name, target, interface, requests, events: events.clone() });
            let worker = Worker::new(device, events, Arc::clone(&allowed));
            thread::Builder::new().name(format!("device {place}")).spawn(move || worker.run(&queue))?;
        }
        Ok(Self { devices: started, events: sender, is_read_only })
    }

    /// Returns the events from now on.
    pub fn events(&self) -> broadcast::Receiver<Arc<str>> {
        self.events.subscribe()
    }

    /// Returns the first message for a page: the devices and their states.
    pub fn welcome(&self) -> String {
        let devices = self.devices.iter().map(|device| {
            json!({
                "name": device.name,
                "target": device.target,
                "interface": device.interface,
                "connected": device.events.is_connected(),
            })
        });
        json!({
            "devices": devices.collect::<Vec<_>>(),
            "readOnly": self.is_read_only,
            "version": env!("CARGO_PKG_VERSION"),
        })
        .to_string()
    }

    /// Gives a request to the thread of a device.
    pub fn ask(&self, place: usize, request: Request) {
        let Some(device) = self.devices.get(place) else {
            return request.reply(json!({"error": "there is no such device", "kind": "usage", "help": []}));
        };
        match device.requests.try_send(request) {
            Ok(()) => {}
            Err(TrySendError::Full(request)) => request.busy(),
            Err(TrySendError::Disconnected(request)) => {
                request.reply(json!({"error": "the thread of this device has ended", "kind": "failed", "help": []}));
            }
        }
    }
}
