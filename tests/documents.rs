//! What documents quote of the repository is there, and the commands in them exist.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What stands before a block that is quoted from a file.
const FROM: &str = "<!-- from ";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The README, the other pages beside it, and the chapters of the guide.
fn documents() -> Vec<PathBuf> {
    let mut documents: Vec<_> =
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"].map(|name| root().join(name)).into();
    documents.extend(fs::read_dir(root().join("src/guide")).unwrap().map(|entry| entry.unwrap().path()));
    documents.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    documents
}

/// Lines without what indents them, joined.
fn plain<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    lines.map(str::trim).collect::<Vec<_>>().join("\n")
}

/// The quoted blocks of a document: the file, and the block.
fn quotations(document: &str) -> Vec<(String, String)> {
    let mut lines = document.lines();
    let mut found = Vec::new();
    while let Some(line) = lines.next() {
        let Some(file) = line.strip_prefix(FROM).and_then(|rest| rest.strip_suffix(" -->")) else { continue };
        assert!(lines.next().is_some_and(|line| line.starts_with("```")), "a block follows {line}");
        found.push((file.to_owned(), plain(lines.by_ref().take_while(|line| *line != "```"))));
    }
    found
}

#[test]
fn quoted_blocks_are_parts_of_their_files() {
    let mut quoted = 0;
    for path in documents() {
        for (file, block) in quotations(&fs::read_to_string(&path).unwrap()) {
            let text = fs::read_to_string(root().join(&file)).unwrap_or_else(|error| panic!("{file}: {error}"));
            assert!(
                plain(text.lines()).contains(&block),
                "{} quotes what {file} does not have:\n{block}",
                path.display()
            );
            quoted += 1;
        }
    }
    assert!(quoted > 2, "only {quoted} blocks are quoted");
}

#[test]
fn the_readme_is_a_page() {
    let lines = fs::read_to_string(root().join("README.md")).unwrap().lines().count();
    assert!(lines <= 150, "the README has {lines} lines, of 150 at most");
}

/// The cargo commands in a document's blocks of shell, without comments.
fn commands(document: &str) -> Vec<String> {
    let mut in_shell = false;
    let mut found = Vec::new();
    for line in document.lines() {
        if line.starts_with("```") {
            in_shell = !in_shell && (line == "```sh" || line == "```console");
        } else if in_shell {
            let line = line.trim_start_matches("$ ").split(" #").next().unwrap_or_default().trim();
            // Commands of this repository: those in a user's own folder are tested where that folder is.
            if line.starts_with("cargo xtask")
                || line.contains("--package oncilla")
                || line.starts_with("cargo test --test")
            {
                found.push(line.to_owned());
            }
        }
    }
    found
}

/// Whether a package of this name is in the workspace.
fn is_package(name: &str) -> bool {
    fn search(folder: &Path, line: &str) -> bool {
        fs::read_dir(folder).unwrap().any(|entry| {
            let path = entry.unwrap().path();
            let hidden =
                path.file_name().is_some_and(|name| name == "target" || name.to_string_lossy().starts_with('.'));
            (path.is_dir() && !hidden && search(&path, line))
                || (path.ends_with("Cargo.toml")
                    && fs::read_to_string(&path).unwrap().lines().any(|other| other == line))
        })
    }
    search(root(), &format!("name = \"{name}\""))
}

/// Says what is wrong with a command, if anything.
fn fault(command: &str) -> Option<String> {
    let words: Vec<_> = command.split_whitespace().collect();
    let after = |flag: &str| words.windows(2).find_map(|pair| (pair[0] == flag).then_some(pair[1]));
    if let ["cargo", "xtask", arguments @ ..] = &words[..] {
        // Help is printed only if all that stands before it is known.
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["run", "--quiet", "--package", "xtask", "--"]).args(arguments).arg("--help").current_dir(root());
        let output = cargo.output().unwrap();
        return (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned());
    }
    if let Some(package) = after("--package").filter(|package| !is_package(package)) {
        return Some(format!("there is no package {package}"));
    }
    let exists = |folder: &str, name: &str| {
        let path = root().join(folder).join(name);
        path.with_extension("rs").is_file() || path.join("main.rs").is_file()
    };
    for (flag, folder) in [("--test", "tests"), ("--example", "examples")] {
        if let Some(name) = after(flag).filter(|name| after("--package").is_none() && !exists(folder, name)) {
            return Some(format!("there is no {folder}/{name}"));
        }
    }
    None
}

#[test]
fn commands_exist() {
    let mut seen = 0;
    for path in documents() {
        for command in commands(&fs::read_to_string(&path).unwrap()) {
            if let Some(fault) = fault(&command) {
                panic!("{}: `{command}`: {fault}", path.display());
            }
            seen += 1;
        }
    }
    assert!(seen > 10, "only {seen} commands are in the documents");
}

/// The links of a document to files.
fn links(document: &str) -> impl Iterator<Item = &str> {
    document.split("](").skip(1).filter_map(|rest| {
        let link = rest.split(')').next()?;
        let file = link.split('#').next()?;
        (!file.is_empty() && !file.contains("::") && !file.contains(' ') && !link.contains("://") && file.contains('.'))
            .then_some(file)
    })
}

#[test]
fn linked_files_exist() {
    for path in documents() {
        let folder = path.parent().unwrap();
        for link in links(&fs::read_to_string(&path).unwrap()) {
            assert!(folder.join(link).exists(), "{} links to {link}, which does not exist", path.display());
        }
    }
}

/// The cells of a table's row.
fn cells(line: &str) -> Vec<&str> {
    line.strip_prefix('|').map(|row| row.split('|').map(str::trim).collect()).unwrap_or_default()
}

/// The key of the budget that a column is about.
fn key(heading: &str) -> String {
    heading
        .replace("wire, ", "wire_")
        .replace(' ', "_")
        .replace("static_RAM,_buffers_included", "static_ram")
        .to_lowercase()
}

/// Rows named by a probe, as in "server (`cobs`)", have its budget.
#[test]
fn figures_are_those_of_the_budget() {
    let budget = fs::read_to_string(root().join("targets/xtask/budget.toml")).unwrap();
    let mut compared = 0;
    for document in ["README.md", "src/guide/memory.md", "src/guide/performance.md"] {
        let text = fs::read_to_string(root().join(document)).unwrap();
        let mut headings = Vec::new();
        for row in text.lines().map(cells) {
            let Some(&name) = row.first() else {
                headings.clear();
                continue;
            };
            if headings.is_empty() {
                headings = row;
                continue;
            }
            let Some((_, probe)) = name.strip_suffix("`)").and_then(|name| name.rsplit_once("(`")) else { continue };
            let Some((_, figures)) = budget.split_once(&format!("[figures.{probe}]\n")) else { continue };
            let figures = figures.split("\n\n").next().unwrap_or_default();
            for (heading, cell) in
                headings.iter().zip(&row).skip(1).filter(|(heading, _)| !["", "check"].contains(heading))
            {
                let figure = format!("{} = {}", key(heading), cell.replace(' ', ""));
                assert!(
                    figures.lines().any(|line| line == figure),
                    "{document}, {probe}: {figure} is not in\n{figures}"
                );
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 4 * 7 + (6 + 8) * 3 + 8 * 6);
}
