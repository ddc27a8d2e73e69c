//! Finds the source files in a firmware that can panic.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use object::{Object, ObjectSection};

/// Checks that no panic in a source file of this workspace is linked.
///
/// A panic names its file, so the names are among the firmware's constants. Files of other crates are in cargo's
/// registry, and those of the compiler in its library. Firmware without smoltcp is linked with `panic-never` instead,
/// which is stricter.
pub fn check(file: &Path) -> Result<()> {
    let data = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let firmware = object::File::parse(&*data)?;
    let mut names = Vec::new();
    for section in [".text", ".rodata", ".data"] {
        if let Some(section) = firmware.section_by_name(section) {
            names.extend(names_in(section.data()?));
        }
    }
    let smoltcp = names.iter().any(|name| name.contains("/smoltcp-"));
    ensure!(smoltcp, "{} names no file of smoltcp, so it is not known how to read it: {names:?}", file.display());
    let ours: Vec<_> =
        names.iter().filter(|name| !name.contains("/registry/src/") && !name.contains("/library/")).collect();
    ensure!(ours.is_empty(), "{} can panic in {ours:?}", file.display());
    Ok(())
}

/// Returns texts that look like names of source files.
fn names_in(bytes: &[u8]) -> Vec<String> {
    let in_a_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-".contains(byte);
    let runs = bytes.split(|byte| !in_a_name(byte));
    let texts = runs.map(|run| String::from_utf8_lossy(run).into_owned());
    // Constants stand side by side, so that one name may begin where another ends.
    texts
        .flat_map(|text| text.split_inclusive(".rs").map(str::to_owned).collect::<Vec<_>>())
        .filter(|name| name.ends_with(".rs"))
        .collect()
}
