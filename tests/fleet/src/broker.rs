//! A mosquitto of a test's own: its settings, its start, its end.

use std::{
    env, fs,
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::process::{Process, wait_until};

/// The time that a broker may take to start.
const START: Duration = Duration::from_secs(20);

/// The settings of a broker, beside its address.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Users with their passwords; without any, everybody may connect.
    pub users: Vec<(String, String)>,
    /// The text of an access list.
    pub access: Option<String>,
    /// Certificate authority, certificate and key, in PEM; the broker requires certificates of clients and takes
    /// their names as users.
    pub tls: Option<[String; 3]>,
    /// Sessions and retained messages outlive the broker.
    pub persistent: bool,
    /// More lines of the configuration.
    pub more: String,
}

/// A mosquitto on a free port of this machine. It ends when this value is dropped.
#[derive(Debug)]
pub struct Broker {
    folder: TempDir,
    port: u16,
    process: Option<Process>,
}

impl Broker {
    /// Starts one, and waits until it accepts connections.
    pub fn start(settings: &Settings) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("oncilla-broker-").tempdir()?;
        // Between here and mosquitto's own bind another program could take the port. Then mosquitto ends, which is seen.
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let mut broker = Self { folder, port, process: None };
        let text = broker.configure(settings)?;
        fs::write(broker.file("mosquitto.conf"), text)?;
        broker.restart()?;
        Ok(broker)
    }

    /// Returns the port on 127.0.0.1.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Returns the folder of the broker.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the path of a file in the folder of the broker.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Returns what the broker has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.file("log")).unwrap_or_default()
    }

    /// Returns the process, if it runs.
    pub const fn process(&self) -> Option<&Process> {
        self.process.as_ref()
    }

    /// Kills the broker, as a power failure does.
    pub fn kill(&mut self) -> Result<()> {
        self.process.take().map_or(Ok(()), |mut process| process.kill())
    }

    /// Ends the broker in order, so that it stores its sessions.
    pub fn end(&mut self) -> Result<()> {
        self.process.take().map_or(Ok(()), |mut process| process.end(START).map(drop))
    }

    /// Starts the broker again with its old settings and stored sessions.
    pub fn restart(&mut self) -> Result<()> {
        let log = fs::File::options().create(true).append(true).open(self.file("log"))?;
        let mut command = Command::new(program("mosquitto", "mosquitto")?);
        command.arg("-c").arg(self.file("mosquitto.conf"));
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let mut process = Process::start("mosquitto", &mut command)?;
        wait_until("mosquitto accepts connections", START, || {
            let ended = process.ended()?;
            ensure!(ended.is_none(), "mosquitto ended at its start; its log: {}", self.log());
            Ok(TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok())
        })?;
        self.process = Some(process);
        Ok(())
    }

    fn configure(&self, settings: &Settings) -> Result<String> {
        let anonymous = settings.users.is_empty() && settings.tls.is_none();
        let mut text = format!(
            "listener {} 127.0.0.1\nallow_anonymous {anonymous}\npersistence {}\npersistence_location {}/\n",
            self.port,
            settings.persistent,
            self.folder.path().display()
        );
        // Started by root, mosquitto becomes another user, who may not read this folder.
        text += "user root\nset_tcp_nodelay true\n";
        if !settings.users.is_empty() {
            let file = self.file("passwords");
            fs::write(&file, "")?;
            for (user, password) in &settings.users {
                let mut passwd = Command::new(program("mosquitto_passwd", "mosquitto")?);
                let done = passwd.arg("-b").arg(&file).args([user, password]).output()?;
                ensure!(done.status.success(), "mosquitto_passwd: {}", String::from_utf8_lossy(&done.stderr));
            }
            text += &format!("password_file {}\n", file.display());
        }
        if let Some(access) = &settings.access {
            text += &format!("acl_file {}\n", self.write("access", access)?.display());
        }
        if let Some(tls) = &settings.tls {
            for (setting, pem) in ["cafile", "certfile", "keyfile"].iter().zip(tls) {
                text += &format!("{setting} {}\n", self.write(setting, pem)?.display());
            }
            text += "require_certificate true\nuse_identity_as_username true\n";
        }
        Ok(text + &settings.more)
    }

    fn write(&self, name: &str, text: &str) -> Result<PathBuf> {
        let file = self.file(name);
        fs::write(&file, text)?;
        Ok(file)
    }
}

/// Returns the path of a program, which may stand where an ordinary user's PATH does not look.
///
/// # Errors
/// Names the package of Debian if there is no such program.
pub fn program(name: &str, package: &str) -> Result<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain([Path::new("/usr/sbin").into()])
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
        .with_context(|| format!("{name} is not installed: apt-get install {package}, or `cargo xtask setup`"))
}
