//! What the guide quotes of the repository is there.

use std::fs;
use std::path::Path;

/// What stands before a block that is quoted from a file.
const FROM: &str = "<!-- from ";

/// Lines without what indents them, joined.
fn plain<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    lines.map(str::trim).collect::<Vec<_>>().join("\n")
}

/// The quoted blocks of a chapter: the file, and the block.
fn quotations(chapter: &str) -> Vec<(String, String)> {
    let mut lines = chapter.lines();
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
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut quoted = 0;
    for entry in fs::read_dir(root.join("src/guide")).unwrap() {
        let path = entry.unwrap().path();
        for (file, block) in quotations(&fs::read_to_string(&path).unwrap()) {
            let text = fs::read_to_string(root.join(&file)).unwrap_or_else(|error| panic!("{file}: {error}"));
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
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let budget = fs::read_to_string(root.join("targets/xtask/budget.toml")).unwrap();
    let mut compared = 0;
    for chapter in ["memory", "performance"] {
        let text = fs::read_to_string(root.join(format!("src/guide/{chapter}.md"))).unwrap();
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
            for (heading, cell) in headings.iter().zip(&row).skip(1).filter(|(heading, _)| !heading.is_empty()) {
                let figure = format!("{} = {}", key(heading), cell.replace(' ', ""));
                assert!(
                    figures.lines().any(|line| line == figure),
                    "{chapter}.md, {probe}: {figure} is not in\n{figures}"
                );
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 2 * 6 * 3 + 6 * 6);
}
