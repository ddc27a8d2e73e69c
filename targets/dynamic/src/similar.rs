//! Names that are similar to an unknown one.

/// The least similarity of a name, from 0 to 1.
const LEAST: f64 = 0.6;

/// The largest number of compared names, and the largest length of the unknown name.
const COMPARED_MAX: usize = 10_000;
const LENGTH_MAX: usize = 100;

/// Returns the most similar name, if one is similar enough.
pub(crate) fn similar<'n>(unknown: &str, names: impl Iterator<Item = &'n str>) -> Option<String> {
    if unknown.len() > LENGTH_MAX {
        return None;
    }
    let lower = unknown.to_lowercase();
    let rated = names.take(COMPARED_MAX).filter(|name| name.len() <= LENGTH_MAX);
    let rated = rated.map(|name| (strsim::normalized_damerau_levenshtein(&lower, &name.to_lowercase()), name));
    // The first by name of those that are equally similar, so that the answer is always the same.
    let best = rated.filter(|(rate, _)| *rate >= LEAST).max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(a.1)));
    best.map(|(_, name)| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_similar_and_another_word_is_not() {
        let names = || ["millidegrees", "place", "RED"].into_iter();
        assert_eq!(similar("milidegrees", names()).as_deref(), Some("millidegrees"));
        assert_eq!(similar("red", names()).as_deref(), Some("RED"));
        assert_eq!(similar("humidity", names()), None);
    }
}
