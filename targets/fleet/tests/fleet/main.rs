//! The client against a real mosquitto, and a gateway made with another MQTT library.
#![cfg(unix)]
#![allow(missing_docs)]

mod acknowledgements;
mod calls;
#[path = "../../../host/tests/tls/certificates.rs"]
#[allow(dead_code)] // The tests of the host crate use the rest.
mod certificates;
mod faults;
mod gateway;
mod groups;
mod queue;
mod tls;

use std::time::{Duration, Instant};

use gateway::{Action, Gateway};
use oncilla::message::Call;
use oncilla_fleet::wire::CallProperties;
use oncilla_fleet::{Fleet, Settings};
use oncilla_fleet_tests::broker::Broker;

oncilla::program! {
    /// Measures temperatures.
    pub mod thermostat = 0x2000_0042, version 1 {
        /// Returns the temperature of a channel.
        fn read(channel: u32) -> u32 = 1;
        /// Returns bytes.
        fn bytes(count: u32) -> &[u8] [..4096] = 2;
        /// Notes a number.
        fn note(number: u32) = 3, oneway;
    }
}

/// A broker, and a gateway whose devices return ten times the channel.
pub fn plant(devices: &[&str]) -> (Broker, Gateway) {
    plant_of(devices, |_, call, _| tenfold(call))
}

pub fn plant_of(
    devices: &[&str],
    behaviour: impl Fn(&str, &Call<'_>, &CallProperties) -> Action + Send + Sync + 'static,
) -> (Broker, Gateway) {
    let broker = Broker::start(&Default::default()).unwrap();
    let gateway = Gateway::start(broker.port(), "west", behaviour);
    devices.iter().for_each(|device| gateway.serve(device, 1));
    let fleet = connect(&broker);
    wait_until(|| fleet.devices().unwrap().len() == devices.len());
    for device in devices {
        wait_until(|| fleet.device(device).is_ok());
    }
    (broker, gateway)
}

pub fn tenfold(call: &Call<'_>) -> Action {
    let channel = u32::from_be_bytes(call.arguments()[..4].try_into().unwrap());
    Action::Results((10 * channel).to_be_bytes().to_vec())
}

pub fn connect(broker: &Broker) -> Fleet {
    let address = format!("mqtt://127.0.0.1:{}/plant", broker.port());
    Fleet::with(Settings::new(address.parse().unwrap())).unwrap()
}

/// Waits for what other threads do, at most 20 s.
pub fn wait_until(mut is: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_secs(20);
    while !is() {
        assert!(Instant::now() < until, "it did not happen within 20 s");
        std::thread::sleep(Duration::from_millis(10));
    }
}
