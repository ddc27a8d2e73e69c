//! Whose code in a firmware can panic.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use object::{Object, ObjectSection};

/// Sees that no panic is linked that is in a source file of this workspace. Who panics names the file, so the names of the files
/// that can are among the firmware's constants; those of other people's crates are in cargo's registry, and those of the
/// compiler's in its library.
///
/// Firmware without smoltcp is linked with `panic-never` instead, which is stricter.
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

/// What looks like the name of a source file.
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
