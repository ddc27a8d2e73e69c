//! What a device serves: its interface, its programs and their versions.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use oncilla::{CallError, Refusal};
use oncilla_device::connect::Device as Connected;
use oncilla_device::failure::Exit;
use oncilla_device::interface::{interface_of, text_of_device};
use oncilla_dynamic::Interface;
use oncilla_fleet::wire::{Hash, Served};
use oncilla_rpcgen::parse_received;

use super::Known;
use super::happened::{happened, told};
use crate::settings::Device;

/// The most programs of a device that presence lists.
const PROGRAMS_MAX: usize = 64;

/// The version that no program has, to learn the versions that it has.
const NO_VERSION: u32 = u32::MAX;

/// An interface as long as a device uses it.
type Shared = (Weak<str>, Weak<Interface>);

/// The interfaces of all devices. Devices with the same description share one.
#[derive(Default)]
pub struct Interfaces(Mutex<HashMap<Hash, Shared>>);

/// An interface with its text, if the text stands alone.
pub struct Found {
    /// The interface.
    pub interface: Arc<Interface>,
    /// Its text and hash.
    pub text: Option<(Hash, Arc<str>)>,
}

impl Interfaces {
    /// Returns the interface that a device describes itself with, or that of its settings.
    ///
    /// `None` if there is none.
    ///
    /// # Errors
    /// The device does not answer.
    pub fn find(&self, device: &Device, connected: &mut Connected) -> Result<Option<Found>, String> {
        if let Some((text, interface)) = &device.interface {
            // A text with `#include` is of no use to callers.
            let alone = interface_of(parse_received(&device.name, text), &device.settings).is_ok();
            let text = alone.then(|| (Hash::of(text.as_bytes()), Arc::clone(text)));
            return Ok(Some(Found { interface: Arc::clone(interface), text }));
        }
        let parsed = match text_of_device(&device.name, connected) {
            Ok(parsed) => parsed,
            // It does not describe itself.
            Err(failure) if failure.refusal().is_some() => return Ok(None),
            Err(failure) => {
                let help = match failure.exit() {
                    Exit::NotReached | Exit::TimedOut => "",
                    _ => "; set `interface = \"FILE.x\"` for the device in the gateway's file",
                };
                return Err(format!("its description was not read: {}{help}", told(failure.what())));
            }
        };
        let Some(text) = parsed.report.sources.all().first().map(|source| source.text.clone()) else { return Ok(None) };
        let hash = Hash::of(text.as_bytes());
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((text, interface)) =
            known.get(&hash).and_then(|(text, interface)| Some((text.upgrade()?, interface.upgrade()?)))
        {
            return Ok(Some(Found { interface, text: Some((hash, text)) }));
        }
        known.retain(|_, (text, _)| text.strong_count() > 0);
        let interface = match interface_of(parsed, &device.settings) {
            Ok(interface) => Arc::new(interface),
            Err(failure) => {
                tracing::warn!(device = %device.name, "the description is not understood: {}", failure.what());
                return Ok(None);
            }
        };
        let text: Arc<str> = text.into();
        known.insert(hash, (Arc::downgrade(&text), Arc::downgrade(&interface)));
        Ok(Some(Found { interface, text: Some((hash, text)) }))
    }
}

/// Returns what a device serves.
///
/// # Errors
/// The device does not answer.
pub fn programs(interface: Option<&Interface>, connected: &mut Connected) -> Result<Vec<Served>, String> {
    let mut programs = Vec::new();
    for program in interface.into_iter().flat_map(Interface::programs).take(PROGRAMS_MAX) {
        let known: Vec<_> = program.versions().map(|version| version.number()).collect();
        let versions = match connected.null(program.number(), NO_VERSION) {
            Err(CallError::Refused(Refusal::ProgramMismatch { low, high })) => vec![(low, high)],
            Err(CallError::Refused(Refusal::ProgramUnavailable)) => continue,
            // It refuses such a call otherwise, or accepts any version.
            Ok(()) | Err(CallError::Refused(_)) => ranges(known),
            Err(error) => return Err(happened(&error)),
        };
        programs.push(Served { program: program.number(), name: program.name().to_owned(), versions });
    }
    Ok(programs)
}

/// Returns whether a device answers.
pub fn probe(connected: &mut Connected) -> Result<(), CallError<io::Error>> {
    match connected.null(oncilla_device::programs::DESCRIPTION, 1) {
        // A refusal is a reply.
        Ok(()) | Err(CallError::Refused(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Returns numbers as ranges.
fn ranges(mut numbers: Vec<u32>) -> Vec<(u32, u32)> {
    numbers.sort_unstable();
    numbers.dedup();
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some((_, high)) if high.checked_add(1) == Some(number) => *high = number,
            _ => ranges.push((number, number)),
        }
    }
    ranges
}

/// Returns what presence states.
pub fn known(found: Option<&Found>, programs: Vec<Served>, boot: u32) -> Known {
    Known { programs, description: found.and_then(|found| found.text.clone()), boot: Some(boot) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_become_ranges() {
        assert_eq!(ranges(vec![3, 1, 2, 7, 7, u32::MAX]), [(1, 3), (7, 7), (u32::MAX, u32::MAX)]);
        assert_eq!(ranges(vec![]), []);
    }
}
