//! The documentation's example of a build script, followed step by step.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::compiles;

/// Returns the code blocks of the section on build scripts.
fn blocks() -> Vec<String> {
    let source = include_str!("../../src/lib.rs").lines();
    let text: Vec<_> = source
        .take_while(|line| line.starts_with("//!"))
        .map(|line| line[3..].strip_prefix(" ").unwrap_or_default())
        .collect();
    let section = text.iter().skip_while(|line| **line != "# In a build script").skip(1);
    let section: Vec<_> = section.take_while(|line| !line.starts_with("# ")).copied().collect();
    let section = section.join("\n");
    section.split("```").skip(1).step_by(2).map(|block| block.split_once('\n').unwrap().1.to_owned()).collect()
}

#[test]
fn a_build_script_compiles_as_documented() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("documented");
    fs::create_dir_all(folder.join("src")).unwrap();
    fs::create_dir_all(folder.join("proto")).unwrap();
    let blocks = blocks();
    let [dependencies, interface, plain, with_options, library] = &blocks[..] else {
        panic!("the section has {} blocks and not 5", blocks.len());
    };
    // The packages are those of this repository.
    let manifest = format!(
        "[package]\nname = \"documented\"\nedition = \"2024\"\n[workspace]\n{dependencies}\n[patch.crates-io]\n\
         oncilla = {{ path = {root:?} }}\noncilla-rpcgen = {{ path = {:?} }}\n",
        root.join("targets/rpcgen")
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::write(folder.join("proto/sensor.x"), interface).unwrap();
    fs::write(folder.join("src/lib.rs"), library).unwrap();
    for script in [plain, with_options] {
        fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
        fs::write(folder.join("build.rs"), script).unwrap();
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["check", "--quiet", "--offline", "--target-dir"]).arg(compiles::checks()).current_dir(&folder);
        // The flags of this test are not those of the example.
        cargo.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS").env_remove("CARGO_BUILD_TARGET");
        let output = cargo.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
