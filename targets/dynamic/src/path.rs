//! The path from a whole value to a part of it.

use std::borrow::Cow;
use std::fmt::Write;

/// A step from a value to a part of it.
#[derive(Clone, Debug)]
pub(crate) enum Step<'s> {
    /// A field of a struct, or a case of a union.
    Field(Cow<'s, str>),
    Index(usize),
}

/// Writes a path: `history[3].time`.
pub(crate) fn write(steps: &[Step<'_>]) -> String {
    let mut path = String::new();
    for step in steps {
        let dot = if path.is_empty() { "" } else { "." };
        // Writing to a string cannot fail.
        let _ = match step {
            Step::Field(name) => write!(path, "{dot}{name}"),
            Step::Index(index) => write!(path, "[{index}]"),
        };
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_read_as_in_javascript() {
        let field = |name: &'static str| Step::Field(name.into());
        assert_eq!(write(&[field("history"), Step::Index(3), field("time")]), "history[3].time");
        assert_eq!(write(&[Step::Index(0), Step::Index(1)]), "[0][1]");
        assert_eq!(write(&[]), "");
    }
}
