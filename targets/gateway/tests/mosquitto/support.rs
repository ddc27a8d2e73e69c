//! A broker, simulated devices, gateways, and mosquitto's clients.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use oncilla_fleet::Fleet;
use oncilla_fleet_tests::broker::{Broker, Settings as BrokerSettings, program};
use oncilla_fleet_tests::park::Park;
use oncilla_gateway::settings::{Listen, Settings};
use oncilla_gateway::{Gateway, Metrics, Stopper};

/// How long a test waits at most for something.
pub const LIMIT: Duration = Duration::from_secs(30);

/// A gateway in a thread of the test. It stops with this value.
pub struct Running {
    stopper: Stopper,
    pub metrics: Metrics,
    pub health: Option<Listen>,
    thread: Option<JoinHandle<std::io::Result<()>>>,
}

impl Running {
    pub fn stop(&mut self) {
        self.stopper.stop();
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the gateway panicked").expect("the gateway failed");
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stopper.stop();
    }
}

pub fn broker() -> Broker {
    Broker::start(&BrokerSettings::default()).unwrap()
}

/// Starts a gateway for the devices of a park, `oven-0` and so on, with more lines of its file.
pub fn gateway(name: &str, port: u16, park: &Park, more: &str) -> Running {
    let mut text = format!(
        "fleet = \"plant\"\ngateway = \"{name}\"\n[broker]\naddress = \"mqtt://127.0.0.1:{port}\"\nkeep-alive = \"1s\"\n\
         [defaults]\ngroups = [\"ovens\"]\nprobe = \"500ms\"\n"
    );
    for (number, address) in park.addresses().iter().enumerate() {
        text += &format!("[devices.oven-{number}]\ntarget = \"tcp://{address}\"\n");
    }
    start(&(text + more))
}

/// Starts a gateway.
pub fn start(text: &str) -> Running {
    let settings = Settings::parse("fleet.toml", text, Path::new("")).unwrap();
    let gateway = Gateway::new(settings).unwrap();
    let (stopper, metrics) = (gateway.stopper(), gateway.metrics());
    let health = gateway.health().cloned();
    Running { stopper, metrics, health, thread: Some(thread::spawn(move || gateway.run())) }
}

/// Runs a client of mosquitto.
pub fn run(client: &str, port: u16, arguments: &[&str]) -> Output {
    let mut command = Command::new(program(client, "mosquitto-clients").unwrap());
    command.args(["-h", "127.0.0.1", "-p", &port.to_string(), "-V", "5"]).args(arguments).output().unwrap()
}

/// Publishes a call by `mosquitto_rr`, and returns what came back: the user properties, and the payload.
pub fn rr(port: u16, topic: &str, payload: &str, more: &[&str]) -> String {
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    let correlation = format!("{:08}", NUMBER.fetch_add(1, Ordering::Relaxed));
    let reply = format!("plant/reply/-/rr{correlation}");
    let arguments = ["-t", topic, "-e", &reply, "-q", "1", "-W", "10", "-m", payload, "-F", "%P %p"];
    let number = ["-D", "publish", "correlation-data", &correlation];
    let output = run("mosquitto_rr", port, &[&arguments[..], &number[..], more].concat());
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Makes a call in JSON by `mosquitto_rr`.
pub fn call(port: u16, topic: &str, json: &str, more: &[&str]) -> String {
    rr(port, topic, json, &[&["-D", "publish", "content-type", "application/json"], more].concat())
}

/// Connects the client library.
pub fn fleet(port: u16) -> Fleet {
    Fleet::connect(&format!("mqtt://127.0.0.1:{port}/plant")).unwrap()
}

/// Waits until something is so.
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < LIMIT, "not within {LIMIT:?}: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Waits until a device has this state, as its presence states it. Returns the presence.
pub fn wait_for(port: u16, device: &str, state: &str) -> serde_json::Value {
    let topic = format!("plant/presence/{device}");
    let start = Instant::now();
    loop {
        let output = run("mosquitto_sub", port, &["-t", &topic, "-C", "1", "-W", "1"]);
        if let Ok(presence) = serde_json::from_slice::<serde_json::Value>(&output.stdout)
            && presence["state"] == state
        {
            return presence;
        }
        assert!(start.elapsed() < LIMIT, "{device} is not {state}: {}", String::from_utf8_lossy(&output.stdout));
        thread::sleep(Duration::from_millis(50));
    }
}
