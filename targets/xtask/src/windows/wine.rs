//! Wine with a folder of its own, whose processes end with this value.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result};

use crate::{
    process::{run_within, step},
    workspace,
};

/// The time limit for creating the folder, which takes some seconds.
const LIMIT: Duration = Duration::from_secs(180);

/// The seconds that Wine's server stays when no program runs. Without this it ends after three, and a program that
/// starts in that moment finds its connection to the server reset. It is longer than any build between two programs,
/// and has an end for when this program is killed and cannot stop the server.
const STAYS: u32 = 1800;

/// A Wine, with its registry and its drives in a folder.
pub struct Wine {
    prefix: PathBuf,
}

impl Wine {
    /// Creates the folder, or updates it.
    pub fn start(prefix: PathBuf) -> Result<Self> {
        step(&format!("preparing Wine in {}", prefix.display()));
        fs::create_dir_all(&prefix).with_context(|| format!("cannot create {}", prefix.display()))?;
        let prefix = prefix.canonicalize()?;
        let wine = Self { prefix };
        run_within(
            LIMIT,
            wine.prepared("wineserver").arg(format!("-p{STAYS}")).stdout(Stdio::null()).stderr(Stdio::null()),
        )?;
        run_within(LIMIT, wine.command().args(["wineboot", "-i"]))?;
        wine.complete()?;
        Ok(wine)
    }

    /// Adds the DLL that Rust's standard library takes random numbers from, which Wine 8 lacks.
    fn complete(&self) -> Result<()> {
        let dll = self.prefix.join("drive_c/windows/system32/bcryptprimitives.dll");
        let mut gcc = Command::new("x86_64-w64-mingw32-gcc");
        gcc.args(["-shared", "-Os", "-o"]).arg(dll);
        gcc.arg(workspace::own("src/windows/bcryptprimitives.c")).arg("-ladvapi32");
        run_within(LIMIT, &mut gcc)
    }

    /// Returns the command that runs a program for Windows, its next argument.
    pub fn command(&self) -> Command {
        self.prepared("wine")
    }

    /// Returns the path that stands for a device such as `com33`.
    pub fn device(&self, name: &str) -> PathBuf {
        self.prefix.join("dosdevices").join(name)
    }

    /// Sets the variables that Wine reads.
    pub fn prepare<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env("WINEPREFIX", &self.prefix).env("WINEDEBUG", "-all").env_remove("DISPLAY")
    }

    fn prepared(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        self.prepare(&mut command);
        command
    }
}

impl Drop for Wine {
    fn drop(&mut self) {
        // Only the processes of this folder. It fails if they have ended already.
        let _ = self.prepared("wineserver").arg("-k").status();
    }
}
