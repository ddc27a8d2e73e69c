//! The tasks of this repository's developers: `cargo xtask --help`.

mod archive;
mod big_endian;
mod boards;
mod c_package;
mod capi;
mod capi_tests;
mod checks;
mod columns;
mod components;
mod demo;
mod docs;
mod drpc;
mod firmware;
mod firmware_tests;
mod fleet;
mod footprint;
mod foreign;
mod install;
mod installed;
mod licences;
mod matrix;
mod miri;
mod packages;
mod parts;
mod peers;
mod picture;
mod portability;
mod process;
mod python;
mod python_clients;
mod qemu;
mod release;
mod rpcinfo;
mod rust_version;
mod setup;
mod side_by_side;
mod size;
mod soak;
mod sylixos;
mod targets;
mod test_programs;
mod toolchain;
mod tour;
mod web;
mod windows;
mod workspace;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand, builder::PossibleValuesParser};

/// The tasks of this repository's developers.
///
/// Each command finds the tools it needs, installs them if it may, or prints the command that installs them. It exits
/// with 0 only if everything was done and everything passed.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Finds or installs the tools that the other commands need
    ///
    /// The compiler's target comes from rustup, or from Debian's packages, which build `core` from source. QEMU and
    /// rpcinfo come from apt, rustfmt and clippy from rustup. For tools that this user may not install, it prints the
    /// command to type.
    Setup {
        /// Sets up the toolchain that builds `core` from source, which `size` always uses, instead of rustup's
        #[arg(long)]
        from_source: bool,
    },
    /// Boots firmware in QEMU and makes calls with their times, valid and invalid ones; then boots firmware that calls
    /// back
    Demo {
        /// Builds the firmware with `core` from source, even where rustup has the target
        #[arg(long)]
        from_source: bool,
    },
    /// Runs all tests: of the workspace, the fuzz targets, the soak, Miri, a big-endian machine, and firmware in QEMU
    ///
    /// Two parts of them run at a time. The output of a part is printed when the part ends, and the times of all parts
    /// at the end.
    Test {
        /// Builds the firmware with `core` from source, even where rustup has the target
        #[arg(long)]
        from_source: bool,
        /// Runs only the tests of firmware
        #[arg(long)]
        firmware_only: bool,
        /// Runs only this part; can be given several times. A single part prints while it runs
        #[arg(long, value_name = "PART", value_parser = names(), conflicts_with = "firmware_only")]
        only: Vec<String>,
    },
    /// Runs the portable suite on every board, and prints the results with flash and RAM
    ///
    /// The suite is a service with every type and every kind of call, and the checks that this machine runs on it over
    /// the board's UART or Ethernet. The boards are QEMU's models. For targets without a board, library and suite are
    /// compiled.
    Matrix {
        /// Builds the firmware with `core` from source, even where rustup has the target
        #[arg(long)]
        from_source: bool,
        /// Prints JSON instead of a table
        #[arg(long)]
        json: bool,
    },
    /// Makes very many calls in both directions on simulated lines that drop, repeat and damage frames
    ///
    /// The lines have a simulated clock, so an hour of line time takes seconds. Every call must return the right result
    /// or time out in time, and no call may be executed twice. Prints the figures.
    Soak {
        /// The number of calls on bad lines, from 100; a tenth as many are made over connections, which lose nothing
        #[arg(long, default_value_t = 1_000_000)]
        calls: u64,
        #[command(flatten)]
        endurance: soak::Endurance,
        /// Prints JSON instead of a table
        #[arg(long)]
        json: bool,
    },
    /// Runs the fuzz targets for a number of executions, on seeds that are changed at random
    ///
    /// A run of hours can be stopped and continued (`--state`). An input that fails is kept in tests/fuzz/artifacts.
    Fuzz {
        /// The number of executions of each target
        #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..))]
        executions: u64,
        #[command(flatten)]
        endurance: soak::Endurance,
        /// Runs only these targets
        #[arg(long, value_name = "TARGET", value_delimiter = ',')]
        only: Vec<String>,
    },
    /// Attacks keyed links: replays, splices, flips, delays, floods, old and other keys
    ///
    /// An end may accept only what its peer sent in the session, and only once. Every call during which no message was
    /// dropped or delayed must succeed. Prints the figures.
    Attack {
        /// The number of attacks on simulated lines at least
        #[arg(long, default_value_t = 2_000_000)]
        attacks: u64,
        /// Attacks firmware in QEMU instead, on its serial line, while it is called and reset
        #[arg(long, conflicts_with = "attacks")]
        firmware: bool,
        /// How long the firmware is attacked
        #[arg(long, default_value_t = 5, requires = "firmware", value_parser = clap::value_parser!(u64).range(1..=1_440))]
        minutes: u64,
        /// The seed of all random decisions: the same seed and number of attacks repeat a run on simulated lines
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Prints JSON instead of a table
        #[arg(long)]
        json: bool,
    },
    /// Measures a fleet of simulated devices behind two gateways and a mosquitto, with faults
    ///
    /// Measures calls a second through the broker beside bare MQTT request and response in the same run, the latency
    /// that is added, and the memory of a gateway. Then gateway, broker, devices and network fail while calls, casts
    /// and queued calls are made: none may be lost without an error, and none may be executed twice. Prints the figures
    /// with a verdict of each.
    Fleet {
        /// The number of devices
        #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(10..=10_000))]
        devices: u64,
        /// The number of calls and casts while faults happen
        #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1_000..=10_000_000))]
        calls: u64,
        /// The seconds of each measurement of calls a second
        #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
        seconds: u64,
        /// Prints JSON instead of a table
        #[arg(long)]
        json: bool,
    },
    /// Measures the probes and compares them with their budget
    ///
    /// Flash and static RAM are read from the linked firmware, and those of an empty firmware subtracted. Stack,
    /// instructions and bytes on the wire are measured in QEMU. Fails if a figure exceeds its budget.
    Size {
        /// Prints JSON instead of a table
        #[arg(long)]
        json: bool,
        /// Lowers the budget to the current figures, and adds missing figures; never raises a figure
        #[arg(long)]
        update: bool,
    },
    /// Builds the Python package: a wheel for this machine and a source distribution, in target/wheels
    ///
    /// Prints their paths. maturin, which builds them, is installed from PyPI in a virtual environment in
    /// target/python. The wheel is for Python 3.9 and later.
    Python {
        /// Measures calls a second instead, beside the Rust client and python-vxi11's RPC
        #[arg(long)]
        bench: bool,
        /// Makes this many calls instead, and fails if the memory grows
        #[arg(long, value_name = "CALLS", num_args = 0..=1, default_missing_value = "1000000", conflicts_with = "bench")]
        soak: Option<u64>,
    },
    /// Draws the picture of the README: runs the command against a stand-in for a device
    Picture,
    /// Measures the page of `oncilla web` in Chromium: the first paint, and what twenty plotted values cost
    ///
    /// With `--folder`, makes the page without a server instead, and prints what a browser downloads.
    Web {
        /// Makes the pictures of the page for README and guide instead
        #[arg(long)]
        pictures: bool,
        #[command(flatten)]
        folder: web::Arguments,
    },
    /// Runs a part of the tests or checks without looking for its tools
    #[command(hide = true)]
    Part {
        name: String,
        #[arg(long)]
        from_source: bool,
    },
    /// Runs the tests that need a network of their own
    #[command(hide = true)]
    InsideANetwork { board: String, server: PathBuf, caller: PathBuf },
    /// Runs the checks of the multimeter, which need a network of their own
    #[command(hide = true)]
    InstrumentInsideANetwork { board: String, firmware: PathBuf, python: PathBuf },
    /// Builds the C library for a board and for SylixOS, and tests it
    ///
    /// Firmware in C is booted in QEMU and called. SylixOS cannot be run here: library and POSIX shim are built for 32-
    /// and 64-bit ARM with its flags, and the symbols that they need are compared with a list. Prints the paths of the
    /// libraries.
    C {
        /// Builds the firmware with `core` from source, even where rustup has the target
        #[arg(long)]
        from_source: bool,
        /// Only builds the library for firmware, for a target such as thumbv7em-none-eabihf, and prints its path and
        /// size
        ///
        /// The library is optimised for size with LTO and contains no panics. The library of a plain `cargo build` does
        /// not link: its panics call an undefined symbol.
        #[arg(long, value_name = "TARGET", group = "built")]
        archive: Option<String>,
        /// Only builds Debian packages of the library for this machine, liboncilla0.1 and liboncilla-dev, and oncilla.h with
        /// the version in its name; prints their paths
        #[arg(long, group = "built")]
        package: bool,
        /// The folder for the archive and oncilla.h, or for the packages [default: for packages target/packages]
        #[arg(long, value_name = "DIR", requires = "built")]
        out: Option<PathBuf>,
        /// Includes links with keys in the library
        #[arg(long, requires = "archive")]
        keys: bool,
        /// Lets the library check the arguments of every function: for the tests of a firmware, which takes 2.2 kB more
        /// for a server
        #[arg(long, requires = "archive")]
        checks: bool,
    },
    /// Builds the documentation of all crates that people depend on, with the guide and the C header, as a site
    ///
    /// Prints the path of its first page. The folder can be copied to any web server.
    Docs,
    /// Checks the licences and sources of all dependencies, and lists dependencies in several versions
    ///
    /// Only permissive licences are allowed, with exceptions that it prints with their reasons, and only crates.io.
    Licences,
    /// Checks the crates that are published, and builds each from its package alone
    ///
    /// Builds each without options, with all features, its documentation, and with the oldest dependencies that its
    /// manifest allows. The last needs crates.io; if crates.io cannot be reached, it prints a note.
    Packages,
    /// Commits and tags a new version; pushes and publishes nothing
    ///
    /// The tree must be clean, and "## Unreleased" of CHANGELOG.md must list the changes. Sets the versions in
    /// Cargo.toml, Cargo.lock and the manifests in documents, dates the changelog, checks the packages as `cargo xtask
    /// packages` does, and prints the commands that publish them. Run `cargo xtask ci` before.
    Release {
        /// The next version, such as 0.2.0; or the current one, if it was never tagged
        version: release::Version,
        /// Prints the steps and changes nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Runs everything that must pass before a change is merged
    ///
    /// Formatting, lints, documentation, a build with the oldest supported compiler, packages, sizes and tests, two
    /// parts at a time. Continues after a failure, and prints the times of all parts at the end.
    Ci,
}

/// The names of the tests' parts.
fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(parts::TESTS.iter().map(|part| part.name))
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Setup { from_source } => setup::all(from_source),
        Command::Demo { from_source } => demo::run(from_source),
        Command::Test { from_source, firmware_only, only } => checks::test(from_source, firmware_only, &only),
        Command::Part { name, from_source } => checks::part(&name, from_source),
        Command::Matrix { from_source, json } => matrix::run(from_source, json),
        Command::Soak { calls, endurance, json } => soak::test(calls, &endurance, json),
        Command::Fuzz { executions, endurance, only } => soak::fuzz(executions, &endurance, &only),
        Command::Attack { firmware: true, minutes, seed, json, .. } => {
            firmware_tests::keyed::attack::run(minutes, seed, json)
        }
        Command::Attack { attacks, seed, json, .. } => soak::attack(attacks, seed, json),
        Command::Fleet { devices, calls, seconds, json } => {
            fleet::measure(&fleet::Options { devices, calls, seconds, json })
        }
        Command::Python { soak: Some(calls), .. } => python::figures::soak(calls),
        Command::Python { bench: true, .. } => python::figures::bench(),
        Command::Python { .. } => python::wheel::build(),
        Command::Picture => picture::draw(),
        Command::Web { pictures, folder } => web::run(pictures, &folder),
        Command::Size { json, update } => size::run(json, update),
        Command::InsideANetwork { board, server, caller } => firmware_tests::ethernet::inside(&board, &server, &caller),
        Command::InstrumentInsideANetwork { board, firmware, python } => {
            firmware_tests::ethernet::instrument::inside(&board, &firmware, &python)
        }
        Command::C { package: true, out, .. } => {
            c_package::build(&out.unwrap_or_else(|| workspace::target().join("packages")))
        }
        Command::C { from_source, archive: Some(target), out, keys, checks, .. } => {
            archive::build(&target, out.as_deref(), capi::Parts { keys, checks }, from_source)
        }
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
