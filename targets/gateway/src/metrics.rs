//! Counters of a gateway in the Prometheus text format.

use std::sync::Arc;
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, prometheus_text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// The upper bounds of the histogram of durations, in seconds: two in each decade.
const BUCKETS: [f64; 13] = [1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0, 3.0, 10.0, 30.0, 100.0];

/// A handle to the counters of a gateway, for any thread. Clones have the same counters.
///
/// | metric | labels | counts |
/// |---|---|---|
/// | `oncilla_gateway_calls_total` | `outcome` | calls, by the name of the refusal, of the trouble, or `executed` |
/// | `oncilla_gateway_duration_seconds` | | a histogram of the time in the gateway and at the device |
/// | `oncilla_gateway_dropped_total` | `reason` | publications that were not calls, or repeated ones |
/// | `oncilla_gateway_replies_lost_total` | | replies that could not be published |
/// | `oncilla_gateway_panics_total` | | failures of the gateway that cost one device its connection |
/// | `oncilla_gateway_devices` | `state` | devices that are `configured`, `held` and `online` |
/// | `oncilla_gateway_broker_connected` | | 1 with a connection to the broker, else 0 |
/// | `oncilla_gateway_broker_connections_total` | | connections that the broker has accepted |
/// | `oncilla_gateway_queued` | | calls in the journal that wait for their devices |
///
/// No label comes from callers, so they cannot make the metrics grow.
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
    calls: Family<Outcome, Counter>,
    duration: Histogram,
    dropped: Family<Reason, Counter>,
    lost: Counter,
    panics: Counter,
    devices: Family<State, Gauge>,
    connected: Gauge,
    connections: Counter,
    queued: Gauge,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reason {
    reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct State {
    state: &'static str,
}

impl Default for Metrics {
    fn default() -> Self {
        let counters = Counters {
            calls: Family::default(),
            duration: Histogram::new(BUCKETS),
            dropped: Family::default(),
            lost: Counter::default(),
            panics: Counter::default(),
            devices: Family::default(),
            connected: Gauge::default(),
            connections: Counter::default(),
            queued: Gauge::default(),
        };
        Self { shared: Arc::new(Shared { registry: counters.registry(), counters }) }
    }
}

impl Counters {
    fn registry(&self) -> Registry {
        let mut registry = Registry::with_prefix("oncilla_gateway");
        registry.register("calls", "Calls by outcome", self.calls.clone());
        let seconds = "Time that calls took in the gateway and at the device";
        registry.register_with_unit("duration", seconds, Unit::Seconds, self.duration.clone());
        registry.register("dropped", "Publications without a reply, by reason", self.dropped.clone());
        registry.register("replies_lost", "Replies that could not be published", self.lost.clone());
        registry.register("panics", "Failures of the gateway that cost a device its connection", self.panics.clone());
        registry.register("devices", "Devices by state", self.devices.clone());
        registry.register("broker_connected", "Whether there is a connection to the broker", self.connected.clone());
        registry.register("broker_connections", "Connections that the broker has accepted", self.connections.clone());
        registry.register("queued", "Calls that wait for their devices", self.queued.clone());
        registry
    }
}

impl Metrics {
    /// The content type of [`text`](Self::text), for an HTTP reply.
    pub const CONTENT_TYPE: &'static str = prometheus_text::CONTENT_TYPE;

    /// Returns all metrics in the Prometheus text format, version 0.0.4.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = prometheus_text::encode(&mut text, &self.shared.registry);
        text
    }

    pub(crate) fn call(&self, outcome: &'static str, duration: Duration) {
        let counters = &self.shared.counters;
        counters.calls.get_or_create(&Outcome { outcome }).inc();
        counters.duration.observe(duration.as_secs_f64());
    }

    pub(crate) fn dropped(&self, reason: &'static str) {
        self.shared.counters.dropped.get_or_create(&Reason { reason }).inc();
    }

    pub(crate) fn lost(&self) {
        self.shared.counters.lost.inc();
    }

    pub(crate) fn panic(&self) {
        self.shared.counters.panics.inc();
    }

    pub(crate) fn devices(&self, state: &'static str, number: usize) {
        self.shared.counters.devices.get_or_create(&State { state }).set(number as _);
    }

    pub(crate) fn connected(&self, connected: bool) {
        self.shared.counters.connected.set(connected.into());
        if connected {
            self.shared.counters.connections.inc();
        }
    }

    pub(crate) fn queued(&self, number: usize) {
        self.shared.counters.queued.set(number as _);
    }
}
