//! Parses text from a peer.

use crate::Parsed;
use crate::diagnostic::{Diagnostic, Report};
use crate::harmless::harmless;
use crate::lex::Preprocessor;
use crate::source::{Place, Sources};
use crate::tree::Specification;

/// The largest size of a text in bytes. NFSv4.1, the largest interface of an RFC, has 100 000.
pub(crate) const RECEIVED_MAX: usize = 1 << 20;

/// Parses the text of an interface from a peer, such as `read_description` reads. `name` stands for the file in errors.
///
/// **Isolation.** Whatever the text contains, no file is opened and nothing of the environment is read; `#include` is
/// an error. The text is made [`harmless`] first, so comments, names and errors may be printed.
///
/// **Limits.** 1 MiB; 131 072 words of at most 255 characters; `#define`s expand to at most 100 000 words, 100 levels
/// deep; types are nested at most 100 deep. Within these limits the time is linear in the text: below a second.
///
/// ```
/// let parsed = oncilla_rpcgen::parse_received("the device", "#include \"/etc/passwd\"\nconst A = 1;");
/// assert!(parsed.report.to_string().contains("`#include` in a received text"));
/// ```
#[must_use]
pub fn parse_received(name: &str, text: &str) -> Parsed {
    let name = harmless(name);
    if text.len() > RECEIVED_MAX {
        let mut sources = Sources::default();
        sources.add(name.into_owned().into(), String::new());
        let message = format!("the text has {} bytes; at most {RECEIVED_MAX} are parsed", text.len());
        let diagnostics = vec![Diagnostic::error(Place::default(), message)];
        return Parsed { tree: Specification::default(), report: Report { sources, diagnostics } };
    }
    super::parse_text(&*name, harmless(text), &Preprocessor::for_received())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(text: &str) -> String {
        parse_received("the device", text).report.to_string()
    }

    #[test]
    fn no_file_is_opened() {
        let own = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        for line in ["#include \"/dev/zero\"", "#include </etc/passwd>", &format!("#include \"{own}\"")] {
            let shown = errors(line);
            assert!(shown.contains("`#include` in a received text"), "{shown}");
            assert!(shown.contains("--> the device:1:1"), "{shown}");
        }
        // A line for C, which otherwise reads the file that a header is generated from, opens none either.
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/accepted/include");
        let parsed = parse_received(&format!("{folder}/device"), "%#include \"shared.h\"\n%#include \"/tmp/a.h\"\n");
        assert_eq!(parsed.report.sources.all().len(), 1);
    }

    #[test]
    fn size_and_words_are_limited() {
        let shown = errors(&" ".repeat(RECEIVED_MAX + 1));
        assert!(shown.contains("the text has 1048577 bytes; at most 1048576 are parsed"), "{shown}");
        let shown = errors(&";".repeat(200_000));
        assert!(shown.contains("more than 131072 words"), "{shown}");
    }

    #[test]
    fn nothing_of_it_can_harm_a_terminal() {
        let parsed = parse_received("a\u{1b}b", "const A = \"\u{1b}]0;x\u{7}\"; /* \u{202e} */ \u{9b}31m");
        let all = format!("{}{}{}", parsed.tree, parsed.report, parsed.report.sources.all()[0].text);
        assert_eq!(harmless(&all), all);
    }
}
