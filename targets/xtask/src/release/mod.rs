//! `cargo xtask release`: a commit and a tag of a new version. It pushes and publishes nothing.

mod edits;
mod version;

use std::{fs, process::Command};

use anyhow::{Context, Result, ensure};

pub use version::Version;

use crate::{
    packages::{self, PUBLISHED, offline_first},
    process::{find, output, run, step},
    workspace::{cargo, root},
};

/// The header of the C library, which has the version.
const C_HEADER: &str = "targets/capi/include/oncilla.h";

/// What is to be released, after the checks that need no change.
struct Release {
    old: Version,
    new: Version,
    date: String,
    /// The files to change, with what will be in them.
    files: Vec<(String, String)>,
}

/// Releases `new`, or prints what that would do.
///
/// The tree must be clean. When something fails after files were changed, they are restored.
pub fn make(new: Version, dry_run: bool) -> Result<()> {
    let release = Release::prepare(new)?;
    if dry_run {
        release.print();
        return Ok(());
    }
    // The commit may have been made when tagging fails.
    let before = output(git().args(["rev-parse", "HEAD"]))?;
    if let Err(error) = release.carry_out() {
        eprintln!("the release failed: restoring all files");
        run(git().args(["reset", "--quiet", "--hard", &before]))?;
        return Err(error);
    }
    println!("{} is committed and tagged as {}. Look at it; then:\n", release.new, tag(release.new));
    println!("{}", release.next());
    Ok(())
}

impl Release {
    fn prepare(new: Version) -> Result<Self> {
        let changes = output(git().args(["status", "--porcelain"]))?;
        ensure!(changes.is_empty(), "the tree has changes that are not committed; commit them first:\n{changes}");
        let old: Version = env!("CARGO_PKG_VERSION").parse()?;
        old.check_next(new, is_tagged(old)?)?;
        ensure!(!is_tagged(new)?, "the tag {} is there already", tag(new));
        let date = output(Command::new("date").args(["-u", "+%F"]))?;
        let changelog = edits::changelog(&read("CHANGELOG.md")?, new, &date)?;
        let manifest = edits::manifest(&read("Cargo.toml")?, old, new)?;
        let mut files = vec![("CHANGELOG.md".to_owned(), changelog)];
        if old != new {
            files.push(("Cargo.toml".to_owned(), manifest));
            files.push((C_HEADER.to_owned(), edits::c_header(&read(C_HEADER)?, old, new)?));
            files.extend(documents(old, new)?);
        }
        Ok(Self { old, new, date, files })
    }

    fn print(&self) {
        let Self { old, new, date, files } = self;
        println!("This would release {new} after {old}, dated {date}:\n");
        for (name, text) in files {
            println!("{name}:");
            let before = read(name).unwrap_or_default();
            let before: Vec<_> = before.lines().collect();
            for line in text.lines().filter(|line| !before.contains(line)) {
                println!("    {line}");
            }
        }
        println!("Cargo.lock: the versions of the workspace's crates\n\nThen it would check the packages,");
        println!("commit as \"{}\", and tag as {}.\n\nAfter that:\n\n{}", message(*new), tag(*new), self.next());
    }

    fn carry_out(&self) -> Result<()> {
        step(&format!("releasing {}: changing files", self.new));
        for (name, text) in &self.files {
            fs::write(root().join(name), text).with_context(|| format!("cannot write {name}"))?;
        }
        // It takes over the versions of the workspace, and leaves all others.
        offline_first(|| {
            let mut command = cargo();
            command.args(["update", "--workspace"]);
            command
        })?;
        packages::check()?;
        self.compare()?;
        run(git().args(["commit", "--quiet", "--all", "--message", &message(self.new)]))?;
        run(git().args(["tag", "--annotate", &tag(self.new), "--message", &message(self.new)]))
    }

    /// Compares the public items with those of the version before, where the program for it is installed.
    fn compare(&self) -> Result<()> {
        let before = tag(self.old);
        if !is_tagged(self.old)? {
            println!("note: no version was released before, so there is nothing to compare public items with");
            return Ok(());
        }
        if find("cargo-semver-checks").is_none() {
            println!(
                "note: public items were not compared with {before}; for that, type: cargo install cargo-semver-checks --locked"
            );
            return Ok(());
        }
        step(&format!("comparing public items with {before}"));
        let packages = PUBLISHED.iter().flat_map(|published| ["--package", published.name]);
        run(cargo().args(["semver-checks", "--baseline-rev", &before]).args(packages))
            .with_context(|| format!("{} is no version for these changes", self.new))
    }

    /// What remains to be typed.
    fn next(&self) -> String {
        let publish = PUBLISHED.iter().map(|published| format!("cargo publish --package {}\n", published.name));
        format!("git push origin HEAD {}\n{}", tag(self.new), publish.collect::<String>())
    }
}

/// Documents and templates in which users are shown a manifest, if that changes.
fn documents(old: Version, new: Version) -> Result<Vec<(String, String)>> {
    let listed = output(git().args(["ls-files", "*.md", "*.rs", "*.toml"]))?;
    let mut changed = Vec::new();
    for name in listed.lines().filter(|name| !["CHANGELOG.md", "Cargo.toml"].contains(name)) {
        // A link to a file that is listed itself, or none.
        if root().join(name).is_symlink() {
            continue;
        }
        let text = read(name)?;
        // This very file's tests have such lines, which mean no version of these crates.
        let edited = if name.starts_with("targets/xtask/") { text.clone() } else { edits::mentions(&text, old, new) };
        if edited != text {
            changed.push((name.to_owned(), edited));
        }
    }
    Ok(changed)
}

fn read(name: &str) -> Result<String> {
    fs::read_to_string(root().join(name)).with_context(|| format!("cannot read {name}"))
}

fn tag(version: Version) -> String {
    format!("v{version}")
}

fn message(version: Version) -> String {
    format!("Oncilla {version}")
}

fn is_tagged(version: Version) -> Result<bool> {
    Ok(!output(git().args(["tag", "--list", &tag(version)]))?.is_empty())
}

fn git() -> Command {
    let mut git = Command::new("git");
    git.current_dir(root());
    git
}
