//! The files of a package.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

use super::{PUBLISHED, Published, unpacked};
use crate::workspace;

/// What every package has.
const ALWAYS: [&str; 6] = ["Cargo.lock", "Cargo.toml", "Cargo.toml.orig", "LICENSE-APACHE", "LICENSE-MIT", "README.md"];

/// The commit that it was made of: there in a clean tree.
const COMMIT: &str = ".cargo_vcs_info.json";

/// Checks that the packages contain the sources and the listed files, and no tests and build results.
pub fn check(folder: &Path, version: &str) -> Result<()> {
    let mut faults = Vec::new();
    for published in &PUBLISHED {
        let package = unpacked(folder, published, version);
        let mut found = files(&package)?;
        found.remove(Path::new(COMMIT));
        let wanted = wanted(published)?;
        let name = published.name;
        faults.extend(found.difference(&wanted).map(|file| format!("{name} has {} too much", file.display())));
        faults.extend(wanted.difference(&found).map(|file| format!("{name} lacks {}", file.display())));
        for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
            let same = fs::read(package.join(licence)).ok() == fs::read(workspace::root().join(licence)).ok();
            if !same {
                faults.push(format!("{name}: {licence} is not the workspace's; make it a link to that"));
            }
        }
        println!("{name} {version}: {} files, {} bytes", found.len(), size(&package, &found)?);
    }
    ensure!(faults.is_empty(), "{}", faults.join("\n       "));
    Ok(())
}

fn wanted(published: &Published) -> Result<BTreeSet<PathBuf>> {
    let sources = files(&published.folder().join("src"))?;
    let sources = sources.into_iter().map(|file| Path::new("src").join(file));
    Ok(ALWAYS.iter().chain(published.extra).map(PathBuf::from).chain(sources).collect())
}

/// All files below a folder, with their paths from there.
fn files(folder: &Path) -> Result<BTreeSet<PathBuf>> {
    let (mut found, mut todo) = (BTreeSet::new(), vec![folder.to_owned()]);
    while let Some(next) = todo.pop() {
        for entry in fs::read_dir(&next).with_context(|| format!("cannot read {next:?}"))? {
            let path = entry?.path();
            if path.is_dir() {
                todo.push(path);
            } else {
                found.insert(path.strip_prefix(folder)?.to_owned());
            }
        }
    }
    Ok(found)
}

fn size(package: &Path, files: &BTreeSet<PathBuf>) -> Result<u64> {
    files.iter().map(|file| Ok(package.join(file).metadata()?.len())).sum()
}
