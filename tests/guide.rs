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
