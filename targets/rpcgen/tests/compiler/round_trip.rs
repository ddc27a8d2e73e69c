//! A tree, written down, parses to the same tree.

use oncilla_rpcgen::tree::Specification;
use oncilla_rpcgen::{Preprocessor, parse_file, parse_text};
use proptest::prelude::*;

use crate::{files, trees};

fn parse(text: &str) -> Specification {
    let parsed = parse_text("again.x", text, &Preprocessor::default());
    assert!(parsed.report.errors().next().is_none(), "{}\n{text}", parsed.report);
    parsed.tree
}

#[test]
fn files() {
    let constructs = "../../tests/interop/constructs.x".into();
    for path in files::accepted().into_iter().chain(files::specified()).chain(files::system()).chain([constructs]) {
        let parsed = parse_file(&path, &Preprocessor::default()).unwrap();
        assert!(parsed.report.errors().next().is_none(), "{}", parsed.report);
        assert!(parse(&parsed.tree.to_string()) == parsed.tree, "{}", path.display());
    }
}

#[test]
fn a_tree_says_what_was_written() {
    let text = "\
/* About the size. */
const SIZE = 0x10; /* in bytes */

%#include <stdio.h>

struct node { /* of a list */
    unsigned int value;
    struct {
        string text<>;
    } inner[SIZE];
    node *next;
};

program CLOCK {
    version CLOCK_1 {
        string NAME(int, node *where) = 1;
    } = 1;
} = 0x20000001;

/* The end. */
";
    assert_eq!(parse(text).to_string(), text);
}

proptest! {
    #[test]
    fn any_tree(tree in trees::specification()) {
        let text = tree.to_string();
        prop_assert_eq!(parse(&text), tree, "{}", text);
    }
}
