//! What to do when a port cannot be opened.

use super::{Port, ports};

/// Why a port was not opened.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Refusal<'p> {
    /// There is no such port.
    Missing,
    /// A selector is malformed.
    Malformed,
    /// A selector selects several ports.
    Several,
    /// Another program has opened the port at this path.
    InUse(&'p str),
    /// This user may not open the port at this path.
    #[cfg(unix)]
    Denied(&'p str),
}

/// Returns what to do, or `None` where the general advice is all that is known.
pub(crate) fn help(refusal: Refusal<'_>) -> Option<String> {
    match refusal {
        Refusal::Missing => {
            let ports = ports().ok()?;
            Some(format!("check that the adapter is plugged in and that the name is right; {}", list(&ports)))
        }
        Refusal::Malformed => Some("write it as usb=2e8a:000a:SERIAL or usb=2e8a:000a, in hexadecimal".into()),
        Refusal::Several => {
            let ports = ports().ok()?;
            Some(format!("add the serial number, or #INTERFACE, or open one by its name; {}", list(&ports)))
        }
        Refusal::InUse(path) => Some(match system::holder(path) {
            Some(holder) => format!("{holder} uses it; close that program"),
            None => "another program uses it; close that program".into(),
        }),
        #[cfg(unix)]
        Refusal::Denied(path) => system::permission(path),
    }
}

/// Returns a sentence about the ports that exist.
fn list(ports: &[Port]) -> String {
    if ports.is_empty() {
        return "this machine has no serial port".into();
    }
    let ports: Vec<_> = ports.iter().map(ToString::to_string).collect();
    format!("this machine has: {}", ports.join(", "))
}

#[cfg(unix)]
mod system {
    use std::fs::{self, Metadata};
    use std::os::unix::fs::MetadataExt;
    use std::path::Path;

    /// Reading and writing by the group.
    const GROUP: u32 = 0o060;

    /// Returns the program that has opened a file, if this user may see it: only root sees those of all users.
    pub(super) fn holder(path: &str) -> Option<String> {
        let path = fs::canonicalize(path).ok()?;
        let own = std::process::id().to_string();
        for process in fs::read_dir("/proc").ok()?.flatten() {
            let number = process.file_name().into_string().unwrap_or_default();
            if number == own || !number.bytes().all(|byte| byte.is_ascii_digit()) {
                continue;
            }
            let Ok(files) = fs::read_dir(process.path().join("fd")) else { continue };
            if files.flatten().any(|file| fs::read_link(file.path()).is_ok_and(|target| target == path)) {
                let name = fs::read_to_string(process.path().join("comm")).unwrap_or_default();
                return Some(format!("{} (process {number})", crate::harmless(name.trim_end())));
            }
        }
        None
    }

    /// Returns how this user can be allowed to open a file.
    pub(super) fn permission(path: &str) -> Option<String> {
        let file = fs::metadata(path).ok()?;
        let groups = fs::read_to_string("/etc/group").unwrap_or_default();
        Some(advice(&file_name(path), &file, group_name(&groups, file.gid())))
    }

    fn file_name(path: &str) -> String {
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.into());
        path.file_name().unwrap_or(Path::new("ttyUSB0").as_os_str()).to_string_lossy().into_owned()
    }

    fn advice(name: &str, file: &Metadata, group: Option<&str>) -> String {
        match group {
            Some(group) if file.gid() > 0 && file.mode() & GROUP == GROUP => {
                format!(
                    "this user may not open it; join the group {group} (sudo usermod -aG {group} $USER) and log in again"
                )
            }
            _ => format!(
                "this user may not open it; put SUBSYSTEM==\"tty\", KERNEL==\"{name}\", MODE=\"0660\", \
                 GROUP=\"dialout\" in /etc/udev/rules.d/50-serial.rules, join that group, and log in again"
            ),
        }
    }

    /// Finds the name of a group in the text of `/etc/group`.
    fn group_name(groups: &str, number: u32) -> Option<&str> {
        let number = number.to_string();
        groups.lines().find_map(|line| {
            let mut fields = line.split(':');
            let (name, _, gid) = (fields.next()?, fields.next()?, fields.next()?);
            (gid == number).then_some(name)
        })
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_group_is_found_by_its_number() {
            let groups = "root:x:0:\ndialout:x:20:anna,bert\nshort\n\nusers:x:200:\n";
            assert_eq!(group_name(groups, 20), Some("dialout"));
            assert_eq!(group_name(groups, 2), None);
        }
    }
}

#[cfg(not(unix))]
mod system {
    /// Windows does not report which program has opened a port.
    pub(super) fn holder(_: &str) -> Option<String> {
        None
    }
}
