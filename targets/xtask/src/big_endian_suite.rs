//! The portable suite between this machine and a big-endian one over TCP. Each serves the other.

use std::{
    io::{BufRead, BufReader},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, anyhow, ensure};
use oncilla::framing::RecordAhead;
use oncilla_host::{Server, Socket};
use oncilla_suite::{
    Parts, Suite, TABLE,
    checks::{Board, run},
};

use super::{cargo, emulator};
use crate::process::{self, run_within, step};

/// The parts of the suite that a server on TCP has.
const PARTS: Parts = Parts::BUILT;

/// The time limit. The suite takes some seconds on a fast machine.
const LIMIT: Duration = Duration::from_secs(300);

/// Builds both programs for the big-endian machine, and runs each with its peer on this machine.
pub fn test() -> Result<()> {
    step("running the portable suite between this machine and a big-endian one");
    let mut build = cargo("build");
    build.args(["--package", "oncilla-suite", "--features", "postcard", "--examples"]);
    process::run(&mut build)?;
    // Both run, also when one fails.
    let served = served_there(&built("suite_server"));
    called_from_there(&built("check")).and(served)
}

/// Returns the path of an example.
fn built(example: &str) -> PathBuf {
    super::target_dir().join(super::TARGET).join("debug/examples").join(example)
}

/// Calls a server on the big-endian machine from this one.
fn served_there(server: &Path) -> Result<()> {
    let mut server = Served::start(emulator().arg(server))?;
    let address = server.address()?;
    let report = run(&Board::new(PARTS), || connect(address));
    println!("{report}");
    ensure!(report.is_good(), "{} checks of the big-endian server failed", report.failed());
    Ok(())
}

fn connect(address: SocketAddr) -> std::io::Result<Socket<RecordAhead>> {
    let stream = TcpStream::connect(address)?;
    // Batches and bursts would wait for each other.
    stream.set_nodelay(true)?;
    Ok(stream.into())
}

/// Serves a client on the big-endian machine from this one.
fn called_from_there(check: &Path) -> Result<()> {
    let mut server = Server::new()?.tcp("127.0.0.1:0")?;
    let address = *server.tcp_addresses().first().context("the server has an address")?;
    let stopper = server.stopper();
    let serving = thread::spawn(move || server.serve(&TABLE, &mut Suite::new(Parts::NONE)));
    let mut calling = emulator();
    calling.arg(check).args(["tcp", &address.to_string(), &PARTS.to_string()]);
    let checked = run_within(LIMIT, &mut calling);
    stopper.stop();
    serving.join().map_err(|_| anyhow!("the server panicked"))??;
    checked
}

/// A server that is ended when this value is dropped.
struct Served(Child);

impl Served {
    fn start(command: &mut Command) -> Result<Self> {
        // It ends when its input does, also if this program is killed.
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        Ok(Self(child.context("cannot start the emulator")?))
    }

    /// Returns the address that the server prints.
    fn address(&mut self) -> Result<SocketAddr> {
        let mut line = String::new();
        let printed = self.0.stdout.take().context("its output is piped")?;
        BufReader::new(printed).read_line(&mut line)?;
        line.trim().parse().with_context(|| format!("the big-endian server printed {line:?} and not its address"))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Both fail only if the process has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
