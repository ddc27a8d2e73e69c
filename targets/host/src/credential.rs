//! The AUTH_SYS credential of this process.

use std::time::{SystemTime, UNIX_EPOCH};

#[cfg(not(target_vendor = "apple"))]
use nix::unistd::getgroups;
use nix::unistd::{getegid, geteuid, gethostname};
use oncilla::message::{GROUPS_MAX, MACHINE_MAX, SysCredential};

/// Returns the AUTH_SYS credential of this process, for [`Client::with_credential`](oncilla::Client::with_credential).
///
/// The credential holds the effective user and group, the supplementary groups and the host name. AUTH_SYS has room for
/// 16 groups and 255 bytes of name; more is left out. On macOS the supplementary groups are left out, because a process
/// does not know all of them. Windows has no numbers of users: use [`SysCredential::new`] there.
///
/// ```no_run
/// let client = oncilla_host::tcp("thermostat.local:20049")?;
/// let mut client = client.with_credential(oncilla_host::process_credential());
/// # Ok::<(), oncilla_host::Error>(())
/// ```
#[must_use]
pub fn process_credential() -> SysCredential {
    // What the system does not report is left empty.
    let machine = gethostname().unwrap_or_default();
    let stamp = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs() as u32);
    cut_to_fit(stamp, &machine.to_string_lossy(), geteuid().as_raw(), getegid().as_raw(), &groups())
}

#[cfg(not(target_vendor = "apple"))]
fn groups() -> Vec<u32> {
    getgroups().unwrap_or_default().into_iter().map(|group| group.as_raw()).collect()
}

/// On Apple's systems a process does not know all groups of its user.
#[cfg(target_vendor = "apple")]
const fn groups() -> Vec<u32> {
    Vec::new()
}

fn cut_to_fit(stamp: u32, machine: &str, uid: u32, gid: u32, groups: &[u32]) -> SysCredential {
    // The name is cut between characters.
    let machine = (0..=MACHINE_MAX).rev().find_map(|length| machine.get(..length)).unwrap_or_default();
    let groups = groups.get(..GROUPS_MAX).unwrap_or(groups);
    SysCredential::new(stamp, machine, uid, gid, groups).expect("both are cut to fit")
}

#[cfg(test)]
mod tests {
    use oncilla::message::AuthSys;

    use super::*;

    /// Returns the length of the machine's name and the number of groups that remain.
    fn cut(machine: &str, groups: u32) -> (usize, usize) {
        let groups: Vec<u32> = (0..groups).collect();
        let credential = cut_to_fit(1, machine, 2, 3, &groups);
        let user = AuthSys::parse(credential.as_auth().body).unwrap();
        assert!(machine.as_bytes().starts_with(user.machine) && str::from_utf8(user.machine).is_ok());
        assert_eq!((user.stamp, user.uid, user.gid), (1, 2, 3));
        assert!(user.groups().eq(0..user.groups().count() as u32));
        (user.machine.len(), user.groups().count())
    }

    #[test]
    fn what_is_too_much_is_left_out() {
        assert_eq!(cut("", 0), (0, 0));
        assert_eq!(cut("machine", 16), (7, 16));
        assert_eq!(cut(&"m".repeat(255), 17), (255, 16));
        assert_eq!(cut(&"m".repeat(256), 1000), (255, 16));
        // Each character has two bytes.
        assert_eq!(cut(&"\u{fc}".repeat(200), 0), (254, 0));
    }
}
