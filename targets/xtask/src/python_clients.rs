//! Python environments with clients that nobody here wrote, for tests.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result};

use crate::{python::environment::Environment, workspace};

/// Packages from PyPI, in an environment of their own.
pub struct Clients {
    /// The file with the packages and their versions, in the workspace.
    pub list: &'static str,
    /// The name of the environment.
    pub name: &'static str,
}

/// The clients of instruments: PyVISA-py and python-vxi11.
pub const INSTRUMENTS: Clients = Clients { list: "targets/vxi11/tests/requirements.txt", name: "instruments" };

/// A client of MQTT: paho-mqtt.
pub const MQTT: Clients = Clients { list: "tests/fleet/clients/requirements.txt", name: "mqtt" };

/// The protobuf library, for peers of dRPC.
pub const PROTOBUF: Clients = Clients { list: "targets/drpc/tests/requirements.txt", name: "protobuf" };

impl Clients {
    /// Returns the Python interpreter that has the clients. Installs them from PyPI, if that was not done.
    pub fn python(&self) -> Result<PathBuf> {
        let list = workspace::root().join(self.list);
        let wanted = fs::read_to_string(&list).with_context(|| format!("cannot read {}", list.display()))?;
        Ok(Environment::kept(self.name, &wanted)?.python())
    }
}
