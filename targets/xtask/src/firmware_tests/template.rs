//! `examples/template` and the guide's first hour, as a reader follows them.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    install::SETPRIV,
    process::{output, run, step},
    qemu::Terminal,
    targets::THUMBV7M,
    toolchain::Toolchain,
    workspace,
};

/// For all calls to one firmware.
const LIMIT: Duration = Duration::from_secs(180);

/// Builds the template from a copy, calls it in QEMU, and makes the changes of the chapter. Returns how many tests there were.
pub fn run_all(from_source: bool) -> Result<usize> {
    step("testing examples/template and the guide's first hour");
    let toolchain = if from_source { Toolchain::from_source(&THUMBV7M) } else { Toolchain::any(&THUMBV7M)? };
    let chapter = Chapter::read()?;
    let copy = Copy::make(toolchain)?;

    let first = copy.call("dev")?;
    ensure!(chapter.has_output(&first), "the guide's first hour does not print what the host program does: {first}");
    println!("test examples/template is built, booted and called ... ok");

    for change in &chapter.changes {
        change.make(&copy.folder)?;
    }
    // The last of the changes is `panic-never`, which needs the profile.
    let last = copy.call("release")?;
    let new: Vec<_> = last.lines().filter(|line| !first.contains(line)).collect();
    ensure!(
        matches!(&new[..], [line] if chapter.has_output(&format!("{line}\n"))),
        "the host program prints {last:?} after the changes of the guide's first hour"
    );
    println!("test the guide's first hour adds a procedure and shows that nothing panics ... ok");
    Ok(2)
}

/// A copy of the template in the folder for what is built. It belongs to no workspace but its own.
struct Copy {
    folder: PathBuf,
    toolchain: Toolchain,
}

impl Copy {
    fn make(toolchain: Toolchain) -> Result<Self> {
        // Always the same: cargo builds only what has changed since the last time.
        let folder = workspace::target().join("template");
        for file in files()? {
            let to = folder.join(&file);
            fs::create_dir_all(to.parent().unwrap_or(&folder))?;
            fs::copy(template().join(&file), to)?;
        }
        // As section 2 of the chapter has it for a checkout.
        let root = workspace::root().canonicalize()?;
        let (oncilla, host) = (root.display(), root.join("targets/host"));
        let patch =
            format!("[patch.crates-io]\noncilla.path = \"{oncilla}\"\noncilla-host.path = \"{}\"\n", host.display());
        fs::create_dir_all(folder.join(".cargo"))?;
        fs::write(folder.join(".cargo/config.toml"), patch)?;
        for name in ["firmware", "host"] {
            // The versions of dependencies that are tested here.
            fs::copy(root.join("Cargo.lock"), folder.join(name).join("Cargo.lock"))?;
        }
        Ok(Self { folder, toolchain })
    }

    /// Boots the firmware and runs the host program. Returns its output.
    fn call(&self, profile: &str) -> Result<String> {
        run(&mut self.firmware("build", profile))?;
        let cargo = self.firmware("run", profile);
        let mut boot = SETPRIV.command()?;
        boot.args(["--pdeathsig", "KILL"]).arg(cargo.get_program()).args(cargo.get_args());
        boot.current_dir(self.folder.join("firmware"));
        for (name, value) in cargo.get_envs() {
            match value {
                Some(value) => boot.env(name, value),
                None => boot.env_remove(name),
            };
        }
        let terminal = Terminal::boot(&mut boot, LIMIT)?;
        let mut host = workspace::cargo();
        host.current_dir(self.folder.join("host")).args(["run", "--quiet", "--target-dir"]);
        host.arg(workspace::target().join("template-host")).arg("--").arg(terminal.path());
        Ok(output(&mut host)? + "\n")
    }

    fn firmware(&self, subcommand: &str, profile: &str) -> Command {
        let mut cargo = self.toolchain.cargo(subcommand);
        cargo.current_dir(self.folder.join("firmware")).args(["--profile", profile]);
        cargo
    }
}

/// What is to be read out of the chapter.
struct Chapter {
    text: String,
    files: Vec<(String, String)>,
    changes: Vec<Change>,
}

/// A change that the reader makes to a file.
struct Change {
    file: String,
    place: Place,
    /// A part of the line at the place, or the whole of it.
    line: String,
    text: String,
}

enum Place {
    Above,
    Below,
    Instead,
}

impl Chapter {
    /// Before a block stands `` `FILE`: `` if it is the file, or one of the three lines in [`Change::parse`].
    fn read() -> Result<Self> {
        let text = fs::read_to_string(workspace::root().join("src/guide/first_hour.md"))?;
        let mut chapter = Self { text: String::new(), files: Vec::new(), changes: Vec::new() };
        let mut lines = text.lines();
        let mut label = "";
        while let Some(line) = lines.next() {
            if line.starts_with("```") {
                let block: String =
                    lines.by_ref().take_while(|line| *line != "```").flat_map(|line| [line, "\n"]).collect();
                if let Some(file) = label.strip_prefix('`').and_then(|label| label.strip_suffix("`:")) {
                    chapter.files.push((file.to_owned(), block));
                } else if let Some(label) = label.strip_prefix("In `") {
                    chapter.changes.push(Change::parse(label, block)?);
                }
                label = "";
            } else if !line.is_empty() {
                label = line;
            }
        }
        chapter.text = text;
        Ok(chapter)
    }

    fn has_output(&self, printed: &str) -> bool {
        self.text.contains(&format!("\n```text\n{printed}```\n"))
    }
}

impl Change {
    fn parse(label: &str, text: String) -> Result<Self> {
        let places = [
            ("`, above the line with `", Place::Above),
            ("`, below the line with `", Place::Below),
            ("`, instead of `", Place::Instead),
        ];
        for (words, place) in places {
            if let Some((file, line)) = label.split_once(words) {
                let line = line.strip_suffix("`:").context("a change of the chapter has no line")?;
                return Ok(Self { file: file.to_owned(), place, line: line.to_owned(), text });
            }
        }
        bail!("the guide's first hour has a change of unknown form: {label}")
    }

    fn make(&self, folder: &Path) -> Result<()> {
        let file = folder.join(&self.file);
        let text = fs::read_to_string(&file)?;
        let found = text.lines().filter(|line| line.contains(&self.line)).count();
        ensure!(found == 1, "{} has {found} lines with {}", self.file, self.line);
        let changed: String = text
            .split_inclusive('\n')
            .flat_map(|line| match self.place {
                _ if !line.contains(&self.line) => ["", line],
                Place::Above => [&self.text, line],
                Place::Below => [line, &self.text],
                Place::Instead => ["", &self.text],
            })
            .collect();
        Ok(fs::write(file, changed)?)
    }
}

fn template() -> PathBuf {
    workspace::root().join("examples/template")
}

/// The files of the template, by their paths in it, without what cargo makes there.
fn files() -> Result<Vec<String>> {
    let (mut files, mut folders) = (Vec::new(), vec![PathBuf::new()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(template().join(&folder))? {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            if path.ends_with("target") || path.ends_with("Cargo.lock") {
                continue;
            }
            match entry.file_type()?.is_dir() {
                true => folders.push(path),
                false => files.push(path.display().to_string()),
            }
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Files of the template that the chapter does not write out.
    const BESIDE: [&str; 2] = [".gitignore", "README.md"];

    #[test]
    fn the_chapter_writes_out_the_template() {
        let mut written = Chapter::read().unwrap().files;
        written.sort();
        let mut there: Vec<_> = files().unwrap();
        there.retain(|file| !BESIDE.contains(&&**file));
        there.sort();
        let there: Vec<_> = there
            .into_iter()
            .map(|file| {
                let text = fs::read_to_string(template().join(&file)).unwrap();
                (file, text)
            })
            .collect();
        assert_eq!(written, there);
    }

    #[test]
    #[ignore = "builds and boots firmware; `cargo xtask test` does so, too"]
    fn the_template_is_called() {
        // With FROM_SOURCE set, `core` is built from source, as where rustup is missing.
        run_all(std::env::var_os("FROM_SOURCE").is_some()).unwrap();
    }
}
