//! The figures of a probe.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};

use crate::footprint::Footprint;

/// Figures by name: flash and RAM in bytes, calls in instructions, wire in bytes of a call and its reply together.
pub type Figures = BTreeMap<String, u64>;

/// The figures of each probe.
pub type All = BTreeMap<String, Figures>;

pub const FLASH: &str = "flash";
pub const STATIC_RAM: &str = "static_ram";
pub const STACK: &str = "stack";
/// The handshake of a link with keys, with the first call.
pub const HANDSHAKE: &str = "handshake";
pub const NULL: &str = "null";
pub const ADD: &str = "add";
pub const ECHO64: &str = "echo64";
pub const WIRE_NULL: &str = "wire_null";
pub const WIRE_ADD: &str = "wire_add";
pub const WIRE_ECHO64: &str = "wire_echo64";

/// The figures that a measuring firmware must print, a line `name number` each.
const MEASURED: [&str; 7] = [STACK, NULL, ADD, ECHO64, WIRE_NULL, WIRE_ADD, WIRE_ECHO64];

/// The figures of the firmware in C, whose stack is not measured.
pub const CALLS: [&str; 6] = [NULL, ADD, ECHO64, WIRE_NULL, WIRE_ADD, WIRE_ECHO64];

/// Parses the output of a measuring firmware.
pub fn parse(printed: &str) -> Result<Figures> {
    parse_only(printed, &MEASURED)
}

/// Parses the output of a firmware that must print these figures.
pub fn parse_only(printed: &str, needed: &[&str]) -> Result<Figures> {
    let mut figures = Figures::new();
    for line in printed.lines() {
        let (name, number) = line.split_once(' ').with_context(|| format!("{line:?} is not a name and a number"))?;
        let known = name == HANDSHAKE || MEASURED.contains(&name);
        ensure!(known, "{name:?} is not one of the figures {MEASURED:?}");
        let number = number.parse().with_context(|| format!("{line:?} does not end in a number"))?;
        ensure!(figures.insert(name.to_owned(), number).is_none(), "{name:?} was printed twice");
    }
    for &name in needed {
        ensure!(figures.contains_key(name), "the figure {name:?} was not printed");
    }
    Ok(figures)
}

/// Returns the figures of a firmware that is not run.
pub fn of_footprint(footprint: Footprint) -> Figures {
    Figures::from([(FLASH.to_owned(), footprint.flash), (STATIC_RAM.to_owned(), footprint.static_ram)])
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "null 582\nadd 641\necho64 928\nstack 300\nwire_null 72\nwire_add 88\nwire_echo64 216\n";

    #[test]
    fn all_figures_are_read() {
        let figures = parse(GOOD).unwrap();
        assert_eq!(figures.len(), MEASURED.len());
        assert_eq!(figures["echo64"], 928);
    }

    #[test]
    fn a_figure_missing_twice_strange_or_not_a_number_is_an_error() {
        for (bad, what) in [
            (GOOD.replace("add 641\n", ""), "was not printed"),
            (GOOD.replace("add 641\n", "add 641\nadd 641\n"), "was printed twice"),
            (GOOD.replace("add 641\n", "add 641\nsub 641\n"), "is not one of the figures"),
            (GOOD.replace("641", "-1"), "does not end in a number"),
            (GOOD.replace("add 641", "panic"), "is not a name and a number"),
        ] {
            let error = parse(&bad).unwrap_err().to_string();
            assert!(error.contains(what), "{error}");
        }
    }
}
