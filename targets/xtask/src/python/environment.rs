//! Virtual environments of Python, in the folder for build results.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result};

use crate::{
    process::{run_for, step},
    workspace,
};

/// The version of maturin, which builds wheels.
const MATURIN: &str = "maturin==1.16.0";

/// The time limit of an installation over a slow line.
const LIMIT: Duration = Duration::from_secs(900);

/// A virtual environment.
pub struct Environment {
    folder: PathBuf,
}

impl Environment {
    /// Returns the environment that has maturin. It is made once.
    pub fn of_tools() -> Result<Self> {
        Self::kept("tools", MATURIN)
    }

    /// Returns the environment of this name that has what is wanted. Makes it if there is none, or another one.
    pub fn kept(name: &str, wanted: &str) -> Result<Self> {
        let environment = Self { folder: folder().join(name) };
        // Written last: what an interrupted installation left behind is replaced.
        let done = environment.folder.join("installed.txt");
        if fs::read_to_string(&done).is_ok_and(|installed| installed == wanted) {
            return Ok(environment);
        }
        environment.make()?;
        let requirements = environment.folder.join("wanted.txt");
        let written = |file: &Path| fs::write(file, wanted).with_context(|| format!("cannot write {}", file.display()));
        written(&requirements)?;
        environment.pip(&["--requirement", text(&requirements)?])?;
        written(&done)?;
        Ok(environment)
    }

    /// Makes a new environment for tests, with what they need besides the package.
    pub fn of_tests() -> Result<Self> {
        let environment = Self { folder: folder().join("tests") };
        environment.make()?;
        let requirements = package().join("tests/requirements.txt");
        environment.pip(&["--requirement", text(&requirements)?])?;
        Ok(environment)
    }

    fn make(&self) -> Result<()> {
        step(&format!("making the virtual environment {}", self.folder.display()));
        let mut python = Command::new("python3");
        python.args(["-m", "venv", "--clear"]).arg(&self.folder);
        run_for(LIMIT, &mut python).context("Debian has `venv` in the package python3-venv")
    }

    /// Installs packages.
    fn pip(&self, packages: &[&str]) -> Result<()> {
        let mut pip = self.command("python");
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]).args(packages);
        run_for(LIMIT, &mut pip)
    }

    /// Installs a wheel without what it depends on.
    pub fn install(&self, wheel: &Path) -> Result<()> {
        self.pip(&["--no-deps", text(wheel)?])
    }

    /// Returns the path of Python.
    pub fn python(&self) -> PathBuf {
        self.folder.join("bin/python")
    }

    /// Returns the command that runs a program of the environment, in the root of the workspace.
    pub fn command(&self, program: &str) -> Command {
        let programs = self.folder.join("bin");
        let mut command = Command::new(programs.join(program));
        // A user's own packages would be found before those of the environment.
        command.env_remove("PYTHONPATH").env_remove("PYTHONHOME").env("PYTHONNOUSERSITE", "1");
        command.env("VIRTUAL_ENV", &self.folder).current_dir(workspace::root());
        command
    }
}

/// Returns the folder of the package.
pub fn package() -> PathBuf {
    workspace::root().join("targets/python")
}

/// Returns the folder for environments and for what is built for Python.
pub fn folder() -> PathBuf {
    workspace::target().join("python")
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().with_context(|| format!("{} is no text", path.display()))
}
