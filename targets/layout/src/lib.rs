//! For the build scripts of the ports: what the linker is told.

use std::{env, fs, path::Path};

/// Puts the linker scripts that lie beside the crate's `Cargo.toml` where the linker looks, and passes it these arguments
/// for each program of the crate.
///
/// Here and not in RUSTFLAGS: another RUSTFLAGS would build `core` again where it comes from source.
///
/// # Panics
/// When a script cannot be copied, or this is not run by a build script.
pub fn link(scripts: &[&str], arguments: &[&str]) {
    let out = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR for build scripts");
    let out = Path::new(&out);
    for script in scripts {
        if let Err(error) = fs::copy(script, out.join(script)) {
            panic!("cannot copy {script} to {}: {error}", out.display());
        }
        println!("cargo:rerun-if-changed={script}");
    }
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-link-search={}", out.display());
    for argument in arguments {
        println!("cargo:rustc-link-arg-bins={argument}");
    }
}

/// Links for a microcontroller whose runtime crate brings `link.x`, which takes the memories from the board's `memory.x`.
///
/// # Panics
/// Like [`link`].
pub fn microcontroller() {
    // Without padding of sections to pages, which a microcontroller does not have.
    link(&["memory.x"], &["-Tlink.x", "--nmagic"]);
}
