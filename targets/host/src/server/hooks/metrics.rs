//! Counters of a server in the Prometheus text format.

use std::sync::Arc;

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder, prometheus_text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::{CallRecord, Event};
use crate::Server;

/// The upper bounds of the histogram of durations, in seconds: two in each decade.
const BUCKETS: [f64; 13] = [1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0, 3.0, 10.0];

/// A handle to the counters of a server, for any thread. Made by [`Server::metrics`]; clones have the same counters.
///
/// | metric | labels | counts |
/// |---|---|---|
/// | `oncilla_server_calls_total` | `program`, `version`, `procedure`, `outcome` | calls, by [outcome](CallRecord::outcome_name) |
/// | `oncilla_server_call_bytes_total` | `program`, `version`, `procedure` | bytes of calls, without framing |
/// | `oncilla_server_reply_bytes_total` | `program`, `version`, `procedure` | bytes of replies, without framing |
/// | `oncilla_server_duration_seconds` | `program`, `version`, `procedure` | a histogram of the time in the server |
/// | `oncilla_server_connections` | | connections that are open |
/// | `oncilla_server_accepted_total` | | connections that were accepted |
/// | `oncilla_server_closed_total` | `reason` | connections that were closed, by [reason](super::Closed::name) |
/// | `oncilla_server_dropped_total` | `reason` | messages without a reply, by [reason](super::Dropped::name) |
///
/// Only procedures of the table have labels of their own, with [names](Server::names) or numbers. All other calls have
/// `unknown` in these labels. So clients cannot make the metrics grow.
#[derive(Clone, Debug)]
pub struct Metrics {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    registry: Registry,
    counters: Counters,
}

#[derive(Debug)]
struct Counters {
    calls: Family<Call, Counter>,
    call_bytes: Family<Procedure, Counter>,
    reply_bytes: Family<Procedure, Counter>,
    duration: Family<Procedure, Histogram, fn() -> Histogram>,
    connections: Gauge,
    accepted: Counter,
    closed: Family<Reason, Counter>,
    dropped: Family<Reason, Counter>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Procedure {
    program: Label,
    version: Label,
    procedure: Label,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Call {
    program: Label,
    version: Label,
    procedure: Label,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reason {
    reason: &'static str,
}

/// A name, or a number that has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Label {
    Name(&'static str),
    Number(u32),
}

impl EncodeLabelValue for Label {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> std::fmt::Result {
        match self {
            Self::Name(name) => name.encode(encoder),
            Self::Number(number) => number.encode(encoder),
        }
    }
}

impl Procedure {
    fn of(call: &CallRecord<'_>) -> Self {
        let named = |name: Option<&'static str>, number| name.map_or(Label::Number(number), Label::Name);
        match call.id {
            Some(id) if call.is_served => Self {
                program: named(call.program, id.program),
                version: Label::Number(id.version),
                procedure: named(call.procedure, id.procedure),
            },
            _ => {
                let unknown = Label::Name("unknown");
                Self { program: unknown, version: unknown, procedure: unknown }
            }
        }
    }
}

impl Counters {
    fn new() -> Self {
        Self {
            calls: Family::default(),
            call_bytes: Family::default(),
            reply_bytes: Family::default(),
            duration: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            connections: Gauge::default(),
            accepted: Counter::default(),
            closed: Family::default(),
            dropped: Family::default(),
        }
    }

    fn registry(&self) -> Registry {
        let mut registry = Registry::with_prefix("oncilla_server");
        registry.register("calls", "Calls by procedure and outcome", self.calls.clone());
        let bytes = "Bytes of calls, without framing";
        registry.register_with_unit("call", bytes, Unit::Bytes, self.call_bytes.clone());
        let bytes = "Bytes of replies, without framing";
        registry.register_with_unit("reply", bytes, Unit::Bytes, self.reply_bytes.clone());
        let seconds = "Time that calls took in the server";
        registry.register_with_unit("duration", seconds, Unit::Seconds, self.duration.clone());
        registry.register("connections", "Connections that are open", self.connections.clone());
        registry.register("accepted", "Connections that were accepted", self.accepted.clone());
        registry.register("closed", "Connections that were closed, by reason", self.closed.clone());
        registry.register("dropped", "Messages without a reply, by reason", self.dropped.clone());
        registry
    }

    fn count(&self, event: &Event<'_>) {
        match event {
            Event::Call(call) => self.count_call(call),
            Event::Accepted(_) => {
                self.accepted.inc();
                self.connections.inc();
            }
            #[cfg(feature = "tls")]
            Event::Secured { .. } | Event::NotSecured { .. } => {}
            Event::Leaving(_) => {}
            Event::Closed { why, .. } => {
                self.connections.dec();
                self.closed.get_or_create(&Reason { reason: why.name() }).inc();
            }
            Event::Dropped { why, .. } => {
                self.dropped.get_or_create(&Reason { reason: why.name() }).inc();
            }
        }
    }

    fn count_call(&self, call: &CallRecord<'_>) {
        let labels = Procedure::of(call);
        // Counters have 64 bits where the processor has such atomics, and 32 elsewhere.
        self.call_bytes.get_or_create(&labels).inc_by(call.call_bytes as _);
        self.reply_bytes.get_or_create(&labels).inc_by(call.reply_bytes as _);
        self.duration.get_or_create(&labels).observe(call.duration.as_secs_f64());
        let Procedure { program, version, procedure } = labels;
        self.calls.get_or_create(&Call { program, version, procedure, outcome: call.outcome_name() }).inc();
    }
}

impl Metrics {
    /// The content type of [`text`](Self::text), for an HTTP reply.
    pub const CONTENT_TYPE: &'static str = prometheus_text::CONTENT_TYPE;

    fn new() -> Self {
        let counters = Counters::new();
        Self { shared: Arc::new(Shared { registry: counters.registry(), counters }) }
    }

    /// Returns all metrics in the Prometheus text format, version 0.0.4.
    ///
    /// It blocks only while another thread counts a call.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = prometheus_text::encode(&mut text, &self.shared.registry);
        text
    }
}

impl Server {
    /// Counts calls, connections and dropped messages from now on. Returns a handle to the counters.
    ///
    /// Calling it again returns the same counters. They stay when [`serve`](Self::serve) ends and begins again.
    ///
    /// ```
    /// # oncilla::program! { pub mod clock = 0x2000_0001, version 1 { fn now() -> u64 = 1; } }
    /// # struct Device;
    /// # impl clock::Service for Device { fn now(&mut self) -> u64 { 7 } }
    /// # static TABLE: oncilla::Table<Device> = oncilla::table![clock::program()];
    /// let mut server = oncilla_host::Server::new()?.names(&[clock::NAMES]).tcp("127.0.0.1:0")?;
    /// let (metrics, address, stopper) = (server.metrics(), server.tcp_addresses()[0], server.stopper());
    /// let serving = std::thread::spawn(move || server.serve(&TABLE, &mut Device));
    ///
    /// let mut client = oncilla_host::tcp(address)?;
    /// clock::Client::new(&mut client).now()?;
    ///
    /// // Another thread sends this to Prometheus, or writes it to a file for node_exporter.
    /// let text = metrics.text();
    /// let calls = "oncilla_server_calls_total{program=\"clock\",version=\"1\",procedure=\"now\",outcome=\"executed\"} 1";
    /// assert!(text.contains(calls), "{text}");
    /// # stopper.stop();
    /// # serving.join().unwrap()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn metrics(&mut self) -> Metrics {
        if let Some(metrics) = &self.hooks.metrics {
            return metrics.clone();
        }
        let metrics = Metrics::new();
        let counting = metrics.clone();
        self.hooks.observers.push(Arc::new(move |event| counting.shared.counters.count(event)));
        self.hooks.metrics.insert(metrics).clone()
    }
}
