//! Builds the C library and the POSIX shim as for SylixOS: position-independent, with its flags, using only names of
//! POSIX. Nothing is run, because SylixOS cannot be run here.

use std::{collections::BTreeSet, fs, path::Path, path::PathBuf, process::Command};

use anyhow::{Context, Result, ensure};
use object::{Object, ObjectSymbol};

use crate::{
    capi::{self, STRICT},
    install::{self, AARCH64_GCC, ARM_GCC, LINKER, Tool},
    process::{output, run, step},
    targets::Target,
    toolchain::Toolchain,
    workspace,
};

/// A processor that SylixOS runs on.
struct Platform {
    target: Target,
    gcc: &'static Tool,
    /// The flags that SylixOS's makefiles give to applications.
    flags: &'static [&'static str],
    /// A register that belongs to the system.
    reserved: Option<Reserved>,
}

struct Reserved {
    objdump: &'static str,
    names: [&'static str; 2],
}

static ARM: Platform = Platform {
    target: target("armv7a-none-eabi", "-C relocation-model=pic"),
    gcc: &ARM_GCC,
    flags: &[
        "-march=armv7-a",
        "-mfpu=vfpv3-d16",
        "-mfloat-abi=softfp",
        "-mno-unaligned-access",
        "-fno-strict-aliasing",
        "-fsigned-char",
        "-fno-short-enums",
    ],
    reserved: None,
};

static AARCH64: Platform = Platform {
    target: target("aarch64-unknown-none", "-C relocation-model=pic -Zfixed-x18"),
    gcc: &AARCH64_GCC,
    flags: &["-ffixed-x18", "-fno-strict-aliasing", "-fsigned-char", "-fno-short-enums"],
    reserved: Some(Reserved { objdump: "aarch64-linux-gnu-objdump", names: ["x18", "w18"] }),
};

/// `core` as rustup has it is not position-independent, nor does it leave a register alone.
const fn target(name: &'static str, flags: &'static str) -> Target {
    Target { in_rustup: false, flags, ..Target::of_rustup(name) }
}

/// The shim, named from the folder of the ports.
const SHIM: [&str; 4] = [
    "systems/sylixos/src/oncilla_posix.c",
    "systems/sylixos/src/oncilla_posix_server.c",
    "systems/sylixos/src/oncilla_serial.c",
    "capi/c/oncilla_fd.c",
];

/// Builds library and shim for each processor, links a shared object and compares its undefined symbols with a list.
pub fn test() -> Result<()> {
    let allowed = allowed()?;
    for platform in [&ARM, &AARCH64] {
        let name = platform.target.name;
        step(&format!("building the C library and the POSIX shim for {name}, as for SylixOS"));
        let toolchain = Toolchain::from_source(&platform.target);
        install::tools(&[&[platform.gcc], &*toolchain.tools()].concat())?;
        for profile in capi::PROFILES {
            let library = capi::library(toolchain, profile, capi::Parts { keys: false, checks: true })?;
            let shared = link(platform, &library)?;
            compare(&needed(&shared)?, &allowed, name)?;
            platform.reserved.as_ref().map_or(Ok(()), |reserved| spared(reserved, &shared))?;
            println!(
                "test {} needs, with the shim, {} names of POSIX and nothing else ... ok",
                library.display(),
                allowed.len()
            );
        }
    }
    Ok(())
}

/// Compiles the shim and links it with the whole library. Relocations in code are an error.
fn link(platform: &Platform, library: &Path) -> Result<PathBuf> {
    let folder = library.with_file_name("sylixos");
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let ports = workspace::root().join("targets");
    // No headers but the compiler's own and those that declare what POSIX has.
    let own = output(platform.gcc.command()?.arg("-print-file-name=include"))?;
    let mut objects = Vec::new();
    for source in SHIM {
        let object = folder.join(source.replace('/', "-")).with_extension("o");
        let mut gcc = platform.gcc.command()?;
        gcc.args(STRICT).args(platform.flags).args(["-fPIC", "-ffreestanding", "-nostdinc", "-isystem", &own]);
        gcc.args([
            "-I",
            "systems/sylixos/posix",
            "-I",
            "systems/sylixos/include",
            "-I",
            "capi/include",
            "-I",
            "capi/c",
        ]);
        run(gcc.args(["-c", source, "-o"]).arg(&object).current_dir(&ports))?;
        objects.push(object);
    }
    let shared = folder.join("liboncilla_posix.so");
    let mut linker = LINKER.command()?;
    linker.args(["-shared", "-z", "text", "--gc-sections", "--whole-archive"]).arg(library).arg("--no-whole-archive");
    run(linker.args(objects).arg("-o").arg(&shared)).context("the library cannot be a part of an application")?;
    Ok(shared)
}

/// Returns the symbols that the system must define.
fn needed(shared: &Path) -> Result<BTreeSet<String>> {
    let data = fs::read(shared).with_context(|| format!("cannot read {}", shared.display()))?;
    let file = object::File::parse(&*data)?;
    let undefined = file.dynamic_symbols().filter(|symbol| symbol.is_undefined());
    Ok(undefined.map(|symbol| symbol.name().map(str::to_owned)).collect::<Result<_, _>>()?)
}

/// Returns the symbols that may be needed.
fn allowed() -> Result<BTreeSet<String>> {
    let path = workspace::root().join("targets/systems/sylixos/symbols.txt");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect())
}

fn compare(needed: &BTreeSet<String>, allowed: &BTreeSet<String>, target: &str) -> Result<()> {
    let more: Vec<_> = needed.difference(allowed).collect();
    ensure!(
        more.is_empty(),
        "for {target}, {more:?} are needed, which targets/systems/sylixos/symbols.txt does not have"
    );
    let fewer: Vec<_> = allowed.difference(needed).collect();
    ensure!(
        fewer.is_empty(),
        "for {target}, {fewer:?} of targets/systems/sylixos/symbols.txt are not needed; delete them"
    );
    Ok(())
}

/// Checks that no instruction uses the register.
fn spared(reserved: &Reserved, shared: &Path) -> Result<()> {
    let code = output(Command::new(reserved.objdump).args(["-d", "--no-show-raw-insn"]).arg(shared))?;
    let uses =
        |line: &&str| line.split(|letter: char| !letter.is_alphanumeric()).any(|word| reserved.names.contains(&word));
    ensure!(code.lines().count() > 1000, "{} does not tell the instructions", reserved.objdump);
    let user = code.lines().find(uses);
    ensure!(
        user.is_none(),
        "register {} is the system's, and is used: {}",
        reserved.names[0],
        user.unwrap_or_default()
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> BTreeSet<String> {
        names.iter().copied().map(str::to_owned).collect()
    }

    #[test]
    fn a_name_too_many_and_a_name_too_few_are_told() {
        let error =
            |needed: &[&str]| compare(&names(needed), &names(&["poll", "read"]), "arm").unwrap_err().to_string();
        assert!(compare(&names(&["poll", "read"]), &names(&["poll", "read"]), "arm").is_ok());
        assert!(error(&["poll", "read", "malloc"]).contains("\"malloc\""));
        assert!(error(&["poll"]).contains("\"read\""));
    }
}
