//! The thread that receives, and connects again.

use std::io::{self, Read};
use std::net::TcpStream;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use super::connection::{Shared, flush};
use super::dial;
use super::live::{Arrived, Live};
use super::{BrokerError, Handler, Lost};

/// The pause before the first attempt to connect again.
const PAUSE_MIN: Duration = Duration::from_millis(100);

/// The longest pause.
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// How much is read at once.
const CHUNK: usize = 64 << 10;

/// Connects, and waits until the broker accepts. Returns what is read from, and what has arrived.
pub(super) fn open(shared: &Shared) -> Result<(TcpStream, Vec<Arrived>), BrokerError> {
    let options = &shared.options;
    let deadline = Instant::now() + options.connect_timeout;
    let socket = dial::socket(options)?;
    let mut tcp = socket.tcp.try_clone().map_err(|error| BrokerError::Lost { why: error.to_string() })?;
    let first = shared.state().epoch == 0;
    let mut live = Live::begin(socket, options, first)?;
    let mut chunk = vec![0; CHUNK];
    loop {
        let bytes = read(&mut tcp, &mut chunk)?;
        let mut arrived = live.receive(bytes).into_iter();
        if let Some(first) = arrived.next() {
            accepted(&first)?;
            install(shared, live);
            return Ok((tcp, arrived.collect()));
        }
        if let Some(why) = live.ended() {
            return Err(why.clone());
        }
        if Instant::now() > deadline {
            return Err(BrokerError::Silent);
        }
    }
}

fn accepted(first: &Arrived) -> Result<(), BrokerError> {
    match first {
        Arrived::Accepted(0) => Ok(()),
        Arrived::Accepted(code) => Err(BrokerError::Refused { code: *code }),
        _ => Err(BrokerError::Strange { why: "its first packet is not CONNACK".to_owned() }),
    }
}

/// Puts a connection to use, and subscribes again.
fn install(shared: &Shared, mut live: Live) {
    let mut state = shared.state();
    if !state.filters.is_empty() {
        // One packet for each 100 filters: a packet has a largest size.
        for filters in state.filters.chunks(100) {
            let _ = live.subscribe(filters, None);
        }
        live.flush_alone();
    }
    state.epoch += 1;
    if state.closing {
        live.goodbye(true);
        live.flush_alone();
        live.fail(BrokerError::Closed);
    }
    state.live = Some(live);
    drop(state);
    shared.changed.notify_all();
}

/// Reads what is there. Nothing at the end of a tick.
fn read<'a>(tcp: &mut TcpStream, chunk: &'a mut [u8]) -> Result<&'a [u8], BrokerError> {
    let lost = |why: String| BrokerError::Lost { why };
    match tcp.read(chunk) {
        Ok(0) => Err(lost("the broker closed the connection".to_owned())),
        Ok(length) => Ok(chunk.get(..length).unwrap_or_default()),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted
            ) =>
        {
            Ok(&[])
        }
        Err(error) => Err(lost(error.to_string())),
    }
}

/// Receives until the connection is closed.
pub(super) fn run(shared: &Shared, first: (TcpStream, Vec<Arrived>), handler: &dyn Handler) {
    let mut chunk = vec![0; CHUNK];
    let (mut tcp, mut arrived) = first;
    loop {
        dispatch(shared, arrived, handler);
        let why = receive(shared, &mut tcp, &mut chunk, handler);
        let lost = take_down(shared, why);
        handler.lost(&lost);
        let Some(again) = redial(shared) else { return };
        (tcp, arrived) = again;
        handler.connected();
    }
}

/// Receives until the connection is lost.
fn receive(shared: &Shared, tcp: &mut TcpStream, chunk: &mut [u8], handler: &dyn Handler) -> BrokerError {
    loop {
        let bytes = match read(tcp, chunk) {
            Ok(bytes) => bytes,
            Err(why) => return why,
        };
        let mut state = shared.state();
        let Some(live) = &mut state.live else { return BrokerError::Closed };
        live.tick(Instant::now());
        let arrived = if bytes.is_empty() { Vec::new() } else { live.receive(bytes) };
        let ended = live.ended().cloned();
        // Acknowledgements make room for what waits.
        let mut unsendable = Vec::new();
        state.drain(&mut unsendable);
        drop(state);
        // Before the acknowledgements are sent: who waits for a reply needs it sooner than the broker needs them.
        dispatch(shared, arrived, handler);
        unsendable.into_iter().for_each(|token| handler.acknowledged(token, 0x95));
        let state = shared.state();
        // Each packet of its own wakes the broker. At the end of a tick nothing waits any longer.
        if bytes.is_empty() || !state.live.as_ref().is_some_and(Live::can_wait) {
            drop(flush(shared, state));
        }
        if let Some(why) = ended {
            return why;
        }
    }
}

/// Hands on what has arrived.
fn dispatch(shared: &Shared, arrived: Vec<Arrived>, handler: &dyn Handler) {
    for arrived in arrived {
        match arrived {
            Arrived::Message(message) => handler.message(message),
            Arrived::Acknowledged(token, reason) => handler.acknowledged(token, reason),
            Arrived::Subscribed(token, codes) => {
                // What nobody waits for is not kept.
                if let Some(awaited) = shared.state().awaited.get_mut(&token) {
                    *awaited = Some(codes);
                    shared.changed.notify_all();
                }
            }
            Arrived::Ended(code) => {
                let why = format!("the broker ended it: {} ({code:#04x})", super::reason_name(code));
                if let Some(live) = &mut shared.state().live {
                    live.fail(BrokerError::Lost { why });
                }
            }
            // It comes once, at the begin.
            Arrived::Accepted(_) => {}
        }
    }
}

/// Takes the connection out of use.
fn take_down(shared: &Shared, why: BrokerError) -> Lost {
    let mut state = shared.state();
    let live = state.live.take();
    let why = live.as_ref().and_then(Live::ended).cloned().unwrap_or(why);
    let unacknowledged = live.map(|live| live.unacknowledged()).unwrap_or_default();
    let unsent = state.queue.drain(..).map(|(_, token)| token).collect();
    state.down = why.clone();
    drop(state);
    shared.changed.notify_all();
    Lost { why, unacknowledged, unsent }
}

/// Connects again, however long it takes. Returns nothing when the program closes the connection.
fn redial(shared: &Shared) -> Option<(TcpStream, Vec<Arrived>)> {
    let mut pause = PAUSE_MIN;
    loop {
        // A part of the pause is random, so that the clients of a broker do not all return at once.
        let spread = pause.mul_f64(0.5 + f64::from((crate::random::number() >> 48) as u16) / 65_536.0);
        let until = Instant::now() + spread;
        let mut state = shared.state();
        loop {
            if state.closing {
                return None;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            state = shared.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        drop(state);
        match open(shared) {
            Ok(again) => return Some(again),
            Err(why) => shared.state().down = why,
        }
        pause = (pause * 2).min(PAUSE_MAX);
    }
}
