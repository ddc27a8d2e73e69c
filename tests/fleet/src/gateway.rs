//! Gateways as operators run them: `oncilla gateway fleet.toml`, in processes of their own.

use std::{
    env,
    fmt::Write,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};

use crate::process::Process;

/// The settings of a gateway.
#[derive(Clone, Debug)]
pub struct Settings {
    pub fleet: String,
    pub gateway: String,
    /// The lines of the table `[broker]`.
    pub broker: String,
    /// The lines of the tables of devices, users, limits, queue and health.
    pub more: String,
    /// The gateway is this program's hidden part `gateway`, not the command `oncilla`.
    pub own: bool,
}

impl Settings {
    /// Returns the settings of a gateway of the fleet `plant`, with a broker on a port of this machine.
    pub fn new(gateway: &str, port: u16) -> Self {
        Self {
            fleet: "plant".into(),
            gateway: gateway.into(),
            broker: format!("address = \"mqtt://127.0.0.1:{port}\"\n"),
            more: String::new(),
            own: false,
        }
    }

    /// Lets this program be the gateway: only the measurement has that part.
    #[must_use]
    pub const fn own(mut self) -> Self {
        self.own = true;
        self
    }

    /// Adds a device.
    #[must_use]
    pub fn device(mut self, name: &str, target: &str, groups: &[&str]) -> Self {
        // Writing to a string cannot fail.
        let _ = write!(self.more, "\n[devices.{name}]\ntarget = {target:?}\n");
        if !groups.is_empty() {
            let _ = writeln!(self.more, "groups = {groups:?}");
        }
        self
    }

    /// Adds simulated devices, `meter-0` and so on, all in the group `meters`.
    #[must_use]
    pub fn meters(mut self, addresses: &[SocketAddr]) -> Self {
        for (number, address) in addresses.iter().enumerate() {
            self = self.device(&format!("meter-{number}"), &format!("tcp://{address}"), &["meters"]);
        }
        self
    }

    /// Adds lines of other tables.
    #[must_use]
    pub fn and(mut self, lines: &str) -> Self {
        self.more.push('\n');
        self.more += lines;
        self
    }

    fn text(&self) -> String {
        let Self { fleet, gateway, broker, more, .. } = self;
        format!("fleet = {fleet:?}\ngateway = {gateway:?}\n\n[broker]\n{broker}{more}")
    }
}

/// A running gateway. It is killed when this value is dropped.
#[derive(Debug)]
pub struct Gateway {
    file: PathBuf,
    log: PathBuf,
    own: bool,
    process: Option<Process>,
}

impl Gateway {
    /// Writes `fleet.toml` into a folder and starts the gateway, which connects later.
    pub fn start(folder: &Path, settings: &Settings) -> Result<Self> {
        let file = folder.join(format!("{}.toml", settings.gateway));
        fs::write(&file, settings.text())?;
        let mut gateway = Self { log: file.with_extension("log"), file, own: settings.own, process: None };
        gateway.restart()?;
        Ok(gateway)
    }

    /// Starts it again with its old settings.
    pub fn restart(&mut self) -> Result<()> {
        let log = fs::File::options().create(true).append(true).open(&self.log)?;
        let mut command = if self.own { Command::new(env::current_exe()?) } else { oncilla()? };
        command.arg("gateway").arg(&self.file);
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        self.process = Some(Process::start("the gateway", &mut command)?);
        Ok(())
    }

    /// Returns the process.
    pub fn process(&mut self) -> Result<&mut Process> {
        self.process.as_mut().context("the gateway does not run")
    }

    /// Returns the process, to look at it.
    pub fn running(&self) -> Result<&Process> {
        self.process.as_ref().context("the gateway does not run")
    }

    /// Kills it, as a power failure does.
    pub fn kill(&mut self) -> Result<()> {
        self.process.take().map_or(Ok(()), |mut process| process.kill())
    }

    /// Asks it to end, as systemd does, and waits until it has ended well.
    pub fn end(&mut self) -> Result<()> {
        let Some(mut process) = self.process.take() else { return Ok(()) };
        let status = process.end(std::time::Duration::from_secs(30))?;
        ensure!(status.success(), "the gateway ended with {status}; its log: {}", self.log());
        Ok(())
    }

    /// Returns what it has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

/// Returns the command `oncilla`, as a user without settings: the program that `ONCILLA` names, or the one that cargo
/// built beside this program.
///
/// # Errors
/// There is none; the error has the command that builds it.
pub fn oncilla() -> Result<Command> {
    let beside = || -> Option<PathBuf> {
        let this = env::current_exe().ok()?;
        this.ancestors().skip(1).take(2).map(|folder| folder.join("oncilla")).find(|file| file.is_file())
    };
    let program = env::var_os("ONCILLA").map(PathBuf::from).or_else(beside);
    let program = program.context("there is no command oncilla: cargo build --package oncilla-cli")?;
    let mut command = Command::new(program);
    command.env("HOME", "/dev/null").env_remove("XDG_CONFIG_HOME").env_remove("XDG_STATE_HOME");
    Ok(command)
}
