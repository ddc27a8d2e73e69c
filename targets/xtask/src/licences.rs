//! `cargo xtask licences`: licences, sources and duplicates of the dependencies.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::{process::output, workspace::cargo};

/// Permissive licences, allowed everywhere.
const ALLOWED: [&str; 12] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "ISC",
    "MIT",
    "NCSA",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// A package under another licence, and the reason why it is allowed.
struct Exception {
    package: &'static str,
    licence: &'static str,
    reason: &'static str,
}

/// MPL-2.0 demands that changes of a package's own files are published. It does not affect the rest of a program.
const EXCEPTIONS: [Exception; 2] = [
    Exception {
        package: "serialport",
        licence: "MPL-2.0",
        reason: "serial ports of hosts: feature `serial` of oncilla-host, which is on by default",
    },
    Exception { package: "cbindgen", licence: "MPL-2.0", reason: "makes oncilla.h in a test of oncilla-capi" },
];

/// Crates that must do without exceptions, except in tests, because they are linked into firmware.
const STRICT: [&str; 2] = ["oncilla", "oncilla-capi"];

/// The only allowed source.
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

struct Package {
    name: String,
    version: String,
    licence: String,
    source: Option<String>,
}

/// Checks every package of `Cargo.lock`, also those for other systems and for tests, and prints the licences.
pub fn check() -> Result<()> {
    let metadata = output(cargo().args(["metadata", "--format-version", "1", "--locked", "--all-features"]))?;
    let metadata: Value = serde_json::from_str(&metadata).context("cargo metadata is no JSON")?;
    let packages = packages(&metadata)?;
    let mut faults = Vec::new();
    let mut counts = BTreeMap::new();
    for Package { name, version, licence, source } in packages.values().filter(|package| package.source.is_some()) {
        *counts.entry(licence.as_str()).or_insert(0) += 1;
        if source.as_deref() != Some(CRATES_IO) {
            faults.push(format!("{name} {version} comes from {}, not from crates.io", source.as_deref().unwrap_or("")));
        }
        let excepted = EXCEPTIONS.iter().any(|exception| exception.package == name && exception.licence == licence);
        if !excepted && !is_allowed(licence) {
            faults.push(format!(
                "{name} {version} is under \"{licence}\", which is not among {}: do without it, or add it to EXCEPTIONS with a reason",
                ALLOWED.join(", ")
            ));
        }
    }
    for Exception { package, .. } in EXCEPTIONS {
        if !packages.values().any(|known| known.name == package) {
            faults.push(format!("{package} is no dependency any more: delete it from EXCEPTIONS"));
        }
        for strict in STRICT {
            if linked(&metadata, &packages, strict)?.contains(package) {
                faults.push(format!("{strict} links {package}; it is for firmware, which does without"));
            }
        }
    }
    print(&counts, &packages);
    ensure!(faults.is_empty(), "{}", faults.join("\n       "));
    Ok(())
}

fn print(counts: &BTreeMap<&str, usize>, packages: &BTreeMap<String, Package>) {
    println!("{} dependencies, all from crates.io:", counts.values().sum::<usize>());
    for (licence, count) in counts {
        println!("{count:4} {licence}");
    }
    println!("Not permissive, and why they may be there:");
    for Exception { package, licence, reason } in EXCEPTIONS {
        println!("     {package} ({licence}): {reason}");
    }
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in packages.values() {
        versions.entry(&package.name).or_default().push(&package.version);
    }
    println!("In several versions:");
    for (name, versions) in versions.iter().filter(|(_, versions)| versions.len() > 1) {
        println!("     {name} {}", versions.join(", "));
    }
}

/// Returns all packages by their id.
fn packages(metadata: &Value) -> Result<BTreeMap<String, Package>> {
    let listed = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    let package = |value: &Value| {
        let text = |field: &str| value[field].as_str().map(str::to_owned);
        let name = text("name").context("a package without a name")?;
        let package = Package {
            version: text("version").context("a package without a version")?,
            licence: text("license").unwrap_or_default(),
            source: text("source"),
            name,
        };
        Ok((text("id").context("a package without an id")?, package))
    };
    listed.iter().map(package).collect()
}

/// Returns the names of the packages that a package links, without those of tests and build scripts.
fn linked(metadata: &Value, packages: &BTreeMap<String, Package>, name: &str) -> Result<BTreeSet<String>> {
    let nodes = metadata["resolve"]["nodes"].as_array().context("cargo metadata resolves nothing")?;
    let is_linked = |dependency: &&Value| {
        let kinds = dependency["dep_kinds"].as_array();
        kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind["kind"].is_null()))
    };
    let of = |id: &str| {
        let node = nodes.iter().find(|node| node["id"] == id);
        let dependencies = node.and_then(|node| node["deps"].as_array()).into_iter().flatten();
        dependencies.filter(is_linked).filter_map(|dependency| dependency["pkg"].as_str())
    };
    let (root, _) = packages
        .iter()
        .find(|(_, package)| package.name == name && package.source.is_none())
        .with_context(|| format!("{name} is not in the workspace"))?;
    let (mut found, mut todo) = (BTreeSet::new(), vec![root.as_str()]);
    while let Some(id) = todo.pop() {
        for dependency in of(id) {
            if let Some(package) = packages.get(dependency)
                && found.insert(package.name.clone())
            {
                todo.push(dependency);
            }
        }
    }
    Ok(found)
}

/// Returns whether allowed licences satisfy an SPDX expression: one side of OR, both of AND. `/` is an older OR.
fn is_allowed(expression: &str) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<_> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    any(&mut rest) && rest.is_empty()
}

/// Parses an expression of OR.
fn any(words: &mut &[&str]) -> bool {
    let mut allowed = all(words);
    while let ["OR", rest @ ..] = words {
        *words = rest;
        allowed |= all(words);
    }
    allowed
}

/// Parses an expression of AND.
fn all(words: &mut &[&str]) -> bool {
    let mut allowed = one(words);
    while let ["AND", rest @ ..] = words {
        *words = rest;
        allowed &= one(words);
    }
    allowed
}

/// Parses a licence or an expression in parentheses.
fn one(words: &mut &[&str]) -> bool {
    match words {
        ["(", rest @ ..] => {
            *words = rest;
            let allowed = any(words);
            let [")", rest @ ..] = words else { return false };
            *words = rest;
            allowed
        }
        [licence, "WITH", exception, rest @ ..] => {
            *words = rest;
            ALLOWED.contains(&format!("{licence} WITH {exception}").as_str())
        }
        [licence, rest @ ..] => {
            *words = rest;
            ALLOWED.contains(licence)
        }
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_allowed;

    #[test]
    fn expressions_are_met_or_not() {
        for good in [
            "MIT",
            "MIT/Apache-2.0",
            "MIT OR GPL-3.0-only",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT",
        ] {
            assert!(is_allowed(good), "{good}");
        }
        for bad in [
            "",
            "MPL-2.0",
            "MIT AND GPL-3.0-only",
            "(MIT OR Apache-2.0) AND AGPL-3.0",
            "(MIT",
            "MIT Apache-2.0",
            "GPL-2.0 WITH x",
        ] {
            assert!(!is_allowed(bad), "{bad}");
        }
    }
}
