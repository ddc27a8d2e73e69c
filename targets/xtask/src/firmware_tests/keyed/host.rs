//! A host with a key.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Result, bail, ensure};
use oncilla::keys::{Key, Opens, Side};
use oncilla::{Beside, CallError, Client, Keyed, Link, Received, Retry, Time, Transport, framing::Framing};
use oncilla_firmware_tests::keyed::{digest, guarded};
use oncilla_host::Socket;

use super::{PATIENCE, until};

/// A client whose calls are sealed.
pub type KeyedClient<T> = Client<Keyed<T, Opens<&'static Key>>, Vec<u8>>;

const BUFFER: usize = 512;

/// Creates a client with a key. Its start and boot number are those of no other client.
pub fn client<T: Transport>(transport: T, key: &'static Key) -> KeyedClient<T> {
    renewing_client(transport, key, u32::MAX)
}

/// Creates a client with a key that it renews after this number of messages.
pub fn renewing_client<T: Transport>(transport: T, key: &'static Key, messages: u32) -> KeyedClient<T> {
    static CLIENTS: AtomicU32 = AtomicU32::new(1);
    let number = CLIENTS.fetch_add(1, Ordering::Relaxed);
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos() as u64;
    let mut start = [0; 16];
    start[..8].copy_from_slice(&time.to_be_bytes());
    start[8..12].copy_from_slice(&number.to_be_bytes());
    let ends: Opens<&'static Key> = Opens::new(Side::Host, key, start, number).renew_after(messages);
    let mut client = Client::new(Link::with_keys(transport, vec![0; BUFFER], vec![0; BUFFER], ends), number << 16);
    client.set_timeout(PATIENCE);
    client.set_retry(Retry::doubling(Duration::from_millis(50)));
    client
}

/// A transport that counts the bytes that arrive.
pub struct Heard<T> {
    inner: T,
    /// Their number.
    pub bytes: usize,
}

impl<T> Heard<T> {
    pub const fn new(inner: T) -> Self {
        Self { inner, bytes: 0 }
    }
}

impl<T: Transport> Transport for Heard<T> {
    type Error = T::Error;
    type Framing = T::Framing;

    fn now(&mut self) -> Time {
        self.inner.now()
    }

    fn peer(&self) -> Option<SocketAddr> {
        self.inner.peer()
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> Result<Received, T::Error> {
        let received = self.inner.receive(into, deadline)?;
        if let Received::Bytes(length) | Received::Oversize(length) = received {
            self.bytes += length;
        }
        Ok(received)
    }

    fn send(&mut self, frame: &[u8], deadline: Time) -> Result<usize, T::Error> {
        self.inner.send(frame, deadline)
    }
}

/// The text that a firmware has printed on the line of its calls.
#[derive(Default)]
pub struct Logs {
    pub verified: String,
    pub clear: String,
}

/// The text that arrives while calls are made.
pub struct Log(Arc<Mutex<Logs>>);

impl Log {
    /// Returns what has arrived since the last time.
    pub fn take(&self) -> Logs {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Keeps the text that arrives on a socket.
pub fn logged<F: Framing>(socket: Socket<F>) -> (Socket<F>, Log) {
    let logs = Arc::<Mutex<Logs>>::default();
    let kept = Arc::clone(&logs);
    let socket = socket.with_log(move |what| {
        let mut logs = kept.lock().unwrap_or_else(PoisonError::into_inner);
        match what {
            Beside::Text(text) => logs.verified.push_str(&String::from_utf8_lossy(text)),
            Beside::Unverified(text) => logs.clear.push_str(&String::from_utf8_lossy(text)),
            Beside::Log(_) | Beside::Dropped(_) => {}
        }
    });
    (socket, Log(logs))
}

/// How often the firmware is reset, and the calls after each reset.
const RESETS: u32 = 3;
const CALLS: u32 = 20;

/// Makes calls and resets the firmware among them. Checks that no call was executed twice, and that calls go on after
/// each reset. Returns the number of resets.
pub fn calls_over_resets<T: Transport>(
    client: &mut KeyedClient<T>,
    mut reset: impl FnMut() -> Result<()>,
) -> Result<u32>
where
    T::Error: std::error::Error + Send + Sync + 'static,
{
    let mut number = 0;
    let mut right = Vec::new();
    for _ in 0..RESETS {
        let mut once = |client: &mut KeyedClient<T>| {
            number += 1;
            let outcome = guarded::Client::new(client).once(number, &[5; 20]);
            right.push(outcome.is_ok());
            (number, outcome)
        };
        for _ in 0..CALLS {
            let (number, outcome) = once(client);
            ensure!(outcome? == digest(number, &[5; 20]), "call {number} has a wrong result");
        }
        reset()?;
        until("the reset is seen", || match once(client).1 {
            Ok(_) | Err(CallError::TimedOut { .. }) => Ok(false),
            Err(CallError::Restarted) => Ok(true),
            Err(error) => bail!("a call after a reset ended as {error:?}"),
        })?;
        ensure!(once(client).1.is_ok(), "the call after a reset that was seen has failed");
    }
    for (index, right) in right.into_iter().enumerate() {
        let number = index as u32 + 1;
        let done = guarded::Client::new(&mut *client).done(number)?[0];
        ensure!(
            if right { done == 1 } else { done <= 1 },
            "call {number} was executed {done} times; it {} a result",
            if right { "had" } else { "had no" }
        );
    }
    Ok(RESETS)
}
