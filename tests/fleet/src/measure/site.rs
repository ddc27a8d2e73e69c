//! A broker, two gateways that may serve all devices, and clients.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use oncilla_fleet::{Fleet, wire::PresenceState};
use tempfile::TempDir;

use super::Plan;
use crate::{
    broker::{self, Broker},
    gateway::{Gateway, Settings},
    park::Park,
    proxy::Proxy,
};

/// How long all devices may take to be there.
pub const START: Duration = Duration::from_secs(120);

/// The connections of callers to the broker.
const CONNECTIONS: usize = 4;

/// Everything that runs. It ends when this value is dropped.
pub struct Site {
    pub fleets: Vec<Fleet>,
    pub gateways: Vec<Gateway>,
    /// The network between the second gateway and the broker, once faults begin.
    pub proxy: Proxy,
    pub broker: Broker,
    pub park: Park,
    folder: TempDir,
}

impl Site {
    /// Starts all, and waits until all devices are online.
    pub fn start(plan: &Plan) -> Result<Self> {
        // The speed is measured with calls that have no numbers of their own.
        let park = Park::start(plan.devices, usize::try_from(plan.calls)? + plan.devices, |_| false)?;
        let broker = Broker::start(&broker_settings())?;
        let proxy = Proxy::before(([127, 0, 0, 1], broker.port()).into())?;
        let folder = tempfile::Builder::new().prefix("oncilla-site-").tempdir()?;
        let mut gateways = Vec::new();
        for name in ["west", "east"] {
            let settings = Settings::new(name, broker.port()).own().meters(park.addresses());
            gateways.push(Gateway::start(folder.path(), &with_queue(settings, folder.path()))?);
        }
        let address = format!("mqtt://127.0.0.1:{}/plant", broker.port());
        let fleets = (0..CONNECTIONS).map(|_| Fleet::connect(&address)).collect::<Result<Vec<_>, _>>()?;
        let site = Self { fleets, gateways, proxy, broker, park, folder };
        site.wait_until_online(plan.devices)?;
        Ok(site)
    }

    /// Puts the proxy between the second gateway and the broker. It is not there while speed is measured.
    pub fn connect_by_proxy(&mut self, devices: usize) -> Result<()> {
        let settings = Settings::new("east", self.proxy.port()).own().meters(self.park.addresses());
        let gateway = self.gateways.get_mut(1).context("a second gateway")?;
        gateway.end()?;
        *gateway = Gateway::start(self.folder.path(), &with_queue(settings, self.folder.path()))?;
        self.wait_until_online(devices).map(drop)
    }

    /// Keeps the logs and journals of the gateways, and returns their folder.
    pub fn keep(&mut self) -> &Path {
        self.folder.disable_cleanup(true);
        self.folder.path()
    }

    /// Waits until so many devices are online; returns how long that took.
    pub fn wait_until_online(&self, devices: usize) -> Result<Duration> {
        let fleet = self.fleets.first().context("a connection")?;
        online(fleet, devices).with_context(|| {
            let logs = self.gateways.iter().map(|gateway| tail(&gateway.log()));
            format!("the gateways' logs end with:\n{}", logs.collect::<Vec<_>>().join("\n---\n"))
        })
    }
}

/// Waits until a fleet has so many devices online; returns how long that took.
pub fn online(fleet: &Fleet, devices: usize) -> Result<Duration> {
    let start = Instant::now();
    loop {
        let there = fleet.devices()?;
        let online = there.iter().filter(|(_, presence)| presence.state == PresenceState::Online);
        let online = online.filter(|(device, _)| matches!(fleet.trouble(device), Ok(None))).count();
        if online >= devices {
            return Ok(start.elapsed());
        }
        if start.elapsed() > START {
            bail!("{online} of {devices} devices are online after {} s", START.as_secs());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Returns the settings of the broker that the guide recommends.
pub fn broker_settings() -> broker::Settings {
    let more = "max_inflight_messages 0\nmax_queued_messages 100000\nautosave_interval 5\n".to_owned();
    broker::Settings { persistent: true, more, ..Default::default() }
}

/// Adds the queue, and times that suit faults which follow each other soon.
pub fn with_queue(mut settings: Settings, folder: &Path) -> Settings {
    settings.broker += "keep-alive = \"2s\"\n";
    let journal = folder.join(format!("{}.journal", settings.gateway));
    settings.and(&format!("[queue]\njournal = {:?}\n", journal.display().to_string()))
}

/// Returns the last lines of a log.
fn tail(log: &str) -> String {
    let lines: Vec<_> = log.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}
