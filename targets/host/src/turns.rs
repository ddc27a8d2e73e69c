//! Any caller for many threads, one call at a time.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use oncilla::xdr::{DecodeError, EncodeError};
use oncilla::{CallError, Caller, ProcedureId, Writer};

/// A caller that many threads use, one call at a time. Each thread has a clone.
///
/// Use it for a serial port, which can be opened only once, and for an endpoint. On TCP and Unix sockets use
/// [`SharedClient`](crate::SharedClient), which has the calls of all threads in flight at once. On UDP, give each thread
/// its own client.
///
/// ```
/// # oncilla::program! { pub mod probe = 0x2000_0001, version 1 { fn read(channel: u32) -> u32 = 1; } }
/// # struct Device;
/// # impl probe::Service for Device { fn read(&mut self, channel: u32) -> u32 { 10 * channel } }
/// # static TABLE: oncilla::Table<Device> = oncilla::table![probe::program()];
/// # let (firmware, host) = oncilla_host::pipe::<oncilla::framing::Serial>();
/// # let serving = std::thread::spawn(move || oncilla::Link::with_boot_number(firmware, [0; 128], [0; 128], 1).serve(&TABLE, &mut Device));
/// # let client = oncilla::Client::new(oncilla_host::Connector::new().link(host), 1);
/// use oncilla_host::SharedCaller;
///
/// // `client` is `oncilla_host::serial("/dev/ttyUSB0", 115_200)?`, for example.
/// let shared = SharedCaller::new(client);
/// std::thread::scope(|scope| {
///     for channel in 0..4 {
///         let mut probe = probe::Client::new(shared.clone());
///         scope.spawn(move || assert_eq!(probe.read(channel).unwrap(), 10 * channel));
///     }
/// });
/// # drop(shared);
/// # serving.join().unwrap()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// **Time.** A call waits for its turn, 5 seconds at most unless [`set_turn_timeout`](Self::set_turn_timeout) changes
/// it. Then it has the time-out of the caller. A call whose turn does not come ends with [`CallError::NoSlot`], not sent.
///
/// **Memory.** Results are copied to a buffer of the clone, which grows up to the receive buffer of the caller.
///
/// **Panics.** A thread that panics in a call does not stop the others.
pub struct SharedCaller<C> {
    turns: Arc<Turns<C>>,
    results: Vec<u8>,
    timeout: Duration,
}

struct Turns<C> {
    /// `None` during a call.
    caller: Mutex<Option<C>>,
    /// Notified after a call.
    free: Condvar,
}

impl<C> SharedCaller<C> {
    /// Returns the first of the clones that share `caller`.
    pub fn new(caller: C) -> Self {
        let turns = Turns { caller: Mutex::new(Some(caller)), free: Condvar::new() };
        Self { turns: Arc::new(turns), results: Vec::new(), timeout: Duration::from_secs(5) }
    }

    /// Sets how long the calls of this clone wait for their turn: 5 seconds by default.
    pub const fn set_turn_timeout(&mut self, timeout: Duration) {
        self.timeout = timeout;
    }

    /// Runs `act` with the caller, for example to set its time-out. Waits for its turn as a call does.
    ///
    /// # Errors
    /// [`CallError::NoSlot`] if the turn does not come in time.
    pub fn with<R>(&self, act: impl FnOnce(&mut C) -> R) -> Result<R, CallError<C::Error>>
    where
        C: Caller,
    {
        let mut turn = self.turns.wait(self.timeout).ok_or(CallError::NoSlot { slots: 1 })?;
        // A turn has the caller until it is dropped.
        turn.caller.as_mut().map(act).ok_or(CallError::NoSlot { slots: 1 })
    }

    /// Waits for a turn, makes a call that copies its results, and returns the copy.
    fn copied(
        &mut self,
        call: impl FnOnce(&mut C, &mut Vec<u8>) -> Result<(), CallError<C::Error>>,
    ) -> Result<&[u8], CallError<C::Error>>
    where
        C: Caller,
    {
        let mut copy = std::mem::take(&mut self.results);
        let called = self.with(|caller| call(caller, &mut copy));
        self.results = copy;
        called??;
        Ok(&self.results)
    }
}

impl<C> Turns<C> {
    /// Waits for the caller. Returns `None` after the time-out.
    fn wait(&self, timeout: Duration) -> Option<Turn<'_, C>> {
        let begun = Instant::now();
        let mut caller = self.lock();
        loop {
            if let Some(caller) = caller.take() {
                return Some(Turn { turns: self, caller: Some(caller) });
            }
            let left = timeout.checked_sub(begun.elapsed())?;
            caller = self.free.wait_timeout(caller, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<C>> {
        self.caller.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call in progress. The caller goes back when this is dropped.
struct Turn<'t, C> {
    turns: &'t Turns<C>,
    caller: Option<C>,
}

impl<C> Drop for Turn<'_, C> {
    fn drop(&mut self) {
        *self.turns.lock() = self.caller.take();
        self.turns.free.notify_one();
    }
}

/// The clone has the same time to wait for its turn, and a buffer of its own.
impl<C> Clone for SharedCaller<C> {
    fn clone(&self) -> Self {
        Self { turns: Arc::clone(&self.turns), results: Vec::new(), timeout: self.timeout }
    }
}

impl<C> fmt::Debug for SharedCaller<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_free = self.turns.lock().is_some();
        formatter.debug_struct("SharedCaller").field("is_free", &is_free).finish_non_exhaustive()
    }
}

impl<C: Caller> Caller for SharedCaller<C> {
    type Error = C::Error;

    fn call<'c, R>(
        &'c mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
        results: impl FnOnce(&'c [u8]) -> Result<R, DecodeError>,
    ) -> Result<R, CallError<C::Error>> {
        let copy = self.copied(|caller, copy| caller.call(id, arguments, |bytes| replace(copy, bytes)))?;
        results(copy).map_err(CallError::Results)
    }

    fn call_idempotent<'c, R>(
        &'c mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
        results: impl FnOnce(&'c [u8]) -> Result<R, DecodeError>,
    ) -> Result<R, CallError<C::Error>> {
        let copy = self.copied(|caller, copy| caller.call_idempotent(id, arguments, |bytes| replace(copy, bytes)))?;
        results(copy).map_err(CallError::Results)
    }

    fn cast(
        &mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<(), CallError<C::Error>> {
        self.with(|caller| caller.cast(id, arguments))?
    }
}

fn replace(copy: &mut Vec<u8>, bytes: &[u8]) -> Result<(), DecodeError> {
    copy.clear();
    copy.extend_from_slice(bytes);
    Ok(())
}
