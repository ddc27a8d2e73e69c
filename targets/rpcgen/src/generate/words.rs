//! Converts names of C to names of Rust.

use std::collections::{HashMap, HashSet};

use heck::{ToShoutySnakeCase, ToSnakeCase, ToUpperCamelCase};

/// Words that are written `r#word`.
const KEYWORDS: &str = " abstract as async await become box break const continue do dyn else enum extern false final fn \
    for gen if impl in let loop macro match mod move mut override priv pub ref return static struct trait true try type \
    typeof unsafe unsized use virtual where while yield ";

/// Converts `nfs_fh` to `NfsFh`.
pub(crate) fn camel(name: &str) -> String {
    let name = lettered(name.to_upper_camel_case(), 'X');
    // `r#Self` is not allowed.
    if name == "Self" { "Self_".into() } else { name }
}

/// Converts `NFSPROC_GETATTR` to `nfsproc_getattr`. Keywords are escaped.
#[must_use]
pub fn snake(name: &str) -> String {
    let name = lettered(name.to_snake_case(), 'x');
    match name.as_str() {
        "self" | "super" | "crate" => format!("{name}_"),
        _ if KEYWORDS.contains(&format!(" {name} ")) => format!("r#{name}"),
        _ => name,
    }
}

/// Converts a name to capitals. A name in capitals is unchanged.
pub(crate) fn capitals(name: &str) -> String {
    if name.chars().any(char::is_lowercase) || name.starts_with('_') {
        lettered(name.to_shouty_snake_case(), 'X')
    } else {
        name.to_owned()
    }
}

/// Adds a letter to a name that begins with a digit, because underscores before it were removed.
fn lettered(name: String, letter: char) -> String {
    if name.starts_with(|first: char| first.is_alphabetic()) { name } else { format!("{letter}{name}") }
}

/// Returns the part of a name to which a suffix is added: `self_` and a number become `self2`.
pub(crate) fn stem(name: &str) -> &str {
    name.trim_start_matches("r#").trim_end_matches('_')
}

/// Names that are used.
#[derive(Default)]
pub struct Used {
    taken: HashSet<String>,
    /// The last number added to each name.
    numbers: HashMap<String, u32>,
}

impl Used {
    /// Reserves names.
    #[must_use]
    pub fn of(names: &[&str]) -> Self {
        Self { taken: names.iter().map(|&name| name.to_owned()).collect(), numbers: HashMap::new() }
    }

    /// Returns whether a name is used.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.taken.contains(name)
    }

    /// Returns the name, or a similar one that is free, and reserves it.
    pub fn take(&mut self, name: String) -> String {
        if self.taken.insert(name.clone()) {
            return name;
        }
        let stem = stem(&name);
        let number = self.numbers.entry(stem.to_owned()).or_insert(1);
        loop {
            *number += 1;
            let numbered = format!("{stem}{number}");
            if self.taken.insert(numbered.clone()) {
                return numbered;
            }
        }
    }
}

/// Returns the length of the prefix up to a `_` that all names share.
///
/// The rest of each name must be a possible name.
pub(crate) fn shared_prefix<'n>(names: impl Iterator<Item = &'n str> + Clone) -> usize {
    let several = names.clone().count() > 1;
    shared_prefixes(names).into_iter().rfind(|_| several).unwrap_or(0)
}

/// Returns the lengths of all such prefixes, also those of a single name, from the shortest.
pub(crate) fn shared_prefixes<'n>(names: impl Iterator<Item = &'n str> + Clone) -> Vec<usize> {
    let Some(first) = names.clone().next() else { return Vec::new() };
    let same = |name: &str| first.bytes().zip(name.bytes()).take_while(|(a, b)| a == b).count();
    let shared = names.clone().map(same).min().unwrap_or(0);
    let letter = |name: &str, end: usize| name.as_bytes().get(end).is_some_and(u8::is_ascii_alphabetic);
    let ends = first[..shared].match_indices('_').map(|(at, _)| at + 1);
    ends.filter(|&end| names.clone().all(|name| letter(name, end))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_c_become_names_of_rust() {
        assert_eq!(
            (camel("nfs_fh3"), camel("NFSERR_PERM"), camel("self")),
            ("NfsFh3".into(), "NfserrPerm".into(), "Self_".into())
        );
        assert_eq!(
            (snake("type"), snake("READDIRPLUS"), snake("self")),
            ("r#type".into(), "readdirplus".into(), "self_".into())
        );
        assert_eq!(
            (capitals("L001000"), capitals("maxLen"), capitals("_A")),
            ("L001000".into(), "MAX_LEN".into(), "A".into())
        );
        assert_eq!((camel("__"), snake("_1")), ("X".into(), "x1".into()));
    }

    #[test]
    fn what_all_names_share_is_left_out() {
        let shared = |names: &[&str]| shared_prefix(names.iter().copied());
        assert_eq!(shared(&["KEY_SUCCESS", "KEY_NOSECRET"]), 4);
        assert_eq!(shared(&["A_B_C", "A_B_D"]), 4);
        // A name cannot begin with a digit.
        assert_eq!(shared(&["X_1", "X_B"]), 0);
        assert_eq!(shared(&["ALONE_HERE"]), 0);
        assert_eq!(shared(&["A_", "A_B"]), 0);
    }
}
