//! Names in Python for those of the file.

use oncilla_dynamic::Case;

/// Returns a name as that of a class: `read_result` is `ReadResult`.
pub fn camel(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        let rest: String = letters.collect();
        // A word in capitals has one capital; a word that has both is kept.
        let shouts = !rest.is_empty() && !rest.chars().any(|letter| letter.is_ascii_lowercase());
        first.into_iter().chain(if shouts { rest.to_ascii_lowercase() } else { rest }.chars()).collect::<String>()
    };
    name.split(['_', '.']).filter(|part| !part.is_empty()).map(word).collect()
}

/// The keywords of Python, and the soft ones that an editor shows as such are not among them.
const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// Returns names that Python accepts, each once: a keyword has a `_` after it.
pub fn names_of<'n>(names: impl Iterator<Item = &'n str>) -> Vec<String> {
    attributes_of(names, &[])
}

/// Attributes of every struct. A field of such a name would hide one, or have it as its default.
pub const OF_STRUCTS: [&str; 1] = ["asdict"];

/// Attributes of every union, except `value`, which is the same as that of an arm `value`.
const OF_UNIONS: [&str; 7] = ["asdict", "case", "_arm", "_arms", "_get", "_others", "_void"];

/// Returns the attribute of an arm: none of a void one.
pub fn arm_of(case: &Case<'_>) -> String {
    match case.body {
        Some(_) => attributes_of([case.field].into_iter(), &OF_UNIONS).remove(0),
        None => String::new(),
    }
}

/// Returns names that Python accepts, each once: a keyword and a reserved name have a `_` after them.
pub fn attributes_of<'n>(names: impl Iterator<Item = &'n str>, reserved: &[&str]) -> Vec<String> {
    let mut taken: Vec<String> = Vec::new();
    for name in names {
        let mut safe: String = name
            .chars()
            .map(|letter| if letter.is_ascii_alphanumeric() || letter == '_' { letter } else { '_' })
            .collect();
        if is_private(&safe) {
            safe.insert(0, 'n');
        }
        while KEYWORDS.contains(&safe.as_str()) || reserved.contains(&safe.as_str()) || taken.contains(&safe) {
            safe.push('_');
        }
        taken.push(safe);
    }
    taken
}

/// Returns whether Python, or its dataclasses and enums, give a name another meaning.
fn is_private(name: &str) -> bool {
    name.starts_with("__") || (name.starts_with('_') && name.ends_with('_')) || name == "mro"
}
