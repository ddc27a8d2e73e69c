//! The tests of the package in a new virtual environment: pytest, mypy and stubtest.

use std::{fs, path::PathBuf, time::Duration};

use anyhow::{Context, Result};
use oncilla_rpcgen::Options;

use super::{
    environment::{Environment, folder, package},
    peers::Peers,
    wheel,
};
use crate::{
    process::{run_for, step},
    workspace,
};

/// The time limit of pytest, and of each check of types.
const LIMIT: Duration = Duration::from_secs(1200);

/// The folders of `.x` files whose Python is imported and checked.
const INTERFACES: [&str; 5] = [
    "targets/rpcgen/tests/accepted",
    "targets/rpcgen/tests/heap",
    "targets/rpcgen/tests/x",
    "examples/nfs",
    "examples/sensor",
];

/// Installs the package from its source distribution, and runs all tests.
pub fn test(from_source: bool) -> Result<()> {
    let environment = Environment::of_tests()?;
    wheel::install_from_source(&environment)?;
    let generated = generated()?;
    let peers = Peers::start(from_source)?;
    let examples = package().join("examples");
    step("checking the types of the Python package");
    let mut mypy = environment.command("mypy");
    mypy.arg("--strict").arg("--python-version=3.10").arg("--cache-dir").arg(folder().join("mypy"));
    // All run, also when one fails.
    let mut results = vec![
        run_for(LIMIT, mypy.arg(&generated)),
        run_for(
            LIMIT,
            environment.command("mypy").args(["--strict", "--cache-dir"]).arg(folder().join("mypy")).arg(&examples),
        ),
        run_for(LIMIT, environment.command("stubtest").args(["oncilla_rpc", "--ignore-missing-stub"])),
    ];
    step("testing the Python package");
    let mut pytest = environment.command("pytest");
    // A test that hangs shows where.
    pytest
        .args(["-q", "-p", "no:cacheprovider", "--strict-markers", "-o", "faulthandler_timeout=240"])
        .arg(package().join("tests"));
    peers.tell(&mut pytest);
    pytest.env("ONCILLA_GENERATED", &generated).env("ONCILLA_ROOT", workspace::root());
    // No test writes to the sources, or to the home of who runs it. IPython's completion keeps a cache there.
    let home = folder().join("home");
    fs::create_dir_all(&home).with_context(|| format!("cannot create {}", home.display()))?;
    pytest.env("PYTHONDONTWRITEBYTECODE", "1").env("HOME", &home).env("MPLCONFIGDIR", folder().join("matplotlib"));
    results.push(run_for(LIMIT, &mut pytest));
    results.into_iter().collect()
}

/// Generates Python for all `.x` files, and returns the folder.
fn generated() -> Result<PathBuf> {
    let into = folder().join("generated");
    // Files of another run may be of other interfaces.
    let _ = fs::remove_dir_all(&into);
    fs::create_dir_all(&into).with_context(|| format!("cannot create {}", into.display()))?;
    for interfaces in INTERFACES {
        let interfaces = workspace::root().join(interfaces);
        for entry in fs::read_dir(&interfaces).with_context(|| format!("cannot read {}", interfaces.display()))? {
            let path = entry?.path();
            if path.extension().is_none_or(|extension| extension != "x") {
                continue;
            }
            let name = path.file_stem().context("a file has a name")?.to_string_lossy().into_owned();
            let output = Options::new().generate_python(&path)?;
            fs::write(into.join(format!("x_{name}.py")), output.python)?;
        }
    }
    Ok(into)
}
