//! Who this process is.

use std::time::{SystemTime, UNIX_EPOCH};

use nix::unistd::{getegid, geteuid, getgroups, gethostname};
use oncilla::message::{GROUPS_MAX, MACHINE_MAX, SysCredential};

/// The AUTH_SYS credential of this process: its effective user and group, its other groups and the name
/// of its machine, for [`Client::with_credential`](oncilla::Client::with_credential).
///
/// AUTH_SYS has room for 16 groups; of more than that the first are told. Of a name over 255 bytes, so is
/// the beginning.
///
/// ```no_run
/// let client = oncilla_host::tcp("thermostat.local:20049")?;
/// let mut client = client.with_credential(oncilla_host::process_credential());
/// # Ok::<(), oncilla_host::Error>(())
/// ```
#[must_use]
pub fn process_credential() -> SysCredential {
    // What the system does not tell, is told as nothing.
    let groups: Vec<u32> = getgroups().unwrap_or_default().into_iter().map(|group| group.as_raw()).collect();
    let machine = gethostname().unwrap_or_default();
    let machine = machine.to_string_lossy();
    // Not amid a character.
    let machine = (0..=MACHINE_MAX).rev().find_map(|length| machine.get(..length)).unwrap_or_default();
    let stamp = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs() as u32);
    let groups = groups.get(..GROUPS_MAX).unwrap_or(&groups);
    SysCredential::new(stamp, machine, geteuid().as_raw(), getegid().as_raw(), groups).expect("both are cut to fit")
}
