//! The two ways to a compiler for the board.

use std::{
    env,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Result, ensure};

use crate::{
    install::{DEBIAN_CARGO, DEBIAN_CLIPPY, DEBIAN_RUSTC, DEBIAN_SOURCE, LINKER, Tool},
    process::{find, output, run_within, step},
    workspace,
};

/// The board's processor.
pub const TARGET: &str = "thumbv7m-none-eabi";

/// A download of a few megabytes. Where it takes longer, the other way is faster.
const RUSTUP_LIMIT: Duration = Duration::from_secs(120);

/// Where `core` for the board comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Toolchain {
    /// Built already, by rustup.
    Installed,
    /// Built here from Debian's source. It is smaller, as its `memcpy` is not built for speed,
    /// and the same for everybody who has the same package.
    Source,
}

impl Toolchain {
    /// Finds out which one to use: rustup's if it can be had, else the one from source.
    pub fn any() -> Result<Self> {
        step(&format!("looking for a compiler for {TARGET}"));
        if installed()? {
            eprintln!("    rustup's core for {TARGET}: found");
            return Ok(Self::Installed);
        }
        let why_not = match rustup_adds_it() {
            Ok(()) if installed()? => return Ok(Self::Installed),
            Ok(()) => "rustup added it to another toolchain than cargo uses".to_owned(),
            Err(error) => format!("{error:#}"),
        };
        eprintln!("    {why_not}; building core from source instead");
        Ok(Self::Source)
    }

    /// The tools it consists of, beside rustup's.
    pub fn tools(self) -> &'static [&'static Tool] {
        match self {
            Self::Installed => &[],
            Self::Source => &[&DEBIAN_RUSTC, &DEBIAN_CARGO, &DEBIAN_SOURCE, &LINKER],
        }
    }

    /// The compiler's name for itself.
    pub fn version(self) -> Result<String> {
        output(self.rustc().arg("--version"))
    }

    /// A cargo command that builds for the board.
    pub fn cargo(self, subcommand: &str) -> Command {
        let mut cargo = match self {
            Self::Installed => workspace::cargo(),
            Self::Source => {
                let mut cargo = debian_cargo(subcommand);
                cargo.env("CARGO_TARGET_THUMBV7M_NONE_EABI_LINKER", "ld.lld");
                return self.for_board(cargo);
            }
        };
        cargo.arg(subcommand);
        self.for_board(cargo)
    }

    fn for_board(self, mut cargo: Command) -> Command {
        // Somebody's own flags would make another firmware than the one that is measured and tested.
        cargo.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
        cargo.args(["--target", TARGET]);
        if self == Self::Source {
            cargo.arg("-Zbuild-std=core");
        }
        cargo.arg("--target-dir").arg(self.target_dir());
        cargo
    }

    /// The linter, where it does not come with rustup.
    pub fn linter(self) -> &'static [&'static Tool] {
        match self {
            Self::Installed => &[],
            Self::Source => &[&DEBIAN_CLIPPY],
        }
    }

    /// Where a program is put that was built with `profile`.
    pub fn built(self, profile: &str, program: &str) -> PathBuf {
        self.target_dir().join(TARGET).join(profile).join(program)
    }

    /// One for each, or each would throw away what the other built.
    fn target_dir(self) -> PathBuf {
        workspace::target().join(match self {
            Self::Installed => "firmware-installed",
            Self::Source => "firmware-source",
        })
    }

    fn rustc(self) -> Command {
        match self {
            Self::Installed => Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())),
            Self::Source => Command::new("/usr/bin/rustc"),
        }
    }
}

/// Debian's cargo with Debian's compiler, which can build the standard library from source.
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

fn rustup_adds_it() -> Result<()> {
    ensure!(find("rustup").is_some(), "there is no rustup here");
    let mut rustup = Command::new("rustup");
    // Its own backtraces would hide the one line that says why.
    run_within(RUSTUP_LIMIT, rustup.args(["target", "add", TARGET]).env("RUST_BACKTRACE", "0"))
}

/// Whether the compiler has `core` for the board.
fn installed() -> Result<bool> {
    let folder = output(Toolchain::Installed.rustc().args(["--print", "target-libdir", "--target", TARGET]))?;
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
