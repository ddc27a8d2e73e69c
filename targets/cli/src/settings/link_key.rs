//! Settings that ask for a keyed link and name no key.

use std::env;

use super::{From, Settings};
use crate::failure::{Done, Failure};

/// Refuses settings that ask for a keyed link and name no key: the calls would be in the clear.
pub fn check(settings: &Settings) -> Done {
    if settings.link_key.is_some() {
        return Ok(());
    }
    if env::var_os(VARIABLE).is_some_and(|file| file.is_empty()) {
        return Err(Failure::usage(format_args!("{VARIABLE} is empty, so there would be no link key"))
            .help("set it to the file of the key, or unset it"));
    }
    let is_given = |from: &From| matches!(from, From::Option | From::Environment(_));
    let side = settings.side.as_ref().is_some_and(|side| is_given(&side.from));
    let given = if is_given(&settings.suite.from) { Some("--suite") } else { side.then_some("--side") };
    match given {
        Some(option) => Err(Failure::usage(format_args!("{option} is given, and no link key"))
            .help(format_args!("give the file of the key, `--link-key FILE`, or leave out {option}"))),
        None => Ok(()),
    }
}

/// The variable of `--link-key`.
const VARIABLE: &str = "ONCILLA_LINK_KEY";
