//! Converts names of the file to names of Python.

use crate::generate::words::camel;
use crate::tree::split;

/// Words that are no names.
const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// Attributes of every struct, one of which a field of the same name would have as its default.
pub(super) const OF_STRUCTS: [&str; 1] = ["asdict"];

/// Attributes of every union, which an arm of the same name would hide. `value` is that of an arm `value`, too.
pub(super) const OF_UNIONS: [&str; 7] = ["asdict", "case", "_arm", "_arms", "_get", "_others", "_void"];

/// Attributes of `IntEnum`, which a member would hide.
const OF_ENUM: [&str; 15] = [
    "as_integer_ratio",
    "bit_count",
    "bit_length",
    "conjugate",
    "denominator",
    "from_bytes",
    "imag",
    "is_integer",
    "mro",
    "name",
    "names",
    "numerator",
    "real",
    "to_bytes",
    "value",
];

/// Returns a name of the file as a name of Python: a keyword gets a `_`.
pub(super) fn plain(name: &str) -> String {
    let name = split(name).1;
    // A class would change a name with two underscores before it.
    let name = if name.starts_with("__") { format!("x{name}") } else { name.to_owned() };
    if KEYWORDS.contains(&name.as_str()) { format!("{name}_") } else { name }
}

/// Returns the name of a member of an enum.
pub(super) fn member(name: &str) -> String {
    let name = plain(name);
    match name.as_str() {
        reserved if OF_ENUM.contains(&reserved) => format!("{name}_"),
        private if private.starts_with('_') => format!("x{name}"),
        _ => name,
    }
}

/// Returns the name of a procedure: in small letters.
pub(super) fn method(name: &str) -> String {
    let name = plain(&name.to_ascii_lowercase());
    // Private names are those of the class.
    if name.starts_with('_') { format!("x{name}") } else { name }
}

/// Returns the name of a class: `nfs_fh` is `NfsFh`.
pub(super) fn class(name: &str) -> String {
    let name = camel(name);
    if KEYWORDS.contains(&name.as_str()) { format!("{name}_") } else { name }
}
