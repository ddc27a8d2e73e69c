//! The command `oncilla`: what `oncilla bench` adds to its calls, and how long one call takes as a whole process.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::ours;
use crate::peers::Process;
use crate::ratio::{Contest, Run};

/// Calls of one process of `oncilla bench`, so that its start hardly counts.
const CALLS: u64 = 500;

/// The program of the server, and its procedure 0.
const PROGRAM: u32 = 0x2000_0778;
const NULL: &str = "0x20000778.1.0";

/// Builds the command as it is installed, and returns its path.
pub fn build() -> PathBuf {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../../targets/cli/Cargo.toml");
    let build = escargot::CargoBuild::new().manifest_path(manifest).bin("oncilla").release().current_target();
    build.run().expect("the command does not compile").path().to_owned()
}

pub fn contests(program: &Path) -> Vec<Contest> {
    let named = ["-x", concat!(env!("CARGO_MANIFEST_DIR"), "/speed.x"), "call", "speed.echo", "00ff"];
    let contest = |ours, limit| Contest::new("one call, a process", ours, ("rpcinfo", rpcinfo()), limit);
    let many = ("oncilla bench", bench(program));
    vec![
        Contest::new("500 null calls, TCP", many, ("client in a loop", calls()), Some(1.25)),
        contest(("oncilla call, numbers", call(program, &["call", NULL])), Some(1.5)),
        contest(("oncilla call, -x FILE.x", call(program, &named)), Some(1.5)),
    ]
}

/// Returns the command with a home of its own, in which it remembers its calls.
fn command(program: &Path) -> Command {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("home");
    fs::create_dir_all(&home).unwrap();
    let mut command = Command::new(program);
    command.env("HOME", home).env_remove("XDG_CONFIG_HOME").env_remove("XDG_DATA_HOME").env_remove("XDG_STATE_HOME");
    command
}

/// Null calls by `oncilla bench`, which states how long they took.
fn bench(program: &Path) -> Run {
    let (server, address) = ours::server("many", "tcp");
    let program = program.to_owned();
    Box::new(move |times| {
        let _server = &server;
        let count = (times * CALLS).to_string();
        let output =
            command(&program).args(["-t", &address, "--json", "bench", NULL, "--count", &count]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let results: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        Duration::from_secs_f64(results["seconds"].as_f64().unwrap())
    })
}

/// The same calls by the generated client.
fn calls() -> Run {
    let mut null = ours::null("tcp", "many");
    Box::new(move |times| null(times * CALLS))
}

/// One call by `oncilla call`, from the start of the process to its end.
fn call(program: &Path, arguments: &[&'static str]) -> Run {
    let (server, address) = ours::server("many", "tcp");
    let mut command = command(program);
    command.args(["-t", &address]).args(arguments);
    processes(command, server)
}

/// A null call by rpcinfo, which is told the address.
fn rpcinfo() -> Run {
    let (server, address) = ours::server("many", "tcp");
    let address: SocketAddr = address.parse().unwrap();
    let elsewhere = ["/usr/sbin/rpcinfo", "/sbin/rpcinfo"].into_iter().find(|path| Path::new(path).is_file());
    let mut command = Command::new(elsewhere.unwrap_or("rpcinfo"));
    // The port in two decimal bytes: with `-n`, some versions look for a port mapper all the same.
    let [high, low] = address.port().to_be_bytes();
    command.args(["-a", &format!("{}.{high}.{low}", address.ip()), "-T", "tcp", &PROGRAM.to_string(), "1"]);
    processes(command, server)
}

/// Runs a command again and again.
fn processes(mut command: Command, server: Process) -> Run {
    command.stdout(Stdio::null());
    Box::new(move |times| {
        let _server = &server;
        let start = Instant::now();
        for _ in 0..times {
            let status = command.status().unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
            assert!(status.success(), "{command:?}: {status}");
        }
        start.elapsed()
    })
}
