//! AUTH_SYS: a Unix user, as the client claims (RFC 5531 appendix A).

use super::{MAX_AUTH_BODY, OpaqueAuth, put_words, word};
use crate::xdr::{padding, split_opaque};

/// The number of the flavor AUTH_NONE.
pub const AUTH_NONE: u32 = 0;

/// The number of the flavor AUTH_SYS.
pub const AUTH_SYS: u32 = 1;

/// The number of the flavor AUTH_SHORT.
///
/// Its body is a handle from the server, which replaces a longer credential.
pub const AUTH_SHORT: u32 = 2;

/// The length of the longest machine name: 255 bytes.
pub const MACHINE_MAX: usize = 255;

/// The largest number of supplementary groups: 16.
pub const GROUPS_MAX: usize = 16;

/// The body of an AUTH_SYS credential.
///
/// Nothing proves the credential: any client can claim to be any user.
///
/// ```
/// use oncilla::message::{AuthSys, SysCredential};
/// let credential = SysCredential::new(1, "desk", 1000, 100, &[24]).ok_or("over the limits")?;
/// let user = AuthSys::parse(credential.as_auth().body).ok_or("malformed")?;
/// assert_eq!((user.machine, user.uid, user.gid), (&b"desk"[..], 1000, 100));
/// assert!(user.groups().eq([24]));
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuthSys<'a> {
    /// A number chosen by the caller.
    pub stamp: u32,
    /// The name of the caller's machine, at most [`MACHINE_MAX`] bytes.
    pub machine: &'a [u8],
    /// The user's ID.
    pub uid: u32,
    /// The ID of the user's primary group.
    pub gid: u32,
    groups: &'a [u8],
}

impl<'a> AuthSys<'a> {
    /// Parses the body of a credential.
    ///
    /// Returns `None` if the body is malformed: it is incomplete, has bytes left over, a machine name of more than 255
    /// bytes, padding that is not zero, or more than 16 groups.
    #[inline]
    #[must_use]
    pub fn parse(body: &'a [u8]) -> Option<Self> {
        let (stamp, mut rest) = body.split_first_chunk()?;
        let machine = split_opaque(&mut rest, MACHINE_MAX).ok()?;
        let (ids, groups) = rest.split_first_chunk::<12>()?;
        let count = usize::try_from(word(ids, 2)).ok()?;
        if count > GROUPS_MAX || groups.len() != count.wrapping_mul(4) {
            return None;
        }
        let (uid, gid) = (word(ids, 0), word(ids, 1));
        Some(Self { stamp: u32::from_be_bytes(*stamp), machine, uid, gid, groups })
    }

    /// Returns whether [`parse`](Self::parse) accepts a body.
    ///
    /// It is not inlined, because most calls have no such body.
    #[inline(never)]
    pub(super) fn is_well_formed(body: &[u8]) -> bool {
        AuthSys::parse(body).is_some()
    }

    /// Iterates over the IDs of the user's supplementary groups, at most [`GROUPS_MAX`].
    pub fn groups(&self) -> impl Iterator<Item = u32> + use<'a> {
        self.groups.chunks_exact(4).map(|group| match group.first_chunk() {
            Some(group) => u32::from_be_bytes(*group),
            None => 0,
        })
    }
}

/// An AUTH_SYS credential for a client to send.
///
/// It contains its body: 404 bytes of memory on a machine with 32-bit addresses. See [`AuthSys`] for an example.
#[derive(Clone, Debug)]
pub struct SysCredential {
    body: [u8; MAX_AUTH_BODY],
    length: usize,
}

impl SysCredential {
    /// Creates the credential of a user.
    ///
    /// Returns `None` if `machine` has more than 255 bytes, or there are more than 16 groups.
    #[must_use]
    pub fn new(stamp: u32, machine: &str, uid: u32, gid: u32, groups: &[u32]) -> Option<Self> {
        if machine.len() > MACHINE_MAX || groups.len() > GROUPS_MAX {
            return None;
        }
        let mut body = [0; MAX_AUTH_BODY];
        let head = put_words([stamp, machine.len() as u32], &mut body)?;
        let (name, rest) = body.get_mut(head..)?.split_at_mut_checked(machine.len())?;
        name.copy_from_slice(machine.as_bytes());
        let name = machine.len().wrapping_add(padding(machine.len()));
        let rest = rest.get_mut(padding(machine.len())..)?;
        let ids = [uid, gid, groups.len() as u32].into_iter().chain(groups.iter().copied());
        let ids = put_words(ids, rest)?;
        Some(Self { body, length: head.wrapping_add(name).wrapping_add(ids) })
    }

    /// Returns the credential in the form in which it is sent.
    #[must_use]
    pub fn as_auth(&self) -> OpaqueAuth<'_> {
        OpaqueAuth { flavor: AUTH_SYS, body: self.body.get(..self.length).unwrap_or_default() }
    }
}
