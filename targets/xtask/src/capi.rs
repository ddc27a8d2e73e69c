//! The C library for targets without an operating system, and the firmware in C that uses it
//! (`targets/capi/c/firmware`).

use std::{collections::BTreeMap, fs, io, path::Path, path::PathBuf, process::Command};

use anyhow::{Context, Result, ensure};

use crate::{
    boards::LM3S6965EVB,
    footprint::Footprint,
    install::ARM_GCC,
    process::{run, step},
    toolchain::Toolchain,
    workspace,
};

/// The profiles of the library: as for firmware, and the same with a panic on each arithmetic overflow.
pub const PROFILES: [&str; 2] = ["firmware-checked", "firmware"];

/// The flags for C code.
pub const STRICT: [&str; 7] = ["-std=c99", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-pedantic", "-Os"];

/// The flags for the board's processor, which also link only what is used.
const FLAGS: [&str; 7] = [
    "-mcpu=cortex-m3",
    "-mthumb",
    "-ffreestanding",
    "-ffunction-sections",
    "-fdata-sections",
    "-nostdlib",
    "-fno-strict-aliasing",
];
const LINK: [&str; 5] =
    ["-Wl,--gc-sections", "-Wl,--nmagic", "-Wl,-z,noexecstack", "-Wl,--no-warn-rwx-segments", "-Tlayout.ld"];

/// The firmware with only start-up code. The others are measured relative to it.
const EMPTY: &str = "empty";

/// The firmware that uses the library.
const FIRMWARE: [&str; 8] =
    ["answer", "record", "cobs", "server", "cobs_client", "client", "cobs_endpoint", "endpoint"];

/// The programs that measure calls, and the firmware that they are about.
const MEASURES: [(&str, &str); 4] = [
    ("record", "measure_record"),
    ("cobs", "measure_cobs"),
    ("server", "measure_serial"),
    ("cobs_client", "measure_cobs_client"),
];

/// The firmware that uses the library with keys.
const WITH_KEYS: [&str; 1] = ["keyed"];

/// The firmware that has its interface from `examples/sensor/sensor.x`.
const GENERATED: [&str; 2] = ["sensor_device", "sensor_display"];

/// What the static library has.
#[derive(Clone, Copy)]
pub struct Parts {
    /// Links with keys.
    pub keys: bool,
    /// Checks of the arguments of the C program.
    pub checks: bool,
}

/// Builds the static library. Returns its path, which is the same whatever its parts are.
pub fn library(toolchain: Toolchain, profile: &str, parts: Parts) -> Result<PathBuf> {
    let mut cargo = toolchain.cargo("rustc");
    cargo.args(["--package", "oncilla-capi", "--lib", "--crate-type", "staticlib", "--profile", profile]);
    cargo.args(["--no-default-features", "--features", "panic-handler"]);
    for (feature, is_there) in [("keys", parts.keys), ("checks", parts.checks)] {
        if is_there {
            cargo.args(["--features", feature]);
        }
    }
    run(cargo.stdout(io::stderr())).context("the C library was not built")?;
    // The folder of the profile `dev` has another name.
    Ok(toolchain.folder(if profile == "dev" { "debug" } else { profile }).join("liboncilla_capi.a"))
}

/// The builds of the library whose firmware must link, which it does only without a panic. The last one is measured and
/// tested: the one that is shipped.
const BUILDS: [(&str, bool); 3] = [("firmware-checked", false), ("firmware", true), ("firmware", false)];

/// Builds all firmware in C, without panics also when overflows are checked. Returns the paths.
pub fn firmware(toolchain: Toolchain) -> Result<BTreeMap<&'static str, PathBuf>> {
    let mut files = BTreeMap::new();
    for (profile, checks) in BUILDS {
        let arguments = if checks { "with" } else { "without" };
        step(&format!(
            "building firmware in C for {} (profile {profile}, {arguments} checks of arguments)",
            LM3S6965EVB.name
        ));
        let plain = library(toolchain, profile, Parts { keys: false, checks })?;
        let measures = MEASURES.into_iter().map(|(_, program)| program);
        for program in [EMPTY].into_iter().chain(FIRMWARE).chain(measures) {
            files.insert(program, link(program, &plain, &[])?);
        }
        let sources = generated(plain.parent().context("the library is in a folder")?)?;
        for program in GENERATED {
            files.insert(program, link(program, &plain, &sources)?);
        }
        let keyed = library(toolchain, profile, Parts { keys: true, checks })?;
        for program in WITH_KEYS {
            files.insert(program, link(program, &keyed, &[])?);
        }
    }
    Ok(files)
}

/// Generates the C of `examples/sensor/sensor.x` in a folder. Returns its sources.
fn generated(folder: &Path) -> Result<Vec<PathBuf>> {
    let file = workspace::root().join("examples/sensor/sensor.x");
    let output = oncilla_rpcgen::Options::new().generate_c(file, "sensor")?;
    let folder = folder.join("c-generated");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("sensor.h"), output.header)?;
    let parts =
        [("sensor.c", Some(output.codec)), ("sensor_client.c", output.client), ("sensor_server.c", output.server)];
    let mut sources = Vec::new();
    for (name, text) in parts {
        fs::write(folder.join(name), text.context("sensor.x has a program")?)?;
        sources.push(folder.join(name));
    }
    Ok(sources)
}

/// Links a program with the library and more sources, whose headers are beside them.
fn link(program: &str, library: &Path, sources: &[PathBuf]) -> Result<PathBuf> {
    let (mut gcc, file) = linker(program, library)?;
    // Server and client are in one file of firmware each. What one of them has not, the other does not need.
    let part = |source: &&PathBuf| {
        !source.ends_with(if program == "sensor_device" { "sensor_client.c" } else { "sensor_server.c" })
    };
    gcc.args(sources.iter().filter(part)).arg("-I").arg(library.with_file_name("c-generated"));
    run(&mut gcc).context("an undefined symbol named oncilla_panicked_… means that the library contains a panic")?;
    Ok(file)
}

/// What links a program with the library, and where it is put.
fn linker(program: &str, library: &Path) -> Result<(Command, PathBuf)> {
    let file = library.with_file_name(format!("c-{program}"));
    let folder = workspace::root().join("targets/capi/c/firmware");
    let mut gcc = ARM_GCC.command()?;
    gcc.args(STRICT).args(FLAGS).args(LINK).arg("-L").arg(LM3S6965EVB.folder()).args(["-I", "../../include"]);
    gcc.args([&format!("{program}.c"), "board.c", "three.c"]).arg(library).arg("-o").arg(&file).current_dir(folder);
    Ok((gcc, file))
}

/// The undefined symbol in the library of a plain `cargo build`. Its name states what to do.
const ADVICE: &str = "undefined reference to `oncilla_panicked_use_cargo_xtask_c_archive'";

/// Checks that firmware with the library of a plain `cargo build` does not link, and that the linker's error states
/// what to do.
pub fn misbuilt_library_is_named(toolchain: Toolchain) -> Result<()> {
    let library = library(toolchain, "dev", Parts { keys: false, checks: true })?;
    let (mut gcc, _) = linker("server", &library)?;
    let linked = gcc.output().context("cannot start the linker")?;
    let said = String::from_utf8_lossy(&linked.stderr);
    ensure!(!linked.status.success() && said.contains(ADVICE), "the linker did not say \"{ADVICE}\", but \"{said}\"");
    Ok(())
}

/// Returns the program that measures the calls of a firmware.
pub fn measure(program: &str) -> Option<&'static str> {
    MEASURES.into_iter().find(|(measured, _)| *measured == program).map(|(_, measure)| measure)
}

/// Returns the flash and RAM of each firmware, less those of the empty one.
pub fn footprints(files: &BTreeMap<&'static str, PathBuf>) -> Result<Vec<(&'static str, Footprint)>> {
    let footprint = |program| Footprint::of(files.get(program).context("it was built")?);
    let empty = footprint(EMPTY)?;
    let over = |program| {
        let Footprint { flash, static_ram } = footprint(program)?;
        ensure!(flash > empty.flash, "{program}.c takes no more flash than empty.c: it does nothing");
        let static_ram = static_ram.saturating_sub(empty.static_ram);
        Ok((program, Footprint { flash: flash - empty.flash, static_ram }))
    };
    FIRMWARE.into_iter().chain(WITH_KEYS).map(over).collect()
}
