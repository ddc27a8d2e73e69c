//! The two ways to get a compiler for a target.

use std::{
    env,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};

use crate::{
    install::{DEBIAN_CARGO, DEBIAN_CLIPPY, DEBIAN_RUSTC, DEBIAN_SOURCE, Tool},
    process::{find, output, run_within},
    targets::Target,
    workspace,
};

/// The time limit for a download of a few megabytes. If it takes longer, building from source is faster.
const RUSTUP_LIMIT: Duration = Duration::from_secs(120);

/// A compiler for a target.
#[derive(Clone, Copy, Debug)]
pub struct Toolchain {
    target: &'static Target,
    core: Core,
}

/// Where `core` for a target comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Core {
    /// Prebuilt by rustup.
    Installed,
    /// Built here from Debian's source. It is smaller, because its `memcpy` is not optimised for speed, and it is the
    /// same for everybody with the same package.
    Source,
}

impl Toolchain {
    /// Chooses rustup's `core` if it is available, otherwise the one from source.
    pub fn any(target: &'static Target) -> Result<Self> {
        let is_installed = || Ok::<_, anyhow::Error>(target.in_rustup && has_core(target.name)?);
        let core = if is_installed()? || (target.in_rustup && rustup_adds(target.name) && is_installed()?) {
            eprintln!("    rustup's core for {}: found", target.name);
            Core::Installed
        } else {
            eprintln!("    core for {} is built from source", target.name);
            Core::Source
        };
        Ok(Self { target, core })
    }

    /// Chooses the one that builds `core` from source.
    pub const fn from_source(target: &'static Target) -> Self {
        Self { target, core: Core::Source }
    }

    /// Returns the tools that are needed besides rustup's.
    pub fn tools(self) -> Vec<&'static Tool> {
        match self.core {
            Core::Installed => self.target.tools.to_vec(),
            Core::Source => {
                [&[&DEBIAN_RUSTC, &DEBIAN_CARGO, &DEBIAN_SOURCE, self.target.linker], self.target.tools].concat()
            }
        }
    }

    /// Returns the version that the compiler reports.
    pub fn version(self) -> Result<String> {
        output(self.rustc().arg("--version"))
    }

    /// Returns a cargo command that builds for the target.
    pub fn cargo(self, subcommand: &str) -> Command {
        let mut cargo = match self.core {
            Core::Installed => {
                let mut cargo = workspace::cargo();
                cargo.arg(subcommand);
                cargo
            }
            Core::Source => {
                let mut cargo = debian_cargo(subcommand);
                cargo.env(self.target.variable("LINKER"), self.target.linker.file);
                cargo.arg(format!("-Zbuild-std={}", self.target.libraries));
                // Budgets are of firmware with debug information. Without it, some differ by four bytes.
                for profile in ["FIRMWARE", "FIRMWARE_CHECKED"] {
                    cargo.env_remove(format!("CARGO_PROFILE_{profile}_DEBUG"));
                }
                cargo
            }
        };
        // A user's own flags would change the firmware that is measured and tested.
        cargo.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
        if !self.target.flags.is_empty() {
            cargo.env(self.target.variable("RUSTFLAGS"), self.target.flags);
        }
        cargo.args(["--target", self.target.name]).arg("--target-dir").arg(self.target_dir());
        cargo
    }

    /// Returns the linter, if it does not come with rustup.
    pub fn linter(self) -> &'static [&'static Tool] {
        match self.core {
            Core::Installed => &[],
            Core::Source => &[&DEBIAN_CLIPPY],
        }
    }

    /// Returns the path of a program built with `profile`.
    pub fn built(self, profile: &str, program: &str) -> PathBuf {
        self.folder(profile).join(program.to_owned() + self.target.suffix)
    }

    /// Returns the folder of everything built with `profile`.
    pub fn folder(self, profile: &str) -> PathBuf {
        self.target_dir().join(self.target.name).join(profile)
    }

    /// Returns the target folder. Each has its own, because they would overwrite each other's files.
    fn target_dir(self) -> PathBuf {
        workspace::target().join(match self.core {
            Core::Installed => "firmware-installed",
            Core::Source => "firmware-source",
        })
    }

    fn rustc(self) -> Command {
        match self.core {
            Core::Installed => rustc(),
            Core::Source => Command::new("/usr/bin/rustc"),
        }
    }
}

/// Returns the compiler that cargo uses.
fn rustc() -> Command {
    Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
}

/// Returns Debian's cargo with Debian's compiler, which can build the standard library from source.
pub fn debian_cargo(subcommand: &str) -> Command {
    // A user's own linter would be found before Debian's, and would not know Debian's compiler.
    let linter = subcommand == "clippy";
    let mut cargo = Command::new(if linter { "/usr/bin/cargo-clippy" } else { "/usr/bin/cargo" });
    cargo
        .env("CARGO", "/usr/bin/cargo")
        .current_dir(workspace::root())
        .env("RUSTC", "/usr/bin/rustc")
        .env("RUSTDOC", "/usr/bin/rustdoc")
        // `-Zbuild-std` is for nightly compilers; this makes a released one take it.
        .env("RUSTC_BOOTSTRAP", "1")
        .arg(subcommand);
    cargo
}

/// Returns those of the targets for which the compiler that cargo uses has `core`. Adds what rustup has.
pub fn installed(names: &[&'static str]) -> Vec<&'static str> {
    let listed = find("rustup").and_then(|_| output(Command::new("rustup").args(["target", "list"])).ok());
    let has_rustup = |name: &&str| listed.as_deref().is_some_and(|list| list.lines().any(|line| line == *name));
    let start = Instant::now();
    // A target that is installed already is listed with a remark. One by one: rustup adds all or none.
    for name in names.iter().copied().filter(has_rustup) {
        let Some(left) = RUSTUP_LIMIT.checked_sub(start.elapsed()) else { break };
        if let Err(error) = rustup_within(left, &["target", "add", name]) {
            eprintln!("    {error:#}; building core from source instead");
        }
    }
    names.iter().copied().filter(|name| has_core(name).unwrap_or(false)).collect()
}

/// Adds a target by rustup; returns whether it did. After a failure rustup is not asked again while this program runs: a
/// machine without rustup or network has no other target either.
fn rustup_adds(name: &str) -> bool {
    static USELESS: AtomicBool = AtomicBool::new(false);
    if USELESS.load(Relaxed) {
        return false;
    }
    let added = rustup_within(RUSTUP_LIMIT, &["target", "add", name]);
    if let Err(error) = &added {
        eprintln!("    {error:#}; building core from source instead");
        USELESS.store(true, Relaxed);
    }
    added.is_ok()
}

fn rustup_within(limit: Duration, arguments: &[&str]) -> Result<()> {
    ensure!(find("rustup").is_some(), "there is no rustup here");
    let mut rustup = Command::new("rustup");
    // A backtrace of rustup would hide the line with the reason.
    run_within(limit, rustup.args(arguments).env("RUST_BACKTRACE", "0"))
}

/// Returns whether the compiler that cargo uses has `core` for the target.
fn has_core(target: &str) -> Result<bool> {
    let folder = output(rustc().args(["--print", "target-libdir", "--target", target]))?;
    let Ok(files) = fs::read_dir(Path::new(&folder)) else {
        // No folder is no target.
        return Ok(false);
    };
    let is_core = |name: &OsStr| {
        let name = name.to_string_lossy();
        name.starts_with("libcore-") && name.ends_with(".rlib")
    };
    Ok(files.flatten().any(|file| is_core(&file.file_name())))
}
