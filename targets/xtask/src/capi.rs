//! The C library for targets without an operating system, and the firmware in C that uses it
//! (`targets/capi/c/firmware`).

use std::{collections::BTreeMap, io, path::Path, path::PathBuf, process::Command};

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
pub const STRICT: [&str; 6] = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-Os"];

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
const FIRMWARE: [&str; 5] = ["answer", "record", "server", "client", "endpoint"];

/// The firmware that uses the library with keys.
const WITH_KEYS: [&str; 1] = ["keyed"];

/// Builds the static library, with links with keys or without. Returns its path, which is the same for both.
pub fn library(toolchain: Toolchain, profile: &str, keys: bool) -> Result<PathBuf> {
    let mut cargo = toolchain.cargo("rustc");
    cargo.args(["--package", "oncilla-capi", "--lib", "--crate-type", "staticlib", "--profile", profile]);
    cargo.args(if keys { &["--features", "keys"][..] } else { &[] });
    run(cargo.stdout(io::stderr())).context("the C library was not built")?;
    // The folder of the profile `dev` has another name.
    Ok(toolchain.folder(if profile == "dev" { "debug" } else { profile }).join("liboncilla_capi.a"))
}

/// Builds all firmware in C, without panics also when overflows are checked. Returns the paths.
pub fn firmware(toolchain: Toolchain) -> Result<BTreeMap<&'static str, PathBuf>> {
    let mut files = BTreeMap::new();
    for profile in PROFILES {
        step(&format!("building firmware in C for {} (profile {profile})", LM3S6965EVB.name));
        let plain = library(toolchain, profile, false)?;
        for program in [EMPTY].into_iter().chain(FIRMWARE) {
            files.insert(program, link(program, &plain)?);
        }
        let keyed = library(toolchain, profile, true)?;
        for program in WITH_KEYS {
            files.insert(program, link(program, &keyed)?);
        }
    }
    Ok(files)
}

fn link(program: &str, library: &Path) -> Result<PathBuf> {
    let (mut gcc, file) = linker(program, library)?;
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
    let library = library(toolchain, "dev", false)?;
    let (mut gcc, _) = linker("server", &library)?;
    let linked = gcc.output().context("cannot start the linker")?;
    let said = String::from_utf8_lossy(&linked.stderr);
    ensure!(!linked.status.success() && said.contains(ADVICE), "the linker did not say \"{ADVICE}\", but \"{said}\"");
    Ok(())
}

/// Returns the flash and RAM of each firmware, less those of the empty one.
pub fn footprints(toolchain: Toolchain) -> Result<Vec<(&'static str, Footprint)>> {
    let files = firmware(toolchain)?;
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
