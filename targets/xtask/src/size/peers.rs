//! What other servers take for the same service.

use std::fs;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::workspace;

const FILE: &str = "peers.toml";

/// The peers and where their figures come from.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peers {
    pub source: String,
    pub servers: Vec<Peer>,
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
    /// What guards a message against damage.
    pub check: String,
}

pub fn read() -> Result<Peers> {
    let path = workspace::own(FILE);
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    toml::from_str(&text).with_context(|| format!("{FILE} is not a list of peers"))
}
