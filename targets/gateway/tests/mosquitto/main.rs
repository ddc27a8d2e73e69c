//! Gateways on a real mosquitto, called by its own clients and by the crate `oncilla-fleet`.

mod calls;
mod confirm;
mod groups;
mod queue;
mod stop;
mod support;
mod takeover;
