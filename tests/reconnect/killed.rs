//! Servers that are killed and started again while they are called: ours, and one of libtirpc.

use std::env;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::{Path, PathBuf};
use std::process::{self, Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use oncilla::CallError;
use oncilla_host::{Connector, Reconnect, Server};

use crate::ledger::ledger;
use crate::libtirpc;
use crate::scripts::PATIENCE;

/// Tells a process of this program where to serve, and where its log is.
const SERVES: &str = "ONCILLA_TEST_SERVES";

/// How often a server is killed.
const KILLS: u32 = 15;

/// A ledger in a file: a line for each execution.
struct Logged(File);

impl ledger::Service for Logged {
    fn enter(&mut self, number: u32) -> u32 {
        self.0.write_all(format!("{number}\n").as_bytes()).unwrap();
        thread::sleep(Duration::from_millis(1));
        1
    }

    fn read(&mut self, number: u32) -> u32 {
        self.enter(number)
    }

    fn note(&mut self, number: u32) {
        self.enter(number);
    }
}

static TABLE: oncilla::Table<Logged> = oncilla::table![ledger::program()];

/// Not a test, but what another process does: serves until it is killed.
#[test]
fn serves() {
    let Ok(role) = env::var(SERVES) else { return };
    let (address, log) = role.split_once(' ').unwrap();
    let log = OpenOptions::new().append(true).create(true).open(log).unwrap();
    // If the test ends early, this process ends with its pipe.
    thread::spawn(|| {
        let _ = std::io::stdin().lines().next();
        process::exit(0);
    });
    Server::new().unwrap().tcp(address).unwrap().serve(&TABLE, &mut Logged(log)).unwrap();
}

/// A server that is killed when it is dropped.
struct Killed(Child);

impl Killed {
    fn start(mut command: Command) -> Self {
        Self(command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Killed {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// Kills and starts a server again and again, and calls it all the time.
fn survives(name: &str, host: u8, command: impl Fn(SocketAddrV4, &Path) -> Command) {
    // An address that no other test uses, as its port must stay free while the server is down.
    let address = SocketAddrV4::new(Ipv4Addr::new(127, 83, host, 1), 20_000 + (process::id() % 10_000) as u16);
    let log = env::temp_dir().join(format!("oncilla-killed-{name}-{}", process::id()));
    let _ = fs::remove_file(&log);
    let policy = Reconnect::for_ever().pauses(Duration::from_millis(1), Duration::from_millis(10)).later();
    let mut client = Connector::new().reconnect(policy).tcp(address).unwrap();
    client.set_timeout(PATIENCE);
    let mut answered = Vec::new();
    let (made, lost, over) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
    let mut server = Killed::start(command(address, &log));
    thread::scope(|scope| {
        let calling = scope.spawn(|| {
            let mut number = 0;
            while !over.load(Ordering::Relaxed) {
                match ledger::Client::new(&mut client).enter(number) {
                    Ok(executions) => answered.push((number, executions)),
                    Err(CallError::Closed | CallError::Link(_)) => _ = lost.fetch_add(1, Ordering::Relaxed),
                    Err(error) => panic!("{error:?}"),
                }
                // A marked procedure is always answered.
                ledger::Client::new(&mut client).read(1 << 31 | number).unwrap();
                number += 1;
                made.fetch_add(1, Ordering::Relaxed);
            }
        });
        // In the end some kill strikes during a call.
        for step in (0..10 * KILLS).take_while(|step| *step < KILLS || lost.load(Ordering::Relaxed) == 0) {
            let enough = made.load(Ordering::Relaxed) + 3;
            while made.load(Ordering::Relaxed) < enough && !calling.is_finished() {
                thread::sleep(Duration::from_millis(1));
            }
            thread::sleep(Duration::from_micros(u64::from(step * 700 % 2300)));
            drop(server);
            server = Killed::start(command(address, &log));
        }
        over.store(true, Ordering::Relaxed);
        // The last server runs until then.
        calling.join().unwrap();
        drop(server);
    });
    let entries = fs::read_to_string(&log).unwrap();
    fs::remove_file(&log).unwrap();
    let mut executions: Vec<u32> = entries.lines().map(|line| line.parse().unwrap()).collect();
    executions.retain(|number| number >> 31 == 0);
    executions.sort_unstable();
    assert!(executions.windows(2).all(|two| two[0] < two[1]), "a call was executed twice: {executions:?}");
    for (number, count) in &answered {
        assert!(*count == 1 && executions.binary_search(number).is_ok(), "{number} was not executed");
    }
    let lost = lost.into_inner();
    assert!(answered.len() > 10 && lost > 0, "{} calls were answered, {lost} were lost", answered.len());
    assert!(executions.len() <= answered.len() + lost);
}

#[test]
fn a_server_of_ours_is_killed_under_load() {
    survives("ours", 1, |address, log| {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--exact", "killed::serves"]).env(SERVES, format!("{address} {}", log.display()));
        command
    });
}

#[test]
fn a_server_of_libtirpc_is_killed_under_load() {
    let into: PathBuf = [env!("CARGO_TARGET_TMPDIR"), "reconnect"].iter().collect();
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reconnect");
    libtirpc::compile(&sources, "ledger", &into, &[("server", &["c/server.c", "ledger_svc.c"])]);
    survives("libtirpc", 2, |address, log| {
        let mut command = Command::new(into.join("server"));
        command.arg(address.ip().to_string()).arg(address.port().to_string()).arg(log);
        command
    });
}
