//! Messages of other threads to the hub.

use std::sync::{Arc, Mutex, PoisonError};

use mio::Waker;

use super::uplink::Which;
use crate::mqtt::Carrier;
use crate::queue::Stage;
use crate::worker::News;

/// A message of another thread to the hub.
pub enum Told {
    /// The report of a worker.
    News(News),
    /// A socket is connected, or not.
    Dialed(Which, Result<Carrier, String>),
    /// The journal has a stage of a call.
    Written(u64, Stage),
    /// The gateway shall stop.
    Stop,
}

/// The inbox of the hub. Clones share it.
#[derive(Clone)]
pub struct Inbox {
    list: Arc<Mutex<Vec<Told>>>,
    waker: Arc<Waker>,
}

impl Inbox {
    pub fn new(waker: Waker) -> Self {
        Self { list: Arc::default(), waker: Arc::new(waker) }
    }

    /// Adds a message and wakes the hub.
    pub fn tell(&self, told: Told) {
        let mut list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        let first = list.is_empty();
        list.push(told);
        drop(list);
        if first {
            // It wakes at its next time anyway.
            let _ = self.waker.wake();
        }
    }

    /// Takes all messages.
    pub fn take(&self) -> Vec<Told> {
        std::mem::take(&mut self.list.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
