//! The sensor's configuration file.

use core::time::Duration;

use heapless::Vec;

use crate::NAME_MAX;

/// The configuration of the sensor.
pub struct Config {
    name: Vec<u8, NAME_MAX>,
    /// The time between two measurements.
    pub interval: Duration,
}

impl Default for Config {
    /// Returns an interval of one second and an empty name.
    fn default() -> Self {
        Self { name: Vec::new(), interval: Duration::from_secs(1) }
    }
}

impl Config {
    /// Parses lines of `name = value`. Ignores lines it does not understand.
    #[must_use]
    pub fn parse(file: &[u8]) -> Self {
        let mut config = Self::default();
        for line in file.split(|&byte| byte == b'\n') {
            let mut parts = line.splitn(2, |&byte| byte == b'=').map(<[u8]>::trim_ascii);
            match (parts.next(), parts.next()) {
                (Some(b"name"), Some(value)) => config.name = copy(value),
                (Some(b"interval"), Some(value)) => config.interval = milliseconds(value).unwrap_or(config.interval),
                _ => {}
            }
        }
        config
    }

    /// Returns the name of the sensor.
    #[must_use]
    pub fn name(&self) -> &str {
        core::str::from_utf8(&self.name).unwrap_or_default()
    }
}

/// Copies as many bytes as there is room for.
fn copy(bytes: &[u8]) -> Vec<u8, NAME_MAX> {
    let mut copy = Vec::new();
    append(bytes, &mut copy);
    copy
}

/// Appends bytes. Returns whether there was room for all.
pub fn append<const N: usize>(bytes: &[u8], to: &mut Vec<u8, N>) -> bool {
    // `extend_from_slice` would be shorter, but a build with overflow checks has an addition in it that could panic.
    bytes.iter().all(|byte| to.push(*byte).is_ok())
}

/// Parses a time of at least 1 ms, so that the sensor does not measure without pause.
fn milliseconds(digits: &[u8]) -> Option<Duration> {
    let mut number = 0u32;
    for digit in digits {
        let digit = digit.checked_sub(b'0').filter(|digit| *digit < 10)?;
        number = number.checked_mul(10)?.checked_add(digit.into())?;
    }
    Some(Duration::from_millis(number.max(1).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_understood() {
        let config = Config::parse(include_bytes!("../files/sensor.conf"));
        assert_eq!((config.name(), config.interval), ("attic", Duration::from_millis(25)));
    }

    #[test]
    fn what_makes_no_sense_changes_nothing() {
        let config = Config::parse(b"interval = 1x\ninterval = 99999999999\n=\n\nname");
        assert_eq!((config.name(), config.interval), ("", Duration::from_secs(1)));
    }
}
