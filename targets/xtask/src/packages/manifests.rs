//! What the manifests of published crates must state.

use std::fs;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::{PUBLISHED, Published};
use crate::{process::output, workspace::cargo};

/// The most keywords and the most categories that crates.io takes.
const MOST: usize = 5;

/// The longest keyword that crates.io takes.
const KEYWORD: usize = 20;

/// The categories of crates.io that are used here: it refuses a crate with another.
const CATEGORIES: [&str; 8] = [
    "command-line-utilities",
    "development-tools::build-utils",
    "embedded",
    "encoding",
    "hardware-support",
    "network-programming",
    "no-std",
    "no-std::no-alloc",
];

/// Checks the manifests of the workspace; returns the version that all published crates have.
pub fn check() -> Result<String> {
    let metadata = output(cargo().args(["metadata", "--format-version", "1", "--no-deps", "--offline"]))?;
    let metadata: Value = serde_json::from_str(&metadata).context("cargo metadata is no JSON")?;
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    let mut faults = Vec::new();
    for package in packages {
        let name = text(package, "name");
        let listed = PUBLISHED.iter().any(|published| published.name == name);
        // An empty list of registries is `publish = false`.
        match (listed, package["publish"].is_null()) {
            (true, false) => faults.push(format!("{name} is to be published, and its manifest says `publish = false`")),
            (false, true) => {
                faults.push(format!("{name} is not among PUBLISHED: its manifest must say `publish = false`"))
            }
            _ => {}
        }
    }
    let version = packages.iter().find(|package| text(package, "name") == PUBLISHED[0].name);
    let version = version.map(|package| text(package, "version")).context("the library is not in the workspace")?;
    for (place, published) in PUBLISHED.iter().enumerate() {
        let package = packages
            .iter()
            .find(|package| text(package, "name") == published.name)
            .with_context(|| format!("{} is not in the workspace", published.name))?;
        let found = fields(package, version)
            .into_iter()
            .chain(dependencies(package, version, &PUBLISHED[..place]))
            .chain(features(package, published)?);
        faults.extend(found.map(|fault| format!("{}: {fault}", published.name)));
    }
    ensure!(faults.is_empty(), "{}", faults.join("\n       "));
    Ok(version.to_owned())
}

fn text<'p>(package: &'p Value, field: &str) -> &'p str {
    package[field].as_str().unwrap_or_default()
}

/// Returns errors in the fields that crates.io and docs.rs read.
fn fields(package: &Value, version: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut ask = |good: bool, fault: String| {
        if !good {
            faults.push(fault);
        }
    };
    ask(text(package, "version") == version, format!("its version is not {version}, as the others'"));
    for field in ["description", "license", "rust_version", "readme"] {
        ask(!text(package, field).is_empty(), format!("its manifest has no `{field}`"));
    }
    let list = |field: &str| {
        let values = package[field].as_array().into_iter().flatten();
        values.filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>()
    };
    let (keywords, categories) = (list("keywords"), list("categories"));
    for (field, values) in [("keywords", &keywords), ("categories", &categories)] {
        ask((1..=MOST).contains(&values.len()), format!("it has {} {field}, not 1 to {MOST}", values.len()));
    }
    for keyword in &keywords {
        let fits = keyword.len() <= KEYWORD && keyword.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        ask(fits, format!("crates.io refuses the keyword {keyword:?}"));
    }
    for category in &categories {
        ask(
            CATEGORIES.contains(&category.as_str()),
            format!("the category {category:?} is not known here; if crates.io has it, add it to CATEGORIES"),
        );
    }
    let documented = &package["metadata"]["docs"]["rs"];
    ask(documented["all-features"] == true, "docs.rs would not document all features".to_owned());
    faults
}

/// Returns errors in dependencies on crates of the workspace: each must state its version and be published before.
fn dependencies(package: &Value, version: &str, before: &[Published]) -> Vec<String> {
    let listed = package["dependencies"].as_array().into_iter().flatten();
    let of_the_workspace = listed.filter(|dependency| dependency["kind"] != "dev" && !dependency["path"].is_null());
    let fault = |dependency: &Value| {
        let name = text(dependency, "name");
        if !before.iter().any(|published| published.name == name) {
            return Some(format!("it depends on {name}, which is not published before it"));
        }
        let required = text(dependency, "req");
        (required != format!("^{version}"))
            .then(|| format!("it depends on {name} {required}, not ^{version}; write `{name}.workspace = true`"))
    };
    of_the_workspace.filter_map(fault).collect()
}

/// The features that have no line in the table of the crate's documentation.
fn features(package: &Value, published: &Published) -> Result<Vec<String>> {
    let files = ["src/lib.rs", "src/main.rs"].map(|file| published.folder().join(file));
    // A program has no library.
    let documentation =
        files.iter().find(|file| file.is_file()).with_context(|| format!("none of {files:?} exists"))?;
    let documentation = fs::read_to_string(documentation).with_context(|| format!("cannot read {documentation:?}"))?;
    let features = package["features"].as_object().context("a package without features")?.keys();
    let is_missing =
        |feature: &&String| *feature != "default" && !documentation.contains(&format!("//! | `{feature}` |"));
    Ok(features.filter(is_missing).map(|feature| format!("src/lib.rs does not list the feature `{feature}`")).collect())
}
