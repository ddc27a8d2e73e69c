//! What a server's owner sees of its calls and connections, and who may call.

mod access;
mod call;
mod event;
mod identity;
#[cfg(feature = "metrics")]
mod metrics;
mod origin;
mod sender;
#[cfg(feature = "tracing")]
mod trace;
mod visit;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use oncilla::message::{AuthStatus, Call, write_reply};
use oncilla::{Names, Outcome, ProcedureId, Refusal, Remembers};

use super::Server;
use super::programs::Programs;
pub use access::Access;
pub use call::CallRecord;
pub use event::{Closed, Dropped, Event};
pub use identity::ConnectionId;
#[cfg(feature = "metrics")]
pub use metrics::Metrics;
pub use origin::Origin;
pub(super) use sender::Sender;
pub(super) use visit::Visit;

/// A function that sees the events of a server.
type Observer = Arc<dyn Fn(&Event<'_>) + Send + Sync>;

/// Looks on while calls are answered, and refuses those that are not allowed.
///
/// Without observers and access rules it does nothing but call [`Programs::answer`].
#[derive(Clone, Default)]
pub(super) struct Hooks {
    observers: Vec<Observer>,
    access: Vec<Access>,
    /// TLS is required of clients on networks.
    #[cfg(feature = "tls")]
    secure_only: bool,
    names: Vec<Names>,
    /// The procedures of the table that is served.
    procedures: Vec<ProcedureId>,
    #[cfg(feature = "metrics")]
    metrics: Option<Metrics>,
}

impl Server {
    /// Calls `observer` after each call and at each change of a connection. May be called several times.
    ///
    /// ```
    /// # oncilla::program! { pub mod clock = 0x2000_0001, version 1 { fn now() -> u64 = 1; } }
    /// # struct Device;
    /// # impl clock::Service for Device { fn now(&mut self) -> u64 { 7 } }
    /// # static TABLE: oncilla::Table<Device> = oncilla::table![clock::program()];
    /// use std::sync::mpsc;
    ///
    /// let (sender, lines) = mpsc::channel();
    /// let mut server = oncilla_host::Server::new()?
    ///     .names(&[clock::NAMES])
    ///     .observe(move |event| sender.send(event.to_string()).unwrap_or_default())
    ///     .udp("127.0.0.1:0")?;
    /// let (address, stopper) = (server.udp_addresses()[0], server.stopper());
    /// let serving = std::thread::spawn(move || server.serve(&TABLE, &mut Device));
    ///
    /// clock::Client::new(&mut oncilla_host::udp(address)?).now()?;
    /// // For example: "udp 127.0.0.1:40022: clock.now: executed in 9 µs, 40 bytes in, 32 bytes out"
    /// let line = lines.recv()?;
    /// assert!(line.contains("clock.now: executed in "), "{line}");
    /// # stopper.stop();
    /// # serving.join().unwrap()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// The function runs in the thread that handled the call, after the reply was written and before it is sent. The
    /// client waits meanwhile, so the function should be quick. With [workers](Self::serve_with_workers), several threads
    /// call it at the same time. If it panics, `serve` ends with that panic. [`Event`] has the details.
    ///
    /// A server without an observer takes no time for it.
    #[must_use]
    pub fn observe(mut self, observer: impl Fn(&Event<'_>) + Send + Sync + 'static) -> Self {
        self.hooks.observers.push(Arc::new(observer));
        self
    }

    /// Sets the names of programs and procedures, as [`observers`](Self::observe) and metrics show them.
    ///
    /// [`program!`](oncilla::program) creates them: `names(&[clock::NAMES, log::NAMES])`. Without names, numbers are
    /// shown.
    #[must_use]
    pub fn names(mut self, names: &[Names]) -> Self {
        self.hooks.names.extend_from_slice(names);
        self
    }

    /// Allows the calls that `access` describes. Refuses all calls that no rule allows. May be called several times.
    ///
    /// Without rules, every client may call every procedure. [`Access`] has examples and describes what a refused client gets.
    #[must_use]
    pub fn allow(mut self, access: Access) -> Self {
        self.hooks.access.push(access);
        self
    }
}

impl Hooks {
    /// Returns the hooks for serving `programs`.
    pub(super) fn serving(&self, programs: &impl Programs) -> Arc<Self> {
        let mut hooks = self.clone();
        if !hooks.observers.is_empty() {
            hooks.procedures = programs.procedures();
        }
        Arc::new(hooks)
    }

    /// Refuses a call that no rule allows. Returns the bytes of the refusal.
    #[inline]
    pub(super) fn refuse(&self, sender: &Sender, message: &[u8], reply: &mut [u8]) -> Option<Option<usize>> {
        let (xid, refusal) = self.refusal(sender, message)?;
        let length = write_reply(xid, Err(refusal), reply);
        self.settled(sender, message, length, Outcome::Refused(refusal));
        Some(length)
    }

    /// Answers one message that is allowed, as [`Programs::answer`] does.
    pub(super) fn answer<P: Programs, M: Remembers>(
        &self,
        cache: &mut M,
        sender: &Sender,
        programs: &P,
        state: &mut P::State,
        message: &[u8],
        reply: &mut [u8],
    ) -> Option<usize> {
        #[cfg(feature = "tracing")]
        let span = trace::CallSpan::begin(self, sender.origin, message);
        let began = (!self.observers.is_empty()).then(Instant::now);
        let _entered = ConnectionId::enter(sender.connection);
        let address = sender.origin.address();
        let (length, outcome) = programs.answer(cache, sender.of(address.as_ref()), state, message, reply);
        #[cfg(feature = "tracing")]
        span.end(length, outcome);
        if let Some(began) = began {
            self.report(sender, message, length, outcome, began.elapsed());
        }
        length
    }

    /// Returns the refusal of a call that no rule allows.
    fn refusal(&self, sender: &Sender, message: &[u8]) -> Option<(u32, Refusal)> {
        let in_clear = self.is_too_weak(sender.origin);
        if self.access.is_empty() && !in_clear {
            return None;
        }
        // A message that is not a valid call is refused or dropped by the server itself.
        let call = Call::parse(message).ok()?;
        let status = if in_clear { AuthStatus::TOO_WEAK } else { access::refusal(&self.access, sender, call.id())? };
        Some((call.xid(), Refusal::Authentication(status)))
    }

    /// Refuses calls in the clear, except on Unix sockets.
    #[cfg(feature = "tls")]
    pub(super) const fn require_tls(&mut self, required: bool) {
        self.secure_only = required;
    }

    /// Returns whether calls from this origin are refused because they are in the clear.
    const fn is_too_weak(&self, origin: Origin) -> bool {
        #[cfg(feature = "tls")]
        return self.secure_only && matches!(origin, Origin::Tcp(_) | Origin::Udp(_));
        #[cfg(not(feature = "tls"))]
        {
            let _ = origin;
            false
        }
    }

    /// Returns whether any rule allows this origin anything. On TCP, rules for TLS count.
    #[inline]
    pub(super) fn admits(&self, origin: Origin) -> bool {
        access::admits(&self.access, origin)
    }

    /// Reports a call that was answered without its procedure: refused, or repeated from a replay cache.
    pub(super) fn settled(&self, sender: &Sender, message: &[u8], length: Option<usize>, outcome: Outcome) {
        #[cfg(feature = "tracing")]
        trace::CallSpan::begin(self, sender.origin, message).end(length, outcome);
        self.report(sender, message, length, outcome, Duration::ZERO);
    }

    /// Reports a call to the observers.
    fn report(&self, sender: &Sender, message: &[u8], length: Option<usize>, outcome: Outcome, duration: Duration) {
        if self.observers.is_empty() {
            return;
        }
        let _entered = ConnectionId::enter(sender.connection);
        if outcome == Outcome::NotACall {
            return self.notify(&Event::Dropped { origin: sender.origin, why: Dropped::NotACall });
        }
        let record = CallRecord::new(sender, message, length.unwrap_or(0), outcome, duration);
        self.notify(&Event::Call(record.with_names(&self.names, &self.procedures)));
    }

    #[cfg(feature = "tracing")]
    fn names_of(&self, id: ProcedureId) -> Option<&Names> {
        call::find_names(&self.names, id)
    }

    /// Reports a message that is not answered.
    pub(super) fn dropped(&self, origin: Origin, why: Dropped) {
        self.notify(&Event::Dropped { origin, why });
    }

    pub(super) fn notify(&self, event: &Event<'_>) {
        #[cfg(feature = "tracing")]
        trace::event(event);
        for observer in &self.observers {
            observer(event);
        }
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let observers = self.observers.len();
        formatter.debug_struct("Hooks").field("observers", &observers).field("access", &self.access).finish()
    }
}
