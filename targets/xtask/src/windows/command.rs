//! The command `oncilla` on Windows: calls of servers on this machine over TCP, UDP and a serial port.

use std::{
    fs,
    net::UdpSocket,
    os::unix::fs::symlink,
    process::{Command, Output},
    thread,
};

use anyhow::{Context, Result, anyhow, ensure};
use oncilla::framing;
use oncilla_host::{Serial, Server};
use oncilla_suite::{Memory, Parts, Suite, TABLE};
use serialport::{SerialPort, TTYPort};

use super::{folder, results, wine::Wine};
use crate::{
    process::{find, step},
    workspace,
};

/// What cargo builds for this test.
pub const BUILD: [&str; 2] = ["--package=oncilla-cli", "--bin=oncilla"];

/// The interface of the suite, from the root of the workspace.
const SUITE_X: &str = "tests/suite/suite.x";

/// A gateway of two devices, with health on TCP, from the root of the workspace.
const FLEET: &str = "examples/fleet/fleet.toml";

/// The time limit of one command in seconds. Its own limits are shorter.
const LIMIT: &str = "120";

/// The serial port of the test.
const PORT: &str = "COM34";

/// What a command must do: its exit code, and what its standard output and its standard error contain.
type Expected<'e> = (i32, &'e str, &'e str);

/// Runs the command on Windows.
pub fn test(wine: &Wine) -> Result<()> {
    step("running the command oncilla on Windows");
    // All run, also when one fails.
    [alone(wine), over_the_network(wine), over_a_serial_port(wine)].into_iter().collect()
}

/// Runs the command and compares.
fn check(wine: &Wine, arguments: &[&str], (code, out, err): Expected<'_>) -> Result<()> {
    let mut command = wine.command();
    let program = command.get_program().to_owned();
    let variables: Vec<_> =
        command.get_envs().map(|(name, value)| (name.to_owned(), value.map(ToOwned::to_owned))).collect();
    // With a time limit, since the command could wait for ever.
    command = Command::new(find("timeout").context("there is no `timeout`; install coreutils")?);
    command.args(["--kill-after=5", LIMIT]).arg(program).arg(folder().join("oncilla.exe"));
    for (name, value) in variables {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let output = command.args(arguments).current_dir(workspace::root()).output().context("cannot start Wine")?;
    let Output { status, stdout, stderr } = output;
    let texts = [stdout, stderr].map(|text| String::from_utf8_lossy(&text).replace("\r\n", "\n"));
    let good = status.code() == Some(code) && texts[0].contains(out) && texts[1].contains(err);
    let line = format!("oncilla {}", arguments.join(" "));
    ensure!(good, "`{line}` on Windows ended with {status} and printed {texts:?}, not {code}, {out:?}, {err:?}");
    println!("{line}: as expected");
    Ok(())
}

/// What needs no server.
fn alone(wine: &Wine) -> Result<()> {
    check(wine, &["--version"], (0, "oncilla ", ""))?;
    check(wine, &["config"], (0, "timeout = 5s", ""))?;
    check(wine, &["list", "--ports"], (0, "", ""))?;
    check(wine, &["-x", SUITE_X, "describe", "suite.subtract"], (0, "SUITE_SUBTRACT", ""))?;
    check(wine, &["sniff", "README.md"], (2, "", "this is not a capture"))?;
    check(wine, &["call", "suite.name"], (2, "", "no target"))?;
    check(wine, &["-t", "unix:/run/oven.sock", "-x", SUITE_X, "call", "suite.name"], (3, "", "Unix sockets"))?;
    check(wine, &["gateway", "--check", FLEET], (0, "2 devices", ""))?;
    let on_unix = results().join("unix.toml");
    let text = fs::read_to_string(workspace::root().join(FLEET))?.replace("\"127.0.0.1:9110\"", "\"unix:health.sock\"");
    fs::write(&on_unix, text).with_context(|| format!("cannot write {}", on_unix.display()))?;
    let on_unix = on_unix.to_str().context("the path is text")?;
    check(wine, &["gateway", "--check", on_unix], (2, "", "this system has no Unix sockets"))
}

/// Calls a server of this machine.
fn over_the_network(wine: &Wine) -> Result<()> {
    let mut server = Server::new()?.tcp("127.0.0.1:0")?.udp("127.0.0.1:0")?;
    let tcp = format!("tcp://{}", server.tcp_addresses().first().context("the server has an address")?);
    let udp = format!("udp://{}", server.udp_addresses().first().context("the server has an address")?);
    let stopper = server.stopper();
    let serving = thread::spawn(move || server.serve(&TABLE, &mut Suite::new(Parts::NONE)));
    let tested = (|| {
        for target in [&tcp, &udp] {
            calls(wine, target)?;
            let program = oncilla_suite::suite_1::PROGRAM.to_string();
            check(wine, &["-t", target, "ping", &program, "-c", "2", "--interval", "1ms"], (0, "", ""))?;
        }
        let silent = UdpSocket::bind("127.0.0.1:0")?;
        let silent = format!("udp://{}", silent.local_addr()?);
        let call = ["-x", SUITE_X, "call", "suite.name"];
        check(wine, &[&["-t", &silent, "--timeout", "300ms"], &call[..]].concat(), (4, "", "no reply"))?;
        check(wine, &[&["-t", "tcp://127.0.0.1:1"], &call[..]].concat(), (3, "", "127.0.0.1:1"))
    })();
    stopper.stop();
    serving.join().map_err(|_| anyhow!("the server panicked"))??;
    tested
}

/// Calls a board at the other end of a pseudo-terminal.
fn over_a_serial_port(wine: &Wine) -> Result<()> {
    let (board, port) = TTYPort::pair().context("no pseudo-terminal")?;
    let device = wine.device(&PORT.to_lowercase());
    // The link of an earlier run, if there was one.
    let _ = fs::remove_file(&device);
    symlink(port.name().context("the pseudo-terminal has a name")?, &device)?;
    let serving = thread::spawn(move || {
        let mut memory = Memory::new();
        let mut board = oncilla_suite::board(Serial::<framing::Serial>::from(board), 7, &mut memory);
        // The line ends, perhaps amid a hello.
        let _ = oncilla_suite::run(&mut board);
    });
    let tested = calls(wine, PORT);
    // Ends the board. Until here it keeps the line open between two commands.
    drop(port);
    serving.join().map_err(|_| anyhow!("the board panicked"))?;
    tested
}

fn calls(wine: &Wine, target: &str) -> Result<()> {
    let call =
        |words: &[&str], expected| check(wine, &[&["-t", target, "-x", SUITE_X, "call"], words].concat(), expected);
    call(&["suite.subtract", "3", "5"], (0, "-2\n", ""))?;
    call(&["suite.echo", "00ff10"], (0, "00ff10\n", ""))?;
    call(&["suite.rename", "oven"], (0, "", ""))?;
    call(&["suite.name"], (0, "oven\n", ""))?;
    call(&["suite.substract", "3", "5"], (2, "", "the most similar is `suite.subtract`"))?;
    let sensor = ["-t", target, "-x", "examples/sensor/sensor.x", "call", "sensor.read", "0"];
    check(wine, &sensor, (1, "", "does not serve this program"))
}
