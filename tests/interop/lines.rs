//! The lines that the C client prints.

use crate::describe::Describe;
use crate::samples;

/// Each procedure with what was sent.
pub fn expected(bulks: &[Vec<u8>], notes: &[&str]) -> Vec<String> {
    fn lines<T: Describe>(name: &str, samples: impl IntoIterator<Item = T>) -> Vec<String> {
        samples.into_iter().map(|sample| format!("{name} {}", sample.describe())).collect()
    }
    [
        vec!["nothing ".to_owned()],
        lines("numbers", samples::numbers()),
        lines("octets", samples::octets()),
        lines("arrays", samples::arrays()),
        lines("shape", samples::shapes()),
        lines("unions", samples::unions()),
        lines("maybe", samples::maybes()),
        lines("list", samples::lists()),
        lines("word", samples::words()),
        lines("mixed", samples::mixed()),
        lines("piece", samples::pieces().iter().map(Vec::as_slice)),
        lines("bulk", bulks.iter().map(Vec::as_slice)),
        notes.iter().map(|notes| format!("note {notes}")).collect(),
        lines("caller", samples::users()),
    ]
    .concat()
}

/// What the server has seen of a batch of calls without replies.
pub const NOTES: &str = "'one''two''''eleven byte'";
