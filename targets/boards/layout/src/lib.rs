//! For the build scripts of boards: checks of the target, and arguments for the linker.

use std::{env, fs, path::Path};

/// The properties of a build, as cargo passes them to a build script.
#[derive(Clone, Copy, Debug)]
struct Build<'a> {
    package: &'a str,
    target: &'a str,
    /// Whether the target has no operating system.
    is_bare: bool,
    /// Whether the programs are built, and not only the library.
    has_programs: bool,
    /// The name of the profile's folder.
    profile: &'a str,
}

impl Build<'_> {
    /// Returns what is wrong with the build, if anything, and what to do.
    fn fault(self, targets: &[&str]) -> Option<String> {
        let Self { package, target, is_bare, has_programs, profile } = self;
        let wanted = targets.join(" or ");
        let command = format!("add `--target {wanted} --profile firmware`, or use `cargo xtask`, which adds both");
        if (is_bare || has_programs) && !targets.contains(&target) {
            return Some(format!("{package} is firmware for {wanted}, not for {target}: {command}"));
        }
        // The profiles of this workspace without LTO.
        if has_programs && matches!(profile, "debug" | "release") {
            return Some(format!(
                "{package} does not link without LTO, which removes the panics that cannot happen: {command}"
            ));
        }
        None
    }
}

/// Returns whether the crate is built for its board, whose compiler targets are `targets`.
///
/// If firmware is built for another target, or with a profile with which it does not link, cargo stops with one line
/// that states what to do. On a host without the feature `firmware`, there is nothing to build.
///
/// # Panics
/// If it is not called in a build script.
#[must_use]
pub fn is_for(targets: &[&str]) -> bool {
    let variable = |name| env::var(name).unwrap_or_else(|_| panic!("cargo sets {name} for build scripts"));
    let (package, target, out) = (variable("CARGO_PKG_NAME"), variable("TARGET"), variable("OUT_DIR"));
    // The folder is `…/PROFILE/build/PACKAGE-HASH/out`.
    let profile = Path::new(&out).ancestors().nth(3).and_then(Path::file_name).unwrap_or_default();
    let build = Build {
        package: &package,
        target: &target,
        is_bare: variable("CARGO_CFG_TARGET_OS") == "none",
        has_programs: env::var_os("CARGO_FEATURE_FIRMWARE").is_some(),
        profile: &profile.to_string_lossy(),
    };
    println!("cargo:rerun-if-changed=build.rs");
    match build.fault(targets) {
        Some(fault) => {
            println!("cargo::error={fault}");
            false
        }
        None => build.is_bare,
    }
}

/// Copies linker scripts to a folder that the linker searches.
///
/// They apply to this crate and all firmware that depends on it. The scripts are in the folder of the crate's
/// `Cargo.toml`.
///
/// # Panics
/// If a script cannot be copied, or if it is not called in a build script.
pub fn scripts(scripts: &[&str]) {
    let out = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR for build scripts");
    let out = Path::new(&out);
    for script in scripts {
        if let Err(error) = fs::copy(script, out.join(script)) {
            panic!("cannot copy {script} to {}: {error}", out.display());
        }
        println!("cargo:rerun-if-changed={script}");
    }
    println!("cargo:rustc-link-search={}", out.display());
}

/// Passes arguments to the linker for each program of the crate.
///
/// They are not in RUSTFLAGS, because a change of RUSTFLAGS rebuilds `core` for targets that build it from source.
pub fn arguments(arguments: &[&str]) {
    for argument in arguments {
        println!("cargo:rustc-link-arg-bins={argument}");
    }
}

/// The arguments for a microcontroller whose runtime crate has a `link.x` that includes the board's `memory.x`.
///
/// Sections are not padded to pages, which a microcontroller does not have.
pub const MICROCONTROLLER: [&str; 2] = ["-Tlink.x", "--nmagic"];

#[cfg(test)]
mod tests {
    use super::Build;

    const HERE: Build<'static> = Build {
        package: "board",
        target: "x86_64-unknown-linux-gnu",
        is_bare: false,
        has_programs: false,
        profile: "debug",
    };
    const BOARD: Build<'static> =
        Build { target: "thumbv7m-none-eabi", is_bare: true, has_programs: true, profile: "firmware", ..HERE };

    fn fault(build: Build<'_>) -> String {
        build.fault(&["thumbv7m-none-eabi"]).unwrap_or_default()
    }

    #[test]
    fn a_right_build_passes() {
        assert_eq!(fault(HERE), "");
        assert_eq!(fault(BOARD), "");
        assert_eq!(fault(Build { profile: "firmware-checked", ..BOARD }), "");
    }

    #[test]
    fn a_wrong_build_is_reported_in_one_line() {
        let command = "add `--target thumbv7m-none-eabi --profile firmware`, or use `cargo xtask`, which adds both";
        let host = format!("board is firmware for thumbv7m-none-eabi, not for x86_64-unknown-linux-gnu: {command}");
        assert_eq!(fault(Build { has_programs: true, ..HERE }), host);
        let chip = format!("board is firmware for thumbv7m-none-eabi, not for thumbv6m-none-eabi: {command}");
        assert_eq!(fault(Build { target: "thumbv6m-none-eabi", has_programs: false, ..BOARD }), chip);
        for profile in ["debug", "release"] {
            let said = fault(Build { profile, ..BOARD });
            assert!(said.contains("does not link without LTO") && said.ends_with(command), "{said}");
        }
    }
}
