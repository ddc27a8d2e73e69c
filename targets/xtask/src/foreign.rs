//! The portable suite between this machine and another one over TCP. Each serves the other.

use std::{
    io::{BufRead, BufReader},
    net::{SocketAddr, TcpStream},
    path::PathBuf,
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

use crate::process::{run_within, step};

/// The parts of the suite that a server on TCP has.
const PARTS: Parts = Parts::BUILT;

/// The time limit. The suite takes some seconds on a fast machine.
const LIMIT: Duration = Duration::from_secs(300);

/// The packages, features and targets that cargo builds for the other machine.
pub const BUILD: [&str; 5] = [
    "--package=oncilla-suite",
    "--features=oncilla-suite/postcard",
    "--features=oncilla-suite/checks",
    "--example=suite_server",
    "--example=check",
];

/// Another machine, or what runs its programs here.
pub struct Machine<'a> {
    /// What the machine is, with an article.
    pub name: &'a str,
    /// Returns the command that runs a program, its next argument.
    pub runner: &'a dyn Fn() -> Command,
    /// The folder of the examples built for the machine.
    pub examples: PathBuf,
    /// What its programs' names end with.
    pub suffix: &'a str,
}

impl Machine<'_> {
    /// Runs both programs, each with its peer on this machine.
    pub fn test(&self) -> Result<()> {
        step(&format!("running the portable suite between this machine and {}", self.name));
        // Both run, also when one fails.
        let served = self.served_there();
        self.called_from_there().and(served)
    }

    /// Returns the command that runs an example.
    pub fn example(&self, name: &str) -> Command {
        let mut command = (self.runner)();
        command.arg(self.examples.join(name.to_owned() + self.suffix));
        command
    }

    /// Calls a server on the other machine from this one.
    fn served_there(&self) -> Result<()> {
        let mut server = Served::start(&mut self.example("suite_server"))?;
        let address = server.address()?;
        let report = run(&Board::new(PARTS), || connect(address));
        println!("{report}");
        ensure!(report.is_good(), "{} checks of the server on {} failed", report.failed(), self.name);
        Ok(())
    }

    /// Serves a client on the other machine from this one.
    fn called_from_there(&self) -> Result<()> {
        let mut server = Server::new()?.tcp("127.0.0.1:0")?;
        let address = *server.tcp_addresses().first().context("the server has an address")?;
        let stopper = server.stopper();
        let serving = thread::spawn(move || server.serve(&TABLE, &mut Suite::new(Parts::NONE)));
        let mut calling = self.example("check");
        calling.args(["tcp", &address.to_string(), &PARTS.to_string()]);
        let checked = run_within(LIMIT, &mut calling);
        stopper.stop();
        serving.join().map_err(|_| anyhow!("the server panicked"))??;
        checked
    }
}

fn connect(address: SocketAddr) -> std::io::Result<Socket<RecordAhead>> {
    let stream = TcpStream::connect(address)?;
    // Batches and bursts would wait for each other.
    stream.set_nodelay(true)?;
    Ok(stream.into())
}

/// A server that is ended when this value is dropped.
pub struct Served(Child);

impl Served {
    /// Starts a server that prints its address, and ends when its input does.
    pub fn start(command: &mut Command) -> Result<Self> {
        // So it ends also if this program is killed.
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        Ok(Self(child.context("cannot start the program that runs it")?))
    }

    /// Returns the address that the server prints.
    pub fn address(&mut self) -> Result<SocketAddr> {
        let mut line = String::new();
        let printed = self.0.stdout.take().context("its output is piped")?;
        BufReader::new(printed).read_line(&mut line)?;
        line.trim().parse().with_context(|| format!("the server printed {line:?} and not its address"))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Both fail only if the process has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
