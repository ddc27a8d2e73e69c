//! Devices by a pattern: `oven-{1..500}` stands for 500 devices.

use std::borrow::Cow;

/// The largest number of devices of one pattern.
const MOST: u64 = 100_000;

/// A name with a range of numbers in it, or a plain name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// One device.
    Plain(String),
    /// One device for each number.
    Range {
        /// The name before the number.
        before: String,
        /// The name after the number.
        after: String,
        /// The first number.
        first: u64,
        /// The last number.
        last: u64,
        /// The number of digits, filled with zeros.
        digits: usize,
    },
}

impl Pattern {
    /// Parses a name such as `oven-7` or `oven-{1..500}`.
    ///
    /// A first number with leading zeros sets the number of digits: `oven-{001..500}`.
    ///
    /// # Errors
    /// The range is malformed, is empty or has too many numbers.
    pub fn parse(name: &str) -> Result<Self, String> {
        let Some((before, rest)) = name.split_once('{') else { return Ok(Self::Plain(name.to_owned())) };
        let wrong = || format!("{name:?} is not a pattern; write one range of numbers, such as \"oven-{{1..500}}\"");
        let (range, after) = rest.split_once('}').ok_or_else(wrong)?;
        let (low, high) = range.split_once("..").ok_or_else(wrong)?;
        let number = |text: &str| text.parse::<u64>().map_err(|_| wrong());
        let (first, last) = (number(low)?, number(high)?);
        if after.contains(['{', '}']) {
            return Err(wrong());
        }
        if last < first {
            return Err(format!("the range {{{low}..{high}}} is empty; write the lower number first"));
        }
        if last - first >= MOST {
            return Err(format!("the range {{{low}..{high}}} has more than {MOST} numbers; divide it"));
        }
        let digits = if low.starts_with('0') && low.len() > 1 { low.len() } else { 0 };
        Ok(Self::Range { before: before.to_owned(), after: after.to_owned(), first, last, digits })
    }

    /// Returns the names, each with its number.
    pub fn names(&self) -> impl Iterator<Item = (String, Option<u64>)> + '_ {
        let (plain, range) = match self {
            Self::Plain(name) => (Some((name.clone(), None)), None),
            Self::Range { before, after, first, last, digits } => {
                let named = move |number| (format!("{before}{number:0digits$}{after}"), Some(number));
                (None, Some((*first..=*last).map(named)))
            }
        };
        plain.into_iter().chain(range.into_iter().flatten())
    }
}

/// Fills the number of a device into a text: `{}` is the number, `{+20000}` the number and 20 000.
///
/// # Errors
/// The text has a `{` without such a form, or the device has no number.
pub fn fill(text: &str, number: Option<u64>) -> Result<Cow<'_, str>, String> {
    if !text.contains('{') {
        return Ok(text.into());
    }
    let wrong = || format!("{text:?} has a {{ that is not {{}} or {{+NUMBER}}");
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once('{') {
        let (sum, after) = inside.split_once('}').ok_or_else(wrong)?;
        let added = match sum.strip_prefix('+') {
            Some(digits) => digits.parse().map_err(|_| wrong())?,
            None if sum.is_empty() => 0,
            None => return Err(wrong()),
        };
        let number = number.ok_or_else(|| {
            format!("{text:?} has the place of a number, but the device's name has no range such as {{1..500}}")
        })?;
        filled.push_str(before);
        filled.push_str(&number.saturating_add(added).to_string());
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_names_its_devices() {
        let names = |text: &str| Pattern::parse(text).unwrap().names().map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(names("oven"), ["oven"]);
        assert_eq!(names("oven-{9..11}"), ["oven-9", "oven-10", "oven-11"]);
        assert_eq!(names("h{08..10}-oven"), ["h08-oven", "h09-oven", "h10-oven"]);
        assert_eq!(names("o{7..7}"), ["o7"]);
    }

    #[test]
    fn wrong_ranges_state_what_to_write() {
        let error = |text: &str| Pattern::parse(text).unwrap_err();
        assert!(error("oven-{1..").contains("oven-{1..500}"));
        assert!(error("oven-{a..b}").contains("oven-{1..500}"));
        assert!(error("oven-{1..2}{1..2}").contains("one range"));
        assert!(error("oven-{9..1}").contains("lower number first"));
        assert!(error("oven-{0..100000}").contains("divide it"));
        assert!(error("oven-{0..18446744073709551615}").contains("divide it"));
    }

    #[test]
    fn numbers_are_filled_in() {
        assert_eq!(fill("tcp://10.0.0.{}:{+20000}", Some(7)).unwrap(), "tcp://10.0.0.7:20007");
        assert_eq!(fill("plain", None).unwrap(), "plain");
        assert!(fill("{", Some(1)).is_err() && fill("{-1}", Some(1)).is_err());
        assert!(fill("{}", None).unwrap_err().contains("{1..500}"));
        assert_eq!(fill("{+18446744073709551615}", Some(7)).unwrap(), "18446744073709551615");
    }
}
