//! Which program uses a port.

use std::fs;
#[cfg(target_os = "linux")]
use std::os::unix::fs::MetadataExt;
use std::path::Path;

#[cfg(target_os = "linux")]
use nix::sys::stat::{major, minor};

/// Returns who uses a port and what to do, if this user may see it: only root sees the programs of all users.
///
/// Several programs can have it open: the one that made a pseudo-terminal often has. The one that locked it is named
/// alone.
pub(super) fn holder(path: &str) -> Option<String> {
    let path = fs::canonicalize(path).ok()?;
    let own = std::process::id();
    let mut holders = holders(&path);
    if let Some(owner) = locks(&path).into_iter().find(|owner| holders.contains(owner)) {
        if owner == own {
            return Some("this program has it open already; close it there".into());
        }
        holders = vec![owner];
    }
    let names: Vec<_> = holders.into_iter().filter(|&process| process != own).map(name).collect();
    match &names[..] {
        [] => None,
        [name] => Some(format!("{name} uses it; close that program")),
        names => Some(format!("one of these uses it: {}; close that program", names.join(", "))),
    }
}

/// Returns the processes that have opened a file.
fn holders(path: &Path) -> Vec<u32> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let number = |process: &fs::DirEntry| process.file_name().to_str()?.parse().ok();
    processes
        .filter(|process| {
            let files = fs::read_dir(process.path().join("fd")).into_iter().flatten().flatten();
            files.map(|file| fs::read_link(file.path())).any(|target| target.is_ok_and(|target| target == path))
        })
        .filter_map(|process| number(&process))
        .collect()
}

/// Returns the processes that have locked a file.
#[cfg(target_os = "linux")]
fn locks(path: &Path) -> Vec<u32> {
    let Ok(file) = fs::metadata(path) else { return Vec::new() };
    let file = format!("{:02x}:{:02x}:{}", major(file.dev()), minor(file.dev()), file.ino());
    owners(&fs::read_to_string("/proc/locks").unwrap_or_default(), &file)
}

/// Only Linux keeps a list of locks.
#[cfg(not(target_os = "linux"))]
fn locks(_: &Path) -> Vec<u32> {
    Vec::new()
}

/// Finds the processes that hold a lock of a file in the text of `/proc/locks`.
///
/// A line that begins with an arrow is of a process that waits.
#[cfg(target_os = "linux")]
fn owners(locks: &str, file: &str) -> Vec<u32> {
    let owner = |line: &str| {
        let fields: Vec<_> = line.split_whitespace().collect();
        let [_, "FLOCK", _, _, process, locked, ..] = fields[..] else { return None };
        (locked == file).then(|| process.parse().ok())?
    };
    locks.lines().filter_map(owner).collect()
}

fn name(process: u32) -> String {
    let name = fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default();
    format!("{} (process {process})", crate::harmless(name.trim_end()))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn those_that_hold_a_lock_are_found_and_those_that_wait_are_not() {
        let locks = "1: FLOCK  ADVISORY  WRITE 4242 00:18:3 0 EOF\n\
                     1: -> FLOCK  ADVISORY  WRITE 4243 00:18:3 0 EOF\n\
                     2: POSIX  ADVISORY  WRITE 4244 00:18:3 0 EOF\nshort\n\
                     3: FLOCK  ADVISORY  WRITE 4245 00:18:33 0 EOF\n";
        assert_eq!(owners(locks, "00:18:3"), [4242]);
    }
}
