//! The Python environment with the clients of instruments: PyVISA-py and python-vxi11.

use std::{fs, path::PathBuf, process::Command, time::Duration};

use anyhow::{Context, Result};

use crate::{
    process::{run_within, step},
    workspace,
};

/// The time limit of an installation over a slow line.
const LIMIT: Duration = Duration::from_secs(600);

/// Returns the Python interpreter that has the clients. Installs them from PyPI, if that was not done.
pub fn python() -> Result<PathBuf> {
    let list = workspace::root().join("targets/vxi11/tests/requirements.txt");
    let wanted = fs::read_to_string(&list).with_context(|| format!("cannot read {}", list.display()))?;
    let folder = workspace::target().join("instrument-clients");
    let python = folder.join("bin/python");
    // Written last: what an interrupted installation left behind is replaced.
    let done = folder.join("requirements.txt");
    if fs::read_to_string(&done).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    step("installing PyVISA-py and python-vxi11");
    run_within(LIMIT, Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))
        .context("no environment for Python; install package python3-venv")?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]).arg(&list);
    run_within(LIMIT, &mut pip).context("PyPI has the clients of the tests")?;
    fs::write(&done, wanted)?;
    Ok(python)
}
