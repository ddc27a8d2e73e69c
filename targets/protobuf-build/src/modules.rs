//! Packages as modules in one file.

use std::collections::BTreeMap;

/// Returns the Rust of all packages, each in a module for each part of its name.
pub fn nest(packages: &BTreeMap<Vec<String>, String>) -> String {
    let mut out = String::new();
    let mut open: Vec<&str> = Vec::new();
    for (path, rust) in packages {
        let shared = open.iter().zip(path).take_while(|(open, part)| **open == part.as_str()).count();
        close(&mut out, &mut open, shared);
        for part in &path[shared..] {
            out += &format!("{}pub mod {part} {{\n", "    ".repeat(open.len()));
            open.push(part);
        }
        let indent = "    ".repeat(open.len());
        for line in rust.lines().filter(|line| !line.starts_with("// This file is @generated")) {
            out += if line.is_empty() { "" } else { &indent };
            out += line;
            out.push('\n');
        }
    }
    close(&mut out, &mut open, 0);
    out
}

/// Closes modules until `depth` are open.
fn close(out: &mut String, open: &mut Vec<&str>, depth: usize) {
    while open.len() > depth {
        open.pop();
        *out += &format!("{}}}\n", "    ".repeat(open.len()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_share_modules() {
        let package = |path: &[&str], rust: &str| (path.iter().map(|&part| part.to_owned()).collect(), rust.to_owned());
        let packages = BTreeMap::from([package(&[], "0"), package(&["a", "b"], "1\n2"), package(&["a", "c"], "3")]);
        let nested =
            "0\npub mod a {\n    pub mod b {\n        1\n        2\n    }\n    pub mod c {\n        3\n    }\n}\n";
        assert_eq!(nest(&packages), nested);
    }
}
