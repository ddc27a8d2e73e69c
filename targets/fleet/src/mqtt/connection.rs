//! The handle of a connection.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::live::Live;
use super::reader;
use super::{BrokerError, Incoming, Options, Publication};

/// The largest number of publications that wait for the broker.
const QUEUE_MAX: usize = 1 << 16;

/// What a connection reports, on the thread that receives. A call must not block.
pub trait Handler: Send + Sync + 'static {
    /// A publication arrived.
    fn message(&self, message: Incoming);

    /// The broker acknowledged the publication of this token, with a reason of MQTT 5. Below 0x80 it was accepted.
    fn acknowledged(&self, token: u64, reason: u8);

    /// The connection is there again, and all filters are subscribed to.
    fn connected(&self) {}

    /// The connection was lost.
    fn lost(&self, _lost: &Lost) {}
}

/// What a lost connection leaves.
#[derive(Clone, Debug)]
pub struct Lost {
    /// Why.
    pub why: BrokerError,
    /// The tokens of the publications that were sent and not acknowledged: what became of them is unknown.
    pub unacknowledged: Vec<u64>,
    /// The tokens of the publications that were not sent.
    pub unsent: Vec<u64>,
}

/// A connection to a broker. Clones share it.
///
/// When the last clone is dropped, the connection is closed in order.
#[derive(Clone)]
pub struct Connection {
    pub(super) shared: Arc<Shared>,
    _closer: Arc<Closer>,
}

pub(super) struct Shared {
    pub options: Options,
    pub state: Mutex<State>,
    /// Notified when a connection is there, is lost, or acknowledges a subscription.
    pub changed: Condvar,
}

pub(super) struct State {
    /// The connection, if one is open and accepted.
    pub live: Option<Live>,
    /// Why there is none.
    pub down: BrokerError,
    /// The filters, and whether their publications are acknowledged.
    pub filters: Vec<(String, bool)>,
    /// Publications that wait until the broker acknowledges others.
    pub queue: VecDeque<(Publication, u64)>,
    /// The subscriptions that somebody waits for, by their token, with the reasons once the broker has acknowledged one.
    pub awaited: HashMap<u64, Option<Vec<u8>>>,
    /// The token of the last subscription.
    subscriptions: u64,
    /// Counts the connections.
    pub epoch: u64,
    /// The program closes the connection.
    pub closing: bool,
}

impl Shared {
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Sends the publications that wait, as far as the broker takes them.
    pub fn drain(&mut self, unsendable: &mut Vec<u64>) {
        let Some(live) = &mut self.live else { return };
        while live.has_room()
            && let Some((publication, token)) = self.queue.pop_front()
        {
            if live.publish(publication, token).is_err() {
                unsendable.push(token);
            }
        }
    }
}

/// Closes the connection when all its handles are gone.
struct Closer(Arc<Shared>);

impl Drop for Closer {
    fn drop(&mut self) {
        close(&self.0, true);
    }
}

/// Sends what is to be sent. While one thread sends, others only add to it: none waits for the system.
pub(super) fn flush<'s>(shared: &'s Shared, mut state: MutexGuard<'s, State>) -> MutexGuard<'s, State> {
    while let Some(output) = state.live.as_mut().and_then(Live::take_output) {
        let epoch = state.epoch;
        drop(state);
        let sent = output.send();
        state = shared.state();
        if state.epoch != epoch {
            break;
        }
        if let Some(live) = &mut state.live {
            live.sent(output, sent);
        }
        if state.closing {
            shared.changed.notify_all();
        }
    }
    state
}

fn close(shared: &Shared, forget: bool) {
    let mut state = shared.state();
    state.closing = true;
    if let Some(live) = &mut state.live {
        live.goodbye(forget);
    }
    state = flush(shared, state);
    // Another thread may be sending, for a bounded time.
    while state.live.as_ref().is_some_and(|live| live.has_output() && live.ended().is_none()) {
        state = shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
    }
    if let Some(live) = &mut state.live {
        live.fail(BrokerError::Closed);
    }
    drop(state);
    shared.changed.notify_all();
}

impl Connection {
    /// Connects, and waits until the broker accepts.
    ///
    /// # Errors
    /// [`BrokerError`]; later losses are reported to the handler, and repaired.
    pub fn connect(options: Options, handler: Arc<dyn Handler>) -> Result<Self, BrokerError> {
        let shared = Arc::new(Shared {
            options,
            state: Mutex::new(State {
                live: None,
                down: BrokerError::Closed,
                filters: Vec::new(),
                queue: VecDeque::new(),
                awaited: HashMap::new(),
                subscriptions: 0,
                epoch: 0,
                closing: false,
            }),
            changed: Condvar::new(),
        });
        let first = reader::open(&shared)?;
        let for_reader = Arc::clone(&shared);
        thread::Builder::new()
            .name("mqtt".to_owned())
            .stack_size(256 << 10)
            .spawn(move || reader::run(&for_reader, first, &*handler))
            .map_err(|error| BrokerError::Unreached {
                address: shared.options.address.clone(),
                why: format!("no thread for it: {error}"),
            })?;
        let closer = Arc::new(Closer(Arc::clone(&shared)));
        Ok(Self { shared, _closer: closer })
    }

    /// Sends a publication, or queues it until the broker takes it. It does not wait.
    ///
    /// The handler receives the acknowledgement with `token`.
    ///
    /// # Errors
    /// [`BrokerError`]; nothing was sent, unless it is [`BrokerError::Lost`].
    pub fn publish(&self, publication: Publication, token: u64) -> Result<(), BrokerError> {
        let mut state = self.shared.state();
        let State { live, queue, down, .. } = &mut *state;
        let live = live.as_mut().ok_or_else(|| down.clone())?;
        // It has failed, and the thread that receives has not seen it.
        live.ended().cloned().map_or(Ok(()), Err)?;
        if publication.acknowledged && (!queue.is_empty() || !live.has_room()) {
            if queue.len() >= QUEUE_MAX {
                return Err(BrokerError::Full { waiting: queue.len() });
            }
            queue.push_back((publication, token));
            return Ok(());
        }
        live.publish(publication, token)?;
        drop(flush(&self.shared, state));
        Ok(())
    }

    /// Takes back a publication that waits to be sent. Returns whether it was not sent.
    #[must_use]
    pub fn take_back(&self, token: u64) -> bool {
        let mut state = self.shared.state();
        let Some(at) = state.queue.iter().position(|(_, queued)| *queued == token) else { return false };
        state.queue.remove(at);
        true
    }

    /// Subscribes to filters, and waits for the broker. `true` means that publications are acknowledged (QoS 1).
    ///
    /// The filters are subscribed to again after each loss of the connection.
    ///
    /// # Errors
    /// [`BrokerError::Denied`] for the first filter that the broker denies, and the errors of the connection.
    pub fn subscribe(&self, filters: &[(String, bool)], patience: Duration) -> Result<(), BrokerError> {
        let codes = self.acknowledged_filters(filters, patience)?;
        let denied = filters.iter().zip(codes).find(|(_, code)| *code >= 0x80);
        match denied {
            Some(((filter, _), code)) => {
                self.shared.state().filters.retain(|(other, _)| other != filter);
                Err(BrokerError::Denied { topic: filter.clone(), code })
            }
            None => Ok(()),
        }
    }

    /// Subscribes to filters, and does not wait for the broker.
    ///
    /// # Errors
    /// The errors of the connection. Filters that the broker denies are not reported.
    pub fn subscribe_soon(&self, filters: &[(String, bool)]) -> Result<(), BrokerError> {
        let mut state = self.shared.state();
        for (filter, acknowledged) in filters {
            state.filters.retain(|(other, _)| other != filter);
            state.filters.push((filter.clone(), *acknowledged));
        }
        let Some(live) = &mut state.live else { return Err(state.down.clone()) };
        live.subscribe(filters, None)?;
        drop(flush(&self.shared, state));
        Ok(())
    }

    /// Unsubscribes from filters, and does not wait for the broker.
    pub fn unsubscribe(&self, filters: &[String]) {
        let mut state = self.shared.state();
        state.filters.retain(|(filter, _)| !filters.contains(filter));
        if let Some(live) = &mut state.live
            && live.unsubscribe(filters).is_ok()
        {
            drop(flush(&self.shared, state));
        }
    }

    /// Subscribes, and waits for the acknowledgement. Returns the reason for each filter.
    fn acknowledged_filters(&self, filters: &[(String, bool)], patience: Duration) -> Result<Vec<u8>, BrokerError> {
        let deadline = Instant::now() + patience;
        let mut state = self.shared.state();
        state.subscriptions += 1;
        let token = state.subscriptions;
        let Some(live) = &mut state.live else { return Err(state.down.clone()) };
        live.subscribe(filters, Some(token))?;
        for (filter, acknowledged) in filters {
            state.filters.retain(|(other, _)| other != filter);
            state.filters.push((filter.clone(), *acknowledged));
        }
        state.awaited.insert(token, None);
        let epoch = state.epoch;
        state = flush(&self.shared, state);
        loop {
            if let Some(codes) = state.awaited.get_mut(&token).and_then(Option::take) {
                state.awaited.remove(&token);
                return Ok(codes);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if state.epoch != epoch || state.live.is_none() || left.is_zero() {
                state.awaited.remove(&token);
                return Err(if left.is_zero() { BrokerError::Silent } else { state.down.clone() });
            }
            state = self.shared.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Waits until the connection is there.
    ///
    /// # Errors
    /// Why it is not there at `deadline`.
    pub fn wait(&self, deadline: Instant) -> Result<(), BrokerError> {
        let mut state = self.shared.state();
        loop {
            if state.live.as_ref().is_some_and(|live| live.ended().is_none()) {
                return Ok(());
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || state.closing {
                return Err(state.down.clone());
            }
            state = self.shared.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Returns whether the connection is there.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.shared.state().live.as_ref().is_some_and(|live| live.ended().is_none())
    }

    /// Acknowledges a received publication, where [`Options::manual`] is set.
    ///
    /// One from before a loss of the connection is not acknowledged: the broker delivers it again. `epoch` is that of
    /// [`epoch`](Self::epoch) when it arrived.
    pub fn acknowledge(&self, number: u16, epoch: u64) {
        let mut state = self.shared.state();
        if state.epoch == epoch
            && let Some(live) = &mut state.live
        {
            live.acknowledge(number);
            drop(flush(&self.shared, state));
        }
    }

    /// Returns the number of the present connection, another one after each loss.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.shared.state().epoch
    }

    /// Closes the connection in order: the broker does not publish the will. The session is kept for its time.
    pub fn close(&self) {
        close(&self.shared, false);
    }

    /// Loses the connection on purpose, as a failing network does. For tests.
    #[doc(hidden)]
    pub fn cut(&self) {
        if let Some(live) = &mut self.shared.state().live {
            live.fail(BrokerError::Lost { why: "cut by a test".to_owned() });
        }
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Connection").field(&self.shared.options).finish()
    }
}
