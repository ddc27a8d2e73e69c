//! What the tests of the package call: servers of this program, a C program on libtirpc, and boards in QEMU.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread::{self, JoinHandle},
    time::Duration,
};

use anyhow::{Context, Result, anyhow};
use oncilla_host::{Server, Stopper};
use oncilla_suite::{Parts, Suite, TABLE};
use oncilla_test_support::libtirpc;

use super::environment::folder;
use crate::{
    boards::LM3S6965EVB,
    firmware::{Features, Firmware, Profile},
    process::step,
    qemu::{self, Terminal},
    workspace,
};

/// The time limit of a board, which must last for all tests.
const LIMIT: Duration = Duration::from_secs(1200);

/// The firmware that is booted, each with the variable that has its target.
const BOARDS: [(&str, &str); 2] = [("sensor", "ONCILLA_BOARD_SENSOR"), ("suite", "ONCILLA_BOARD_SUITE")];

/// All peers, which end with this value.
pub struct Peers {
    boards: Vec<(&'static str, Terminal)>,
    suite: Served,
    c_server: PathBuf,
}

impl Peers {
    /// Builds and starts all peers.
    pub fn start(from_source: bool) -> Result<Self> {
        step("starting what the tests of the Python package call");
        let firmware = Firmware::of(&LM3S6965EVB, from_source)?;
        let mut boards = Vec::new();
        for (program, variable) in BOARDS {
            let files = firmware.build(Profile::Plain, Features::All, &[program])?;
            let file = files.first().context("the firmware was built")?;
            let mut boot = qemu::command(&LM3S6965EVB, file)?;
            boot.args(["-monitor", "none", "-serial", "null", "-serial", "pty"]);
            boards.push((variable, Terminal::boot(&mut boot, LIMIT)?));
        }
        Ok(Self { boards, suite: Served::start()?, c_server: c_server()? })
    }

    /// Gives a command the targets of the peers.
    pub fn tell(&self, command: &mut Command) {
        for (variable, board) in &self.boards {
            command.env(variable, format!("serial:{}", board.path()));
        }
        let [tcp, udp, unix] = &self.suite.targets;
        command.env("ONCILLA_SUITE_TCP", tcp).env("ONCILLA_SUITE_UDP", udp).env("ONCILLA_SUITE_UNIX", unix);
        command.env("ONCILLA_C_SERVER", &self.c_server);
    }
}

/// Compiles the server that rpcgen and libtirpc make, which pytest starts.
fn c_server() -> Result<PathBuf> {
    let into = folder().join("c");
    fs::create_dir_all(&into).with_context(|| format!("cannot create {}", into.display()))?;
    let parts = ["c/server.c", "c/describe.c", "constructs_xdr.c", "constructs_svc.c"];
    let sources: &Path = &workspace::root().join("tests/interop");
    libtirpc::compile(sources, "constructs", &into, &[("server", &parts)]);
    Ok(into.join("server"))
}

/// The suite on TCP, UDP and a Unix socket, served by a thread.
struct Served {
    targets: [String; 3],
    stopper: Stopper,
    thread: Option<JoinHandle<Result<()>>>,
}

impl Served {
    fn start() -> Result<Self> {
        let socket = folder().join("suite.sock");
        // From a run that was stopped by force.
        let _ = fs::remove_file(&socket);
        let server = Server::new()?.tcp("127.0.0.1:0")?.udp("127.0.0.1:0")?.unix(&socket)?;
        let tcp = *server.tcp_addresses().first().context("the server has an address")?;
        let udp = *server.udp_addresses().first().context("the server has an address")?;
        let targets = [format!("tcp://{tcp}"), format!("udp://{udp}"), format!("unix:{}", socket.display())];
        let stopper = server.stopper();
        let mut server = server;
        let serving = move || server.serve(&TABLE, &mut Suite::new(Parts::NONE)).map_err(|error| anyhow!("{error}"));
        Ok(Self { targets, stopper, thread: Some(thread::spawn(serving)) })
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stopper.stop();
        if let Some(Err(_) | Ok(Err(_))) = self.thread.take().map(JoinHandle::join) {
            eprintln!("    the server of the suite has failed");
        }
    }
}
