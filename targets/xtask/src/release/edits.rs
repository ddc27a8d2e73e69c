//! What a release changes in files, as text.

use anyhow::{Context, Result, ensure};

use super::version::Version;
use crate::packages::PUBLISHED;

const UNRELEASED: &str = "## Unreleased\n";

/// The part of the changelog that the release publishes.
///
/// # Errors
/// The section does not exist or is empty.
pub fn unreleased(changelog: &str) -> Result<&str> {
    let (before, rest) = changelog
        .split_once(UNRELEASED)
        .context("CHANGELOG.md has no section \"## Unreleased\"; write what is new there")?;
    ensure!(before.is_empty() || before.ends_with('\n'), "CHANGELOG.md: \"## Unreleased\" is not a line of its own");
    let section = rest.split_once("\n## ").map_or(rest, |(section, _)| section).trim();
    let is_text = |line: &str| !line.trim().is_empty() && !line.starts_with('#');
    ensure!(section.lines().any(is_text), "\"## Unreleased\" in CHANGELOG.md is empty; write what is new there");
    Ok(section)
}

/// The changelog with what was unreleased under the version and the date, and room for what comes next.
pub fn changelog(changelog: &str, version: Version, date: &str) -> Result<String> {
    unreleased(changelog)?;
    Ok(changelog.replacen(UNRELEASED, &format!("{UNRELEASED}\n## {version} ({date})\n"), 1))
}

/// The manifest of the workspace with another version: of all its crates, and of what is published and depended on.
pub fn manifest(manifest: &str, old: Version, new: Version) -> Result<String> {
    let wanted = format!("version = \"{old}\"");
    let (mut section, mut changed) = ("", Vec::new());
    let mut lines = Vec::new();
    for line in manifest.split_inclusive('\n') {
        if line.starts_with('[') {
            section = line.trim();
        }
        let holds_it = match section {
            "[workspace.package]" => line.starts_with(&wanted),
            "[workspace.dependencies]" => line.contains("path =") && line.contains(&wanted),
            _ => false,
        };
        if holds_it {
            changed.push(section);
            lines.push(line.replacen(&wanted, &format!("version = \"{new}\""), 1));
        } else {
            lines.push(line.to_owned());
        }
    }
    for section in ["[workspace.package]", "[workspace.dependencies]"] {
        ensure!(changed.contains(&section), "Cargo.toml has no `{wanted}` in {section}");
    }
    Ok(lines.concat())
}

/// A text in which manifests that users write depend on the new version: `oncilla = "0.1"`.
pub fn mentions(text: &str, old: Version, new: Version) -> String {
    let (old, new) = (old.in_manifests(), new.in_manifests());
    let mut text = text.to_owned();
    for published in &PUBLISHED {
        let name = published.name;
        for before in [format!("{name} = \""), format!("{name} = {{ version = \"")] {
            text = text.replace(&format!("{before}{old}\""), &format!("{before}{new}\""));
        }
    }
    text
}

/// The header of the C library with the new version.
///
/// # Errors
/// It has not the old version.
pub fn c_header(header: &str, old: Version, new: Version) -> Result<String> {
    let defines = |version: Version| {
        let (text, numbers) = (version.to_string(), version.numbers());
        let define = |name: &str, value: &dyn std::fmt::Display| format!("#define ONCILLA_VERSION{name} {value}\n");
        let [major, minor, patch] = numbers;
        [
            define("", &format_args!("\"{text}\"")),
            define("_MAJOR", &major),
            define("_MINOR", &minor),
            define("_PATCH", &patch),
        ]
    };
    let mut header = header.to_owned();
    for (before, after) in defines(old).iter().zip(&defines(new)) {
        ensure!(header.contains(before.as_str()), "the header of the C library has no `{}`", before.trim());
        header = header.replacen(before, after, 1);
    }
    Ok(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        text.parse().unwrap()
    }

    #[test]
    fn the_c_header_gets_the_version() {
        let header = |text: &str, [major, minor, patch]: [u64; 3]| {
            format!(
                "#define ONCILLA_VERSION \"{text}\"\n#define ONCILLA_VERSION_MAJOR {major}\n\
                 #define ONCILLA_VERSION_MINOR {minor}\n#define ONCILLA_VERSION_PATCH {patch}\n#define ONCILLA_OK 0\n"
            )
        };
        let (old, new) = (version("0.1.1"), version("0.2.0"));
        assert_eq!(c_header(&header("0.1.1", [0, 1, 1]), old, new).unwrap(), header("0.2.0", [0, 2, 0]));
        assert!(c_header(&header("0.1.2", [0, 1, 2]), old, new).is_err());
    }

    #[test]
    fn what_is_unreleased_gets_version_and_date() {
        let before = "# Changelog\n\n## Unreleased\n\n### The library\n\n- New.\n\n## 0.1.0 (2020-01-01)\n\n- Old.\n";
        assert_eq!(unreleased(before).unwrap(), "### The library\n\n- New.");
        let after = changelog(before, version("0.2.0"), "2021-02-03").unwrap();
        assert_eq!(
            after,
            "# Changelog\n\n## Unreleased\n\n## 0.2.0 (2021-02-03)\n\n### The library\n\n- New.\n\n## 0.1.0 (2020-01-01)\n\n- Old.\n"
        );
        // The next release has nothing to publish as yet.
        assert!(unreleased(&after).unwrap_err().to_string().contains("is empty"));
        assert!(unreleased("# Changelog\n\n## Unreleased\n\n### The library\n").is_err());
        assert!(unreleased("# Changelog\n").unwrap_err().to_string().contains("no section"));
    }

    #[test]
    fn the_repositorys_own_manifest_and_changelog_can_be_edited() {
        let root = crate::workspace::root();
        let text = std::fs::read_to_string(root.join("Cargo.toml")).unwrap();
        let old = version(env!("CARGO_PKG_VERSION"));
        let edited = manifest(&text, old, version("77.0.0")).unwrap();
        assert_eq!(edited.matches("\"77.0.0\"").count(), 2);
        assert_eq!(edited.replace("\"77.0.0\"", &format!("\"{old}\"")), text);
        assert!(manifest(&text, version("76.0.0"), version("77.0.0")).is_err());
        let changes = std::fs::read_to_string(root.join("CHANGELOG.md")).unwrap();
        assert!(changes.contains(UNRELEASED));
    }

    #[test]
    fn manifests_in_documents_follow() {
        let text =
            "oncilla = \"0.1\"\noncilla-rpcgen = { version = \"0.1\", default-features = false }\nheapless = \"0.1\"\n";
        assert_eq!(
            mentions(text, version("0.1.4"), version("0.2.0")),
            "oncilla = \"0.2\"\noncilla-rpcgen = { version = \"0.2\", default-features = false }\nheapless = \"0.1\"\n"
        );
        assert_eq!(mentions(text, version("0.1.4"), version("0.1.5")), text);
    }
}
