//! Opens a carrier again: attempts, pauses between them, and the state that others see.

use std::fmt;
use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use oncilla::{CallError, LinkError};

use super::policy::{BackOff, Reconnect};
use super::state::{ConnectionState, Watch, write_cause};
use crate::Error;
use crate::connect::random;

/// Opens the carrier. The argument is the longest time that it may take.
pub(crate) type Dial<T> = Box<dyn FnMut(Duration) -> Result<T, Error> + Send>;

/// Sees each change of the state.
pub(crate) type Observer = Box<dyn FnMut(&ConnectionState) + Send>;

/// The longest time that one attempt may take.
const ATTEMPT_MIN: Duration = Duration::from_millis(1);

/// Opens a carrier `T`, and opens it again after it was lost.
pub(crate) struct Redial<T> {
    dial: Dial<T>,
    policy: Reconnect,
    back_off: BackOff,
    /// The connect time-out.
    timeout: Duration,
    /// The instant before which no attempt is made.
    due: Instant,
    /// Connections that the server closed before any reply, since its last one.
    unanswered: u32,
    /// A call was answered on the present connection.
    is_answered: bool,
    watch: Watch,
    observer: Option<Observer>,
}

impl<T> Redial<T> {
    /// Returns what opens the carrier by `dial`, within `timeout` at each attempt. Opens nothing yet.
    pub(crate) fn new(policy: Reconnect, timeout: Duration, dial: Dial<T>) -> Self {
        let since = Instant::now();
        Self {
            dial,
            back_off: BackOff::new(&policy),
            policy,
            timeout,
            due: since,
            unanswered: 0,
            is_answered: false,
            watch: Watch::new(ConnectionState::Lost { since, attempts: 0, error: None, unanswered: 0 }),
            observer: None,
        }
    }

    /// Opens the carrier for a new client: one attempt, or none if the policy connects later.
    pub(crate) fn begin(&mut self) -> Result<Option<T>, Error> {
        if self.policy.later {
            return Ok(None);
        }
        let opened = (self.dial)(self.timeout)?;
        self.change(ConnectionState::Connected { since: Instant::now() });
        Ok(Some(opened))
    }

    pub(crate) const fn policy(&self) -> &Reconnect {
        &self.policy
    }

    pub(crate) const fn watch(&self) -> &Watch {
        &self.watch
    }

    pub(crate) fn observe(&mut self, observer: impl FnMut(&ConnectionState) + Send + 'static) {
        self.observer = Some(Box::new(observer));
    }

    /// Notes that the carrier was lost, and whether a server closed it.
    pub(crate) fn lost(&mut self, by_server: bool) {
        if by_server && !self.is_answered {
            self.unanswered = self.unanswered.saturating_add(1);
        }
        let unanswered = self.unanswered;
        self.change(ConnectionState::Lost { since: Instant::now(), attempts: 0, error: None, unanswered });
    }

    /// Notes that a call was answered: the next loss is followed by an attempt at once.
    pub(crate) fn answered(&mut self) {
        self.is_answered = true;
        self.unanswered = 0;
        if self.back_off.is_used() {
            self.back_off.reset();
            self.due = Instant::now();
        }
    }

    /// Opens the carrier again, with pauses, until `deadline` or the limit of the policy.
    ///
    /// `None` as a deadline is none. Makes no attempt after the deadline.
    pub(crate) fn again(&mut self, deadline: Option<Instant>) -> Result<T, NotConnected> {
        loop {
            let now = Instant::now();
            if now < self.due {
                let end = self.end(deadline);
                if end.is_some_and(|end| end <= now) {
                    return Err(self.failure());
                }
                let wake = end.map_or(self.due, |end| end.min(self.due));
                thread::sleep(wake - now);
                continue;
            }
            let left = deadline.map_or(self.timeout, |deadline| deadline.saturating_duration_since(now));
            if left.is_zero() {
                return Err(self.failure());
            }
            if let Some(opened) = self.attempt(left.min(self.timeout).max(ATTEMPT_MIN)) {
                return Ok(opened);
            }
        }
    }

    /// Notes that a carrier was opened in vain, since no link could be made on it.
    pub(crate) fn refused(&mut self, error: Error) -> NotConnected {
        let (since, attempts) = self.loss(Instant::now());
        let (attempts, unanswered) = (attempts.saturating_add(1), self.unanswered);
        self.change(ConnectionState::Lost { since, attempts, error: Some(Arc::new(error)), unanswered });
        self.failure()
    }

    /// Makes one attempt. The next is made after a pause.
    fn attempt(&mut self, timeout: Duration) -> Option<T> {
        let opened = (self.dial)(timeout);
        let now = Instant::now();
        self.due = now + self.back_off.attempt(random());
        match opened {
            Ok(opened) => {
                self.is_answered = false;
                self.change(ConnectionState::Connected { since: now });
                Some(opened)
            }
            Err(error) => {
                let (since, attempts) = self.loss(now);
                let attempts = attempts.saturating_add(1);
                let (error, unanswered) = (Some(Arc::new(error)), self.unanswered);
                self.change(ConnectionState::Lost { since, attempts, error, unanswered });
                None
            }
        }
    }

    /// Returns when waiting ends, if it ends: at the deadline of the call or the limit of the policy.
    fn end(&self, deadline: Option<Instant>) -> Option<Instant> {
        let limit = self.loss(Instant::now()).0.checked_add(self.policy.limit);
        deadline.into_iter().chain(limit).min()
    }

    /// Returns when the carrier was lost, and the number of failed attempts since.
    fn loss(&self, now: Instant) -> (Instant, u32) {
        match self.watch.state() {
            ConnectionState::Connected { .. } => (now, 0),
            ConnectionState::Lost { since, attempts, .. } => (since, attempts),
        }
    }

    fn failure(&self) -> NotConnected {
        self.watch.state().into()
    }

    fn change(&mut self, state: ConnectionState) {
        self.watch.set(state.clone());
        if let Some(observer) = &mut self.observer {
            observer(&state);
        }
    }
}

impl<T> fmt::Debug for Redial<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Redial").field("policy", &self.policy).field("state", &self.watch.state()).finish()
    }
}

/// Returns whether an error of a call states that the server closed its connection, or its machine refuses the bytes.
pub(crate) fn is_by_server(error: &CallError<io::Error>) -> bool {
    use ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected, UnexpectedEof};
    match error {
        CallError::Closed => true,
        CallError::Link(LinkError::Transport(error)) => {
            matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | NotConnected | UnexpectedEof)
        }
        _ => false,
    }
}

/// The error of a call that was not sent: there was no connection, and none could be made in time.
///
/// The call was certainly not executed. It is the inner error of an [`io::Error`] of the kind `NotConnected`, in
/// [`LinkError::Transport`]; [`NotConnected::of`] finds it there.
#[derive(Clone, Debug)]
pub struct NotConnected {
    /// How long the connection had been lost when the call ended.
    pub lost_for: Duration,
    /// The number of failed attempts since the loss.
    pub attempts: u32,
    /// The error of the last attempt, if there was one.
    pub last: Option<Arc<Error>>,
    /// The number of connections that the server closed before it replied to any call, since its last reply.
    ///
    /// If it is not 0 and `last` is `None`, the access rules of the server probably refuse this client.
    pub unanswered: u32,
}

impl NotConnected {
    /// Returns this error if it ended a call, and `None` if the call ended otherwise.
    ///
    /// ```
    /// use oncilla::CallError;
    /// use oncilla_host::NotConnected;
    ///
    /// fn may_call_again(error: &CallError<std::io::Error>) -> bool {
    ///     NotConnected::of(error).is_some()
    /// }
    /// # assert!(!may_call_again(&CallError::Closed));
    /// ```
    #[must_use]
    pub fn of(error: &CallError<io::Error>) -> Option<&Self> {
        match error {
            CallError::Link(LinkError::Transport(error)) => error.get_ref()?.downcast_ref(),
            _ => None,
        }
    }
}

impl From<ConnectionState> for NotConnected {
    fn from(state: ConnectionState) -> Self {
        match state {
            ConnectionState::Connected { .. } => {
                Self { lost_for: Duration::ZERO, attempts: 0, last: None, unanswered: 0 }
            }
            ConnectionState::Lost { since, attempts, error, unanswered } => {
                Self { lost_for: since.elapsed(), attempts, last: error, unanswered }
            }
        }
    }
}

impl From<NotConnected> for CallError<io::Error> {
    fn from(error: NotConnected) -> Self {
        Self::Link(LinkError::Transport(io::Error::new(ErrorKind::NotConnected, error)))
    }
}

impl fmt::Display for NotConnected {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { lost_for, attempts, last, unanswered } = self;
        write!(formatter, "the call was not sent: no connection for {lost_for:.1?}, ")?;
        write_cause(formatter, *attempts, last.as_deref(), *unanswered)
    }
}

impl std::error::Error for NotConnected {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.last.as_ref().map(|error| error as &(dyn std::error::Error + 'static))
    }
}
