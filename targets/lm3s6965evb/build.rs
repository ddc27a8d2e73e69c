//! Gives the linker the board's memory layout.

use std::{env, fs, io, path::PathBuf};

fn main() -> io::Result<()> {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR for build scripts"));
    fs::copy("memory.x", out.join("memory.x"))?;
    println!("cargo:rustc-link-search={}", out.display());
    println!("cargo:rerun-if-changed=memory.x");
    println!("cargo:rerun-if-changed=build.rs");
    // Here and not in RUSTFLAGS: another RUSTFLAGS would build `core` again where it comes from source.
    println!("cargo:rustc-link-arg-bins=-Tlink.x");
    // No padding of sections to pages, which a microcontroller does not have.
    println!("cargo:rustc-link-arg-bins=--nmagic");
    Ok(())
}
