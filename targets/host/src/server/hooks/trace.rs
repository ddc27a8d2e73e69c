//! Calls as spans of the crate `tracing`.

use std::borrow::Cow;

use oncilla::message::Call;
use oncilla::{Names, Outcome};
use tracing::field::{Empty, display};
use tracing::span::EnteredSpan;
use tracing::{Level, Span};

use super::{CallRecord, Event, Hooks, Origin};
use crate::harmless;

/// The target of all spans and events.
const TARGET: &str = "oncilla_host";

/// The span of one call, which is entered while the procedure runs.
pub(super) struct CallSpan(EnteredSpan);

impl CallSpan {
    /// Begins the span, if a subscriber wants it.
    pub fn begin(hooks: &Hooks, origin: Origin, message: &[u8]) -> Self {
        if !tracing::span_enabled!(target: TARGET, Level::INFO) {
            return Self(Span::none().entered());
        }
        let span = tracing::info_span!(
            target: TARGET,
            "call",
            %origin,
            program = Empty,
            version = Empty,
            procedure = Empty,
            user = Empty,
            group = Empty,
            machine = Empty,
            call_bytes = message.len(),
            reply_bytes = Empty,
            outcome = Empty,
        );
        if let Ok(call) = Call::parse(message) {
            fill(&span, hooks, &call);
        }
        Self(span.entered())
    }

    /// Records how the call ended.
    pub fn end(self, length: Option<usize>, outcome: Outcome) {
        let span = self.0;
        span.record("reply_bytes", length.unwrap_or(0)).record("outcome", super::call::outcome_name(&outcome));
        if let Outcome::Refused(refusal) = outcome {
            tracing::info!(target: TARGET, refusal = refusal.name(), "refused: {refusal}");
        }
    }
}

fn fill(span: &Span, hooks: &Hooks, call: &Call<'_>) {
    let id = call.id();
    let names = hooks.names_of(id);
    match names.map(Names::name) {
        Some(name) => span.record("program", name),
        None => span.record("program", id.program),
    };
    span.record("version", id.version);
    match names.and_then(|names| names.procedure(id.procedure)) {
        Some(name) => span.record("procedure", name),
        None => span.record("procedure", id.procedure),
    };
    if let Some(user) = super::call::user(&call.credential()) {
        let machine = String::from_utf8_lossy(user.machine);
        // The name is the client's choice, so it may contain commands for a terminal.
        let machine: Cow<'_, str> = harmless(&machine);
        span.record("user", user.uid).record("group", user.gid).record("machine", display(machine));
    }
}

/// Reports what happened beside calls.
pub(super) fn event(event: &Event<'_>) {
    match event {
        Event::Call(CallRecord { .. }) => {}
        #[cfg(feature = "tls")]
        Event::Secured { .. } | Event::NotSecured { .. } => tracing::debug!(target: TARGET, "{event}"),
        Event::Accepted(_) | Event::Leaving(_) | Event::Closed { .. } | Event::Dropped { .. } => {
            tracing::debug!(target: TARGET, "{event}");
        }
    }
}
