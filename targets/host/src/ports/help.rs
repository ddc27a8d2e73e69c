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
        Refusal::InUse(path) => {
            Some(system::holder(path).unwrap_or_else(|| "another program uses it; close that program".into()))
        }
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

    pub(super) use crate::ports::holder::holder;

    /// Reading and writing by the group.
    const GROUP: u32 = 0o060;

    /// Returns how this user can be allowed to open a file.
    pub(super) fn permission(path: &str) -> Option<String> {
        let file = fs::metadata(path).ok()?;
        let name = file_name(path);
        // Of other ports, such as pseudo-terminals, udev knows nothing.
        let is_device = Path::new("/sys/class/tty").join(&name).exists();
        let names = |list| fs::read_to_string(list).unwrap_or_default();
        let (groups, users) = (names("/etc/group"), names("/etc/passwd"));
        Some(match (name_of(&groups, file.gid()), is_device) {
            (Some(group), _) if file.gid() > 0 && file.mode() & GROUP == GROUP => join(group),
            (_, true) => rule(&name),
            (_, false) => ask(name_of(&users, file.uid()), &file),
        })
    }

    fn file_name(path: &str) -> String {
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.into());
        path.file_name().unwrap_or(Path::new("ttyUSB0").as_os_str()).to_string_lossy().into_owned()
    }

    fn join(group: &str) -> String {
        format!("this user may not open it; join the group {group} (sudo usermod -aG {group} $USER) and log in again")
    }

    fn rule(name: &str) -> String {
        format!(
            "this user may not open it; put SUBSYSTEM==\"tty\", KERNEL==\"{name}\", MODE=\"0660\", GROUP=\"dialout\" in \
             /etc/udev/rules.d/50-serial.rules, join that group, and log in again"
        )
    }

    fn ask(owner: Option<&str>, file: &Metadata) -> String {
        let owner = owner.map_or_else(|| file.uid().to_string(), Into::into);
        format!("this user may not open it; run this program as its owner, {owner}, or ask that user for permission")
    }

    /// Finds the name of a group or user in the text of `/etc/group` or `/etc/passwd`.
    fn name_of(list: &str, number: u32) -> Option<&str> {
        let number = number.to_string();
        list.lines().find_map(|line| {
            let mut fields = line.split(':');
            let (name, _, id) = (fields.next()?, fields.next()?, fields.next()?);
            (id == number).then_some(name)
        })
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_group_is_found_by_its_number() {
            let groups = "root:x:0:\ndialout:x:20:anna,bert\nshort\n\nusers:x:200:\n";
            assert_eq!(name_of(groups, 20), Some("dialout"));
            assert_eq!(name_of(groups, 2), None);
        }

        #[test]
        fn a_rule_has_the_name_of_the_port() {
            assert!(rule("ttyS7").contains("put SUBSYSTEM==\"tty\", KERNEL==\"ttyS7\", MODE=\"0660\""));
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
