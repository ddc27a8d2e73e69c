//! What C has no type for: refused with the place, and with what to write.

use crate::check::{Counted, Interface};
use crate::diagnostic::Diagnostic;
use crate::options::Options;
use crate::tree::Definition;

/// Returns an error for each type that contains itself in another way than as a list, and for each item without a bound.
pub(super) fn refused(interface: &Interface<'_>, options: &Options) -> Vec<Diagnostic> {
    let mut errors = Vec::new();
    for item in interface.items() {
        let (Definition::Struct(name, _) | Definition::Union(name, _)) = &item.definition else { continue };
        if interface.is_recursive(&name.text) {
            let error =
                Diagnostic::error(name.place, format!("`{}` contains itself, which has no bound in C", name.text));
            errors.push(error.label("no type of C without an allocator holds it").help(
                "only linked lists become C, as arrays: the last field of the struct is a pointer to it; or send this type as \
                 `opaque<>` and encode it with `oncilla_put_…`",
            ));
        }
    }
    for unbounded in interface.unbounded() {
        let (path, counted) = (&unbounded.path, unbounded.counted);
        let is_tree = counted == Counted::Nodes && interface.is_recursive(path);
        if is_tree || options.bounds.contains_key(path) || options.chosen.contains(&counted) {
            continue;
        }
        let (what, option) = match counted {
            Counted::Bytes => ("bytes", "--bytes"),
            Counted::Elements => ("elements", "--elements"),
            Counted::Nodes => ("nodes", "--nodes"),
        };
        let error = Diagnostic::error(unbounded.place, format!("`{path}` has no bound, which C needs"));
        errors.push(error.label(format!("how many {what} at most?")).help(format!(
            "state a bound in the file, or by `--bound {path}=COUNT`, or `{option} COUNT` for all items without one"
        )));
    }
    errors
}
