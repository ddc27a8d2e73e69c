//! A broker, simulated devices and gateways together, for one test.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    broker::{self, Broker},
    gateway::{self, Gateway},
    mosquitto::{Client, Subscription},
    park::Park,
};

/// Long enough for anything that should happen, so that a test that goes wrong ends.
pub const PATIENCE: Duration = Duration::from_secs(40);

/// A broker with devices and gateways. All end when this value is dropped.
#[derive(Debug)]
pub struct Scene {
    pub gateways: Vec<Gateway>,
    pub broker: Broker,
    pub park: Park,
    folder: TempDir,
    /// Who may see presence.
    observer: Client,
}

impl Scene {
    /// Starts a broker for everybody and simulated devices.
    pub fn new(devices: usize, calls: usize) -> Result<Self> {
        Self::with(&broker::Settings::default(), &[], Park::start(devices, calls, |_| false)?)
    }

    /// Starts a broker and takes devices. The options are those of an observer, who may see presence.
    pub fn with(settings: &broker::Settings, observer: &[&str], park: Park) -> Result<Self> {
        let broker = Broker::start(settings)?;
        let observer = Client::new(broker.port()).with(observer);
        let folder = tempfile::Builder::new().prefix("oncilla-fleet-").tempdir()?;
        Ok(Self { gateways: Vec::new(), broker, park, folder, observer })
    }

    /// Starts a gateway of all devices.
    pub fn gateway(&mut self, name: &str, change: impl FnOnce(gateway::Settings) -> gateway::Settings) -> Result<()> {
        let settings = gateway::Settings::new(name, self.broker.port()).meters(self.park.addresses());
        self.gateways.push(Gateway::start(self.folder.path(), &change(settings))?);
        Ok(())
    }

    /// Returns a client of mosquitto without a user.
    pub fn client(&self) -> Client {
        Client::new(self.broker.port())
    }

    /// Returns the target of a device for the command and for clients in Rust.
    pub fn target(&self, device: &str) -> String {
        format!("mqtt://127.0.0.1:{}/plant/{device}", self.broker.port())
    }

    /// Watches what the devices' presence becomes.
    pub fn watch(&self, device: &str) -> Result<Watch> {
        Ok(Watch(self.observer.subscribe(&format!("plant/presence/{device}"))?))
    }

    /// Waits until a device is online, and returns its presence.
    pub fn online(&self, device: &str) -> Result<Value> {
        self.watch(device)?.until(|presence| presence["state"] == "online").with_context(|| self.logs())
    }

    /// Waits until all devices are online.
    pub fn all_online(&self) -> Result<()> {
        let watch = Watch(self.observer.subscribe("plant/presence/+")?);
        let mut online = std::collections::HashSet::new();
        while online.len() < self.park.addresses().len() {
            let (topic, presence) =
                watch.next().with_context(|| format!("{} are online; {}", online.len(), self.logs()))?;
            if presence["state"] == "online" {
                online.insert(topic);
            } else {
                online.remove(&topic);
            }
        }
        Ok(())
    }

    /// Returns the logs of the gateways, for errors.
    pub fn logs(&self) -> String {
        let logs = self.gateways.iter().map(Gateway::log);
        logs.enumerate().map(|(number, log)| format!("\n--- log of gateway {number} ---\n{log}")).collect()
    }
}

/// What presence becomes, from the present state on.
#[derive(Debug)]
pub struct Watch(Subscription);

impl Watch {
    /// Returns the next presence with its topic.
    pub fn next(&self) -> Result<(String, Value)> {
        let line = self.0.next(PATIENCE).with_context(|| format!("no presence within {} s", PATIENCE.as_secs()))?;
        let (topic, json) = line.split_once(' ').context("a topic and a message")?;
        Ok((topic.to_owned(), serde_json::from_str(json).with_context(|| format!("{json} is not JSON"))?))
    }

    /// Waits for a presence that is as wanted.
    pub fn until(&self, is_wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        for _ in 0..100 {
            let (_, presence) = self.next()?;
            if is_wanted(&presence) {
                return Ok(presence);
            }
        }
        bail!("presence changes and changes")
    }
}
