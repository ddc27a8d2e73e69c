//! Versions: three numbers.

use std::{fmt, str::FromStr};

use anyhow::{Context, Result, bail, ensure};

/// A version without a pre-release part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    major: u64,
    minor: u64,
    patch: u64,
}

impl FromStr for Version {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let number = |part: &str| {
            let digits = part.bytes().all(|byte| byte.is_ascii_digit()) && (part == "0" || !part.starts_with('0'));
            part.parse().ok().filter(|_| digits)
        };
        let numbers: Option<Vec<u64>> = text.split('.').map(number).collect();
        match numbers.as_deref() {
            Some(&[major, minor, patch]) => Ok(Self { major, minor, patch }),
            _ => bail!("{text:?} is not a version: three numbers without leading zeros, such as 0.2.0"),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl Version {
    /// Its three numbers.
    pub const fn numbers(self) -> [u64; 3] {
        [self.major, self.minor, self.patch]
    }

    /// What a user writes in a manifest: without the patch.
    pub fn in_manifests(self) -> String {
        format!("{}.{}", self.major, self.minor)
    }

    /// Checks that `next` can follow this version: one of its numbers is one more, and those behind it are 0. A version that was
    /// never released may itself be next.
    pub fn check_next(self, next: Self, is_released: bool) -> Result<()> {
        let Self { major, minor, patch } = self;
        let add = |number: u64| number.checked_add(1).context("the version has a number that is too large");
        let following = [
            Self { patch: add(patch)?, ..self },
            Self { minor: add(minor)?, patch: 0, major },
            Self { major: add(major)?, minor: 0, patch: 0 },
        ];
        if !is_released && next == self {
            return Ok(());
        }
        let [first, second, third] = following;
        ensure!(
            following.contains(&next),
            "{next} does not follow {self}{}; next is {first}, {second} or {third}",
            if is_released { ", which is released" } else { "" }
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        text.parse().unwrap()
    }

    #[test]
    fn versions_are_three_numbers() {
        assert_eq!(version("0.12.3").to_string(), "0.12.3");
        assert_eq!(version("0.12.3").in_manifests(), "0.12");
        for wrong in ["", "1", "1.2", "1.2.3.4", "v1.2.3", "1.02.3", "1.2.3-alpha", "1.+2.3", "1.2."] {
            assert!(wrong.parse::<Version>().is_err(), "{wrong}");
        }
        assert!(version("0.10.0") > version("0.9.9"));
    }

    #[test]
    fn the_next_version_follows_the_present_one() {
        let released = |next: &str| version("0.2.3").check_next(version(next), true).is_ok();
        for good in ["0.2.4", "0.3.0", "1.0.0"] {
            assert!(released(good), "{good}");
        }
        for wrong in ["0.2.3", "0.2.2", "0.2.5", "0.3.1", "0.4.0", "1.0.1", "1.2.3", "2.0.0"] {
            assert!(!released(wrong), "{wrong}");
        }
        assert!(version("0.1.0").check_next(version("0.1.0"), false).is_ok());
        assert!(version("0.1.0").check_next(version("0.0.9"), false).is_err());
    }
}
