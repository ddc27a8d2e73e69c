//! Builds firmware.

use std::{fs, io, path::PathBuf, process::Command};

use anyhow::{Context, Result};

use crate::{
    boards::{Model, UNO},
    process::{run, step},
    toolchain::Toolchain,
};

/// How firmware is optimised.
#[derive(Clone, Copy)]
pub enum Profile {
    /// The profile that is run and measured.
    Plain,
    /// The same with a panic on each arithmetic overflow. It links only if none can happen.
    Checked,
}

impl Profile {
    fn name(self) -> &'static str {
        match self {
            Self::Plain => "firmware",
            Self::Checked => "firmware-checked",
        }
    }
}

/// Which of the board's features a firmware is built with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Features {
    /// None but that of the programs: the smallest firmware.
    None,
    /// A clock, for firmware that keeps time.
    Clock,
    /// Links under a key.
    Keys,
    /// Links under a key, with the forward secret suite.
    ForwardSecret,
    /// Protobuf messages.
    Protobuf,
    /// All.
    All,
}

/// A board's crates, and the compiler that builds them.
#[derive(Clone, Copy)]
pub struct Firmware {
    /// The board.
    pub board: &'static Model,
    toolchain: Toolchain,
}

impl Firmware {
    /// Chooses the compiler. With `from_source`, the one that builds `core` from source, even if rustup has the target.
    pub fn of(board: &'static Model, from_source: bool) -> Result<Self> {
        let toolchain = if from_source { Toolchain::from_source(board.target) } else { Toolchain::any(board.target)? };
        Ok(Self { board, toolchain })
    }

    /// Returns the compiler.
    pub fn toolchain(self) -> Toolchain {
        self.toolchain
    }

    /// Builds programs. Returns their paths, in the order of `programs`.
    pub fn build(self, profile: Profile, features: Features, programs: &[&str]) -> Result<Vec<PathBuf>> {
        let Model { name, description, .. } = self.board;
        step(&format!("building {} for {name}, {description} (profile {})", programs.join(", "), profile.name()));
        let mut cargo = self.cargo("build", features, &[self.board.firmware()]);
        cargo.args(["--profile", profile.name()]).stdout(io::stderr());
        for program in programs {
            cargo.args(["--bin", program]);
        }
        run(&mut cargo).context(
            "the firmware was not built; an undefined symbol named panic-never means that it contains a panic",
        )?;
        Ok(programs.iter().map(|program| self.toolchain.built(profile.name(), program)).collect())
    }

    /// Runs the linter on the board's crate and its firmware. Warnings are errors.
    pub fn lint(self) -> Result<()> {
        // Not optimised, `core` does not compile for every processor.
        let mut cargo = self.cargo("clippy", Features::All, &[self.board.package(), self.board.firmware()]);
        cargo.args(["--profile", Profile::Plain.name(), "--lib", "--bins"]);
        run(cargo.args(["--", "-D", "warnings"]))
    }

    /// Builds the library's documentation. Warnings are errors.
    pub fn document(self) -> Result<()> {
        let mut cargo = self.cargo("doc", Features::All, &[self.board.package()]);
        cargo.args(["--profile", Profile::Plain.name(), "--lib", "--no-deps"]);
        run(cargo.env("RUSTDOCFLAGS", "-D warnings"))
    }

    /// Returns the names of programs that begin with `prefix`, without the prefix, sorted.
    pub fn names(self, prefix: &str) -> Result<Vec<String>> {
        let folder = self.board.folder().join("firmware/src/bin");
        let mut names = Vec::new();
        for entry in fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))? {
            let file = entry?.file_name().into_string().ok();
            let name = file.as_deref().and_then(|file| file.strip_suffix(".rs")?.strip_prefix(prefix));
            names.extend(name.map(str::to_owned));
        }
        names.sort();
        Ok(names)
    }

    fn cargo(self, subcommand: &str, features: Features, packages: &[String]) -> Command {
        let mut cargo = self.toolchain.cargo(subcommand);
        for package in packages {
            cargo.args(["--package", package]);
        }
        match features {
            // The suite fills the flash of the uno. The feature `keys` would make it larger.
            Features::All if self.board.name == UNO.name && packages.contains(&self.board.firmware()) => {
                cargo.args(["--features", "firmware"])
            }
            Features::All => cargo.arg("--all-features"),
            // The programs themselves.
            Features::None => cargo.args(["--features", "firmware"]),
            Features::Clock => cargo.args(["--features", "firmware,clock"]),
            Features::Keys => cargo.args(["--features", "firmware,keys"]),
            Features::ForwardSecret => cargo.args(["--features", "firmware,forward-secret"]),
            Features::Protobuf => cargo.args(["--features", "firmware,protobuf"]),
        };
        cargo
    }
}
