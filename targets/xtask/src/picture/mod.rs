//! `cargo xtask picture`: draws the picture of the README from real commands.

mod terminal;

use std::{
    fs,
    io::{self, BufRead, BufReader},
    num::NonZeroU16,
    process::{Child, Command, Stdio},
    thread,
};

use anyhow::{Context, Result};

use crate::{
    firmware_tests::command::{self, program},
    process::step,
    workspace,
};

/// The picture.
const FILE: &str = "targets/cli/oncilla.svg";

/// The files of the device that the picture shows.
const INTERFACE: &str = "targets/xtask/src/picture/oven.x";
const RULES: &str = "targets/xtask/src/picture/oven.toml";

/// The commands, as they are typed.
///
/// The name of the device is in the configuration file of the picture.
const COMMANDS: [&str; 2] =
    ["oncilla -t oven call oven.read 0", "oncilla -t oven watch oven.read 0 --interval 50ms --for 6s"];

/// Lines of the plot's terminal.
const ROWS: NonZeroU16 = NonZeroU16::new(24).unwrap();
const COLUMNS: NonZeroU16 = NonZeroU16::new(100).unwrap();

/// Runs the commands against a stand-in for a device, and draws what they print.
pub fn draw() -> Result<()> {
    command::build()?;
    let folder = workspace::target().join("picture");
    fs::create_dir_all(&folder)?;
    let device = Device::start()?;
    let configuration = folder.join("config.toml");
    fs::write(&configuration, format!("[targets.oven]\naddress = \"{}\"\n", device.target))?;
    step("running the commands of the picture");
    let mut shown = String::new();
    for line in COMMANDS {
        let command = line.replacen("oncilla", &program().display().to_string(), 1);
        let screen = terminal::screen(&command, &configuration, ROWS, COLUMNS)?;
        shown += &format!("\x1b[1m$ {line}\x1b[0m\n{screen}\n");
    }
    let path = workspace::root().join(FILE);
    fs::write(&path, anstyle_svg::Term::new().render_svg(&shown))?;
    println!("{FILE}");
    Ok(())
}

/// The stand-in. It ends when it is dropped.
struct Device {
    process: Child,
    target: String,
}

impl Device {
    fn start() -> Result<Self> {
        let mut serve = Command::new(program());
        serve.current_dir(workspace::root()).args(["--json", "serve", INTERFACE, "--rules", RULES]);
        serve.args(["--listen", "tcp://127.0.0.1:0"]).stdout(Stdio::piped());
        let mut process = serve.spawn().context("cannot start `oncilla serve`")?;
        let mut lines = BufReader::new(process.stdout.take().context("its output is a pipe")?);
        let mut device = Self { process, target: String::new() };
        let mut line = String::new();
        lines.read_line(&mut line)?;
        let first: serde_json::Value = serde_json::from_str(&line).context("`oncilla serve` prints JSON")?;
        device.target = first["listening"].as_str().context("its first line states where it listens")?.to_owned();
        // Its other lines are not shown.
        thread::spawn(move || io::copy(&mut lines, &mut io::sink()));
        Ok(device)
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
