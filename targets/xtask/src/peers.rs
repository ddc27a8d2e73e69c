//! The costs of other servers for the same service, and their behaviour on a disturbed line.

use std::fs;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use crate::workspace;

const FILE: &str = "peers.toml";

/// The peers and where their figures come from.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peers {
    pub source: String,
    pub servers: Vec<Peer>,
    pub faults: Vec<Fault>,
}

/// One peer. Figures are text: some are ranges.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peer {
    pub name: String,
    pub flash_kb: String,
    pub static_ram: String,
    pub stack: String,
    pub null: String,
    pub add: String,
    pub echo64: String,
    pub wire_null: String,
    /// The protection of a message against damage.
    pub check: String,
}

/// What the servers did after one fault on the UART and then good calls.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    pub name: String,
    /// In the order of the servers.
    pub outcomes: Vec<String>,
}

pub fn read() -> Result<Peers> {
    let path = workspace::own(FILE);
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let peers: Peers = toml::from_str(&text).with_context(|| format!("{FILE} is not a list of peers"))?;
    for Fault { name, outcomes } in &peers.faults {
        let (has, servers) = (outcomes.len(), peers.servers.len());
        ensure!(has == servers, "{FILE}: fault {name:?} has {has} outcomes for {servers} servers");
    }
    Ok(peers)
}
