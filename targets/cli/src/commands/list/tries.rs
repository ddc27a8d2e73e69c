//! Calls programs to find those that a server has.

use std::io;

use oncilla::{CallError, Refusal};

use super::table::Found;
use crate::connect::Device;
use crate::failure::{Done, Failure};
use crate::programs::{Programs, number, shown};

/// The most programs that are tried in one run.
const MOST: usize = 1 << 16;

/// The most versions between the lowest and the highest that are called one by one.
const VERSIONS_MAX: u32 = 64;

/// Parses program numbers: `known`, or numbers, names and ranges between commas.
pub fn parse(text: &str, programs: &Programs) -> Done<Vec<u32>> {
    if text == "known" {
        return Ok(programs.known());
    }
    let mut numbers = Vec::new();
    for part in text.split(',').map(str::trim) {
        let ends = part.split_once('-').and_then(|(low, high)| Some((number(low)?, number(high)?)));
        match ends {
            Some((low, high)) if low > high => {
                return Err(Failure::usage(format_args!("the range {part} is empty; write {high:#x}-{low:#x}")));
            }
            Some((low, high)) if (high - low) as usize >= MOST - numbers.len().min(MOST) => {
                let count = u64::from(high - low) + 1;
                let what = format!("the range {part} has {count} programs; {MOST} are tried in one run");
                return Err(Failure::usage(what).help("try a smaller range"));
            }
            Some((low, high)) => numbers.extend(low..=high),
            None => numbers.push(programs.parse(part)?.0),
        }
    }
    Ok(numbers)
}

/// Returns the versions of these programs that answer.
pub fn all(device: &mut Device, numbers: &[u32], programs: &Programs) -> Done<Vec<Found>> {
    let mut found = Vec::new();
    for &program in numbers {
        let failed = |error| {
            let name = programs.name(program).map(|name| format!(" ({name})")).unwrap_or_default();
            Failure::from(error).of(format_args!("program {}{name}", shown(program)))
        };
        found.extend(versions(device, program).map_err(failed)?);
    }
    Ok(found)
}

/// Returns the versions of a program that answer.
///
/// Calls an unlikely version, like rpcinfo: the refusal states the lowest and the highest.
fn versions(device: &mut Device, program: u32) -> Result<Vec<Found>, CallError<io::Error>> {
    let one = |version| Found::new(program, version, "try");
    match device.null(program, u32::MAX) {
        Ok(()) => Ok(vec![one(None)]),
        Err(CallError::Refused(Refusal::ProgramUnavailable)) => Ok(Vec::new()),
        Err(CallError::Refused(Refusal::ProgramMismatch { low, high })) => {
            let mut found = Vec::new();
            let all = low..=high.min(low.saturating_add(VERSIONS_MAX));
            for version in all.chain((high > low.saturating_add(VERSIONS_MAX)).then_some(high)) {
                match device.null(program, version) {
                    Ok(()) => found.push(one(Some(version))),
                    Err(CallError::Refused(Refusal::ProgramMismatch { .. } | Refusal::ProgramUnavailable)) => {}
                    Err(CallError::Refused(refusal)) => {
                        found.push(Found {
                            refusal: Some(crate::refusal::name(&refusal).to_owned()),
                            ..one(Some(version))
                        });
                    }
                    Err(error) => return Err(error),
                }
            }
            Ok(found)
        }
        Err(CallError::Refused(refusal)) => {
            Ok(vec![Found { refusal: Some(crate::refusal::name(&refusal).to_owned()), ..one(None) }])
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_and_bounded() {
        let parse = |text: &str| parse(text, &Programs::new(None)).map_err(|failure| failure.to_string());
        assert_eq!(
            parse("100003,0x20000000-0x20000002, rpcbind"),
            Ok(vec![100_003, 0x2000_0000, 0x2000_0001, 0x2000_0002, 100_000])
        );
        assert!(parse("known").unwrap().contains(&100_000));
        assert_eq!(parse("0x10000-0x1ffff").unwrap().len(), MOST);
        assert!(parse("0-0x10000").unwrap_err().contains("65537 programs; 65536 are tried"));
        assert!(parse("1,0-0xffff").unwrap_err().contains("65536 are tried"));
        assert!(parse("0-0xffffffff").unwrap_err().contains("4294967296 programs"));
        assert!(parse("5-3").unwrap_err().contains("0x3-0x5"));
    }
}
