//! Compares two versions of an interface: differences, and compatibility of their peers.
//!
//! `wire` resolves types to what is on the wire. `pairs` compares types of both interfaces, each pair once, with the
//! rules of `words`, `fields` and `unions`. `programs` compares programs, versions and procedures.

mod fields;
mod pairs;
mod programs;
mod unions;
mod wire;
mod words;

use std::fmt;

use crate::check::Interface;
use crate::source::Place;

/// How far a peer of one interface understands a peer of the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Agreement {
    /// Every value arrives as it was sent.
    Full,
    /// Every value of the old interface arrives. New peers must not send others to old peers.
    OldValues,
    /// Some values of the old interface are refused, or read as something else.
    Broken,
}

/// The part of a call that has a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The arguments, which clients send.
    Arguments,
    /// The results, which servers send.
    Results,
}

/// A difference between two interfaces.
#[derive(Clone, Debug)]
pub struct Difference {
    /// What differs, in one line.
    pub message: String,
    /// The place in the old interface. `None` if something was added.
    pub old: Option<Place>,
    /// The place in the new interface. `None` if something was removed.
    pub new: Option<Place>,
    /// The affected procedures, by their old names.
    pub uses: Vec<(String, Part)>,
    /// Whether a new server still serves old clients.
    pub old_clients: Agreement,
    /// Whether a new client can still call old servers.
    pub old_servers: Agreement,
}

/// All differences between two interfaces. Returned by [`compare`].
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// The differences, in the order of the programs and procedures of the old interface.
    pub differences: Vec<Difference>,
}

impl Comparison {
    /// Returns whether a new server serves old clients.
    #[must_use]
    pub fn old_clients(&self) -> Agreement {
        self.differences.iter().map(|difference| difference.old_clients).max().unwrap_or(Agreement::Full)
    }

    /// Returns whether a new client can call old servers.
    #[must_use]
    pub fn old_servers(&self) -> Agreement {
        self.differences.iter().map(|difference| difference.old_servers).max().unwrap_or(Agreement::Full)
    }
}

impl Difference {
    /// Returns the worse of both agreements.
    #[must_use]
    pub fn agreement(&self) -> Agreement {
        self.old_clients.max(self.old_servers)
    }
}

impl fmt::Display for Part {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Arguments => "arguments",
            Self::Results => "results",
        })
    }
}

/// Compares two interfaces, which must have no errors.
///
/// Programs, versions and procedures are matched by their numbers, and types by their use. Names are not on the
/// wire: a new name is a difference in which both agreements are [`Agreement::Full`]. But a name that has another
/// number, or another place among fields, is a changed meaning. Without programs in both interfaces, types are
/// matched by their names.
///
/// ```
/// use oncilla_rpcgen::{Agreement, check, compare, parse_text};
///
/// let parse = |result| {
///     let text = format!("program P {{ version V {{ {result} READ(int) = 1; }} = 1; }} = 0x20000001;");
///     parse_text("p.x", text, &Default::default()).tree
/// };
/// let (old, new) = (parse("int"), parse("hyper"));
/// let comparison = compare(&check(&old, [], &mut Vec::new()), &check(&new, [], &mut Vec::new()));
/// assert_eq!(comparison.differences[0].message, "the results of `READ` are `hyper`, were `int`");
/// assert_eq!(comparison.old_clients(), Agreement::Broken);
/// ```
#[must_use]
pub fn compare(old: &Interface<'_>, new: &Interface<'_>) -> Comparison {
    programs::compare(old, new)
}
