//! Bounds that are assumed because neither the file nor an option states them. Larger values fail at run time.

use crate::check::{Counted, Interface, Unbounded};
use crate::diagnostic::Diagnostic;
use crate::generate::assumes_limit;
use crate::options::{Data, Options};

const ALL: [Counted; 3] = [Counted::Bytes, Counted::Elements, Counted::Nodes];

impl Options {
    /// Returns the items that have neither a bound of their own nor an option for all items of their kind.
    fn without_bound<'t>(&self, interface: &Interface<'t>) -> Vec<Unbounded<'t>> {
        let mut unbounded = interface.unbounded();
        unbounded.retain(|one| !self.bounds.contains_key(&one.path) && !self.chosen.contains(&one.counted));
        unbounded
    }

    /// Returns the assumed bound, its unit, and what sets it: the command's option and the build script's method.
    fn assumption(&self, counted: Counted) -> (u32, &'static str, &'static str, &'static str) {
        match counted {
            Counted::Bytes => (self.bytes, "bytes", "--bytes", "Options::unbounded_bytes"),
            Counted::Elements => (self.elements, "elements", "--elements", "Options::unbounded_elements"),
            Counted::Nodes => (self.nodes, "nodes", "--nodes", "Options::list_nodes"),
        }
    }

    /// Returns a note for each assumed bound, and one line about all of them.
    ///
    /// Data on the heap need no bounds, but their messages may need a limit.
    pub(crate) fn assumed(&self, interface: &Interface<'_>) -> (Vec<Diagnostic>, Option<String>) {
        if self.data == Data::Heap {
            let summary = assumes_limit(interface, self).then(|| {
                format!(
                    "the file does not bound its messages, so a limit of {} bytes is assumed; larger calls and replies fail \
                     at run time: state `--limit BYTES`, in build.rs `Options::new().data(Data::Heap).message_limit(BYTES)`",
                    self.limit()
                )
            });
            return (Vec::new(), summary);
        }
        let unbounded = self.without_bound(interface);
        let notes = unbounded.iter().map(|Unbounded { path, counted, place, .. }| {
            let (bound, what, option, _) = self.assumption(*counted);
            Diagnostic::note(*place, format!("`{path}` has no bound, so {bound} {what} are assumed"))
                .help(format!("state a bound: `--bound {path}=COUNT`, or `{option} COUNT` for all items without one"))
        });
        let counts = ALL.into_iter().filter_map(|counted| {
            let count = unbounded.iter().filter(|one| one.counted == counted).count();
            let (bound, what, option, method) = self.assumption(counted);
            (count > 0).then(|| (format!("{bound} {what} in {count} places"), format!("`{option}` (`{method}`)")))
        });
        let (counts, options): (Vec<_>, Vec<_>) = counts.unzip();
        let summary = (!counts.is_empty()).then(|| {
            format!(
                "bounds that the file does not state are assumed: {}; larger values fail at run time: state {} or `--bound \
                 PATH=COUNT` (`Options::bound`); `--assumed` lists the places",
                counts.join(", ").replace(" 1 places", " 1 place"),
                options.join(", ")
            )
        });
        (notes.collect(), summary)
    }
}
