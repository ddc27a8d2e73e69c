//! The worker of a device: a thread that holds its connection and makes one call at a time.

mod describe;
mod execute;
mod happened;
mod lane;
mod run;

use std::sync::Arc;
use std::time::Duration;

use oncilla_fleet::wire::{Hash, Name, Served};

use crate::call::Call;
use crate::metrics::Metrics;
use crate::mqtt::Sender;
use crate::reply::{self, Answer};
use crate::settings::{Device, Settings};

pub use describe::Interfaces;
pub use execute::{Request, id_of, request};
pub use lane::Lane;
pub use run::start;

/// What all workers of a gateway share.
pub struct Shared {
    /// The settings of the gateway.
    pub settings: Settings,
    /// The link of calls and replies.
    pub sender: Sender,
    /// The interfaces that are known, each once.
    pub interfaces: Interfaces,
    /// The counters.
    pub metrics: Metrics,
    /// Passes a report to the hub.
    pub tell: Box<dyn Fn(News) + Send + Sync>,
}

/// The report of a worker to the hub.
#[derive(Debug)]
pub struct News {
    /// The device.
    pub device: Name,
    /// The worker, since a device may have another one by now.
    pub worker: u64,
    /// What happened.
    pub what: What,
}

/// What happened to a device.
#[derive(Debug)]
pub enum What {
    /// It is reached.
    Up(Known),
    /// It is not reached, for this reason.
    Down(String),
    /// A call of the queue has ended.
    Ended(u64, Answer),
    /// The worker has ended.
    Gone,
}

/// What is known of a device that is reached.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The programs with their versions.
    pub programs: Vec<Served>,
    /// The description with its hash.
    pub description: Option<(Hash, Arc<str>)>,
    /// How often it has restarted or was connected, as seen by this worker.
    pub boot: Option<u32>,
}

/// A call for a device.
#[derive(Debug)]
pub struct Job {
    /// The call.
    pub call: Call,
    /// Its number in the queue. Its end is reported to the hub.
    pub queued: Option<u64>,
}

impl Shared {
    /// Publishes the reply to a call, and counts it.
    pub fn reply(&self, call: &Call, answer: Answer, device: Option<&Name>) {
        self.metrics.call(answer.name(), call.arrived.elapsed());
        let publication = reply::publication(call, answer, &self.settings.gateway, device);
        if publication.is_some_and(|publication| self.sender.publish(publication).is_err()) {
            self.metrics.lost();
        }
    }

    fn tell(&self, device: &Device, worker: u64, what: What) {
        (self.tell)(News { device: device.name.clone(), worker, what });
    }
}

/// The pause after a failed attempt to connect, doubled by each further one.
const PAUSE: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(5));
