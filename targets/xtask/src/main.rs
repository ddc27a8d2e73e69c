//! Everything a developer does with this repository: `cargo xtask --help`.

mod archive;
mod big_endian;
mod boards;
mod capi;
mod capi_tests;
mod checks;
mod columns;
mod components;
mod demo;
mod docs;
mod firmware;
mod firmware_tests;
mod footprint;
mod install;
mod licences;
mod matrix;
mod miri;
mod packages;
mod peers;
mod portability;
mod process;
mod qemu;
mod release;
mod rpcinfo;
mod rust_version;
mod setup;
mod size;
mod soak;
mod sylixos;
mod targets;
mod toolchain;
mod tour;
mod workspace;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

/// Everything a developer does with this repository.
///
/// Each command finds the tools it needs, or installs them where it may, or says what to type.
/// It exits with 0 only when all of it was done and all of it was good.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Finds or installs what the other commands need
    ///
    /// The compiler's target comes from rustup, or else from Debian's packages, which build `core` from source.
    /// QEMU and rpcinfo come from apt, rustfmt and clippy from rustup. What this user may not install is printed as the
    /// command to type.
    Setup {
        /// Sets up the toolchain that builds `core` from source, which `size` always uses, in place of rustup's
        #[arg(long)]
        from_source: bool,
    },
    /// Boots the firmware in QEMU and calls it from here, rightly and wrongly, with timings; then firmware that calls back
    Demo {
        /// Builds the firmware with `core` from source, even where rustup has the target
        #[arg(long)]
        from_source: bool,
    },
    /// Runs every test: the workspace's, the fuzz targets, the soak, Miri's, those on a big-endian machine, and the firmware's in QEMU
    Test {
        /// Builds the firmware with `core` from source, even where rustup has the target
        #[arg(long)]
        from_source: bool,
        /// Runs the firmware's tests only
        #[arg(long)]
        firmware_only: bool,
    },
    /// Runs the portable suite on every board and prints what came of it, with the flash and RAM that it takes
    ///
    /// The suite is one service with every type and every way of calling, and the checks that this machine runs against it
    /// over the board's UART or Ethernet. The boards are QEMU's models. For targets that no board here has, library and suite
    /// are compiled.
    Matrix {
        /// Builds the firmware with `core` from source, even where rustup has the target
        #[arg(long)]
        from_source: bool,
        /// Prints JSON instead of a table
        #[arg(long)]
        json: bool,
    },
    /// Makes very many calls on simulated lines that drop, repeat and damage frames, both ways
    ///
    /// By a clock of the lines' own, so that an hour of it takes some seconds. Every call must give the right result
    /// or time out in time, and none may be executed twice; the figures are printed.
    Soak {
        /// Calls on bad lines, from 100; a tenth as many are made over connections, which lose nothing
        #[arg(long, default_value_t = 1_000_000)]
        calls: u64,
        /// Decides about everything: the same seed and number of calls give the same course
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Prints JSON instead of a table
        #[arg(long)]
        json: bool,
    },
    /// Measures the probes and compares them with their budget
    ///
    /// Flash and static RAM are read from the linked firmware, over an empty one; stack, instructions and bytes on
    /// the wire are measured in QEMU. Going over the budget fails.
    Size {
        /// Prints JSON instead of a table
        #[arg(long)]
        json: bool,
        /// Lowers the budget to today's figures, and adds figures that have none; it never raises one
        #[arg(long)]
        update: bool,
    },
    /// The part of the tests that is in a network of its own
    #[command(hide = true)]
    InsideANetwork { board: String, server: PathBuf, caller: PathBuf },
    /// Builds the C library for a board and for SylixOS, and tests what can be
    ///
    /// Firmware in C is booted in QEMU and called. For SylixOS, which is not here, library and POSIX shim are built for 32- and
    /// 64-bit ARM with its flags, and what they need of the system is compared with a list. Tells where the libraries are.
    C {
        /// Builds the firmware with `core` from source, even where rustup has the target
        #[arg(long)]
        from_source: bool,
        /// Only builds the library that firmware links, for a target such as thumbv7em-none-eabihf, and prints its path and size
        ///
        /// It is optimised for size with LTO, and nothing in it can panic. The library of a plain `cargo build` is twice as
        /// large and does not link: its panics call a symbol that nothing defines.
        #[arg(long, value_name = "TARGET")]
        archive: Option<String>,
        /// Where the archive and oncilla.h are copied to
        #[arg(long, value_name = "DIR", requires = "archive")]
        out: Option<PathBuf>,
    },
    /// Builds the documentation of all crates that people depend on, with the guide and the C header, as a site
    ///
    /// Prints the path of its first page. The folder can be copied to any web server.
    Docs,
    /// Checks under which licences all dependencies are and where they come from, and lists those that come twice
    ///
    /// Permissive licences only, but for the exceptions that it prints with their reasons, and crates.io only.
    Licences,
    /// Checks the crates that are published, and builds each from its package alone
    ///
    /// Plainly, with all features, its documentation, and with the oldest dependencies that its manifest allows. The last needs
    /// crates.io; where it cannot be reached, a note says so.
    Packages,
    /// Commits and tags a new version; pushes and publishes nothing
    ///
    /// The tree must be clean, and "## Unreleased" of CHANGELOG.md must say what is new. It sets the versions in Cargo.toml,
    /// Cargo.lock and the manifests in documents, dates the changelog, checks the packages as `cargo xtask packages` does,
    /// and prints the commands that publish them. Run `cargo xtask ci` before.
    Release {
        /// The next version, such as 0.2.0; or the present one, if it was never tagged
        version: release::Version,
        /// Prints what it would do, and changes nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// What must be good before a change goes in
    ///
    /// Formatting, lints, documentation, a build with the oldest compiler declared, packages, sizes and tests. Goes through all
    /// of them, also when one fails.
    Ci,
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Setup { from_source } => setup::all(from_source),
        Command::Demo { from_source } => demo::run(from_source),
        Command::Test { from_source, firmware_only } => checks::test(from_source, firmware_only),
        Command::Matrix { from_source, json } => matrix::run(from_source, json),
        Command::Soak { calls, seed, json } => soak::test(calls, seed, json),
        Command::Size { json, update } => size::run(json, update),
        Command::InsideANetwork { board, server, caller } => firmware_tests::ethernet::inside(&board, &server, &caller),
        Command::C { from_source, archive: Some(target), out } => archive::build(&target, out.as_deref(), from_source),
        Command::C { from_source, .. } => capi_tests::run(from_source).and_then(|()| sylixos::test()),
        Command::Docs => docs::build().map(|page| println!("{}", page.display())),
        Command::Licences => licences::check(),
        Command::Packages => packages::check(),
        Command::Release { version, dry_run } => release::make(version, dry_run),
        Command::Ci => checks::all(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
