//! Bounds that the file does not state and nobody has stated since: what exceeds them fails at run time.

use crate::check::{Counted, Interface, Unbounded};
use crate::diagnostic::Diagnostic;
use crate::options::Options;

const ALL: [Counted; 3] = [Counted::Bytes, Counted::Elements, Counted::Nodes];

impl Options {
    /// What has neither a bound of its own nor one that was chosen for all of its kind.
    fn without_word<'t>(&self, interface: &Interface<'t>) -> Vec<Unbounded<'t>> {
        let mut unbounded = interface.unbounded();
        unbounded.retain(|one| !self.bounds.contains_key(&one.path) && !self.chosen.contains(&one.counted));
        unbounded
    }

    /// The bound that is assumed, what is counted, and the option of the command for it.
    fn assumption(&self, counted: Counted) -> (u32, &'static str, &'static str) {
        match counted {
            Counted::Bytes => (self.bytes, "bytes", "--bytes"),
            Counted::Elements => (self.elements, "elements", "--elements"),
            Counted::Nodes => (self.nodes, "nodes", "--nodes"),
        }
    }

    /// A note for each bound that is assumed, and one line about all of them.
    pub(crate) fn assumed(&self, interface: &Interface<'_>) -> (Vec<Diagnostic>, Option<String>) {
        let unbounded = self.without_word(interface);
        let notes = unbounded.iter().map(|Unbounded { path, counted, place, .. }| {
            let (bound, what, option) = self.assumption(*counted);
            Diagnostic::note(*place, format!("`{path}` has no bound; {bound} {what} are assumed"))
                .help(format!("state one: `--bound {path}=COUNT`, or `{option} COUNT` for all without one"))
        });
        let counts = ALL.into_iter().filter_map(|counted| {
            let count = unbounded.iter().filter(|one| one.counted == counted).count();
            let (bound, what, option) = self.assumption(counted);
            (count > 0).then(|| (format!("{bound} {what} in {count} places"), option))
        });
        let (counts, options): (Vec<_>, Vec<_>) = counts.unzip();
        let summary = (!counts.is_empty()).then(|| {
            format!(
                "the file states no bound, so there are at most {}; more fails at run time: state `{}` or `--bound \
                 PATH=COUNT` (`Options::bound`); `--assumed` lists the places",
                counts.join(", ").replace(" 1 places", " 1 place"),
                options.join("`, `")
            )
        });
        (notes.collect(), summary)
    }
}
