//! AUTH_SYS: a Unix user, as the client says (RFC 5531 appendix A).

use super::{MAX_AUTH_BODY, OpaqueAuth, put_words, word};
use crate::xdr::{padding, split_opaque};

/// The number of the flavor AUTH_NONE.
pub const AUTH_NONE: u32 = 0;

/// The number of the flavor AUTH_SYS.
pub const AUTH_SYS: u32 = 1;

/// The number of the flavor AUTH_SHORT: a handle that a server gave for a longer credential.
pub const AUTH_SHORT: u32 = 2;

/// Bytes of the longest machine name.
pub const MACHINE_MAX: usize = 255;

/// The most supplementary groups.
pub const GROUPS_MAX: usize = 16;

/// The body of an AUTH_SYS credential. Nothing proves it: it is what the caller claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuthSys<'a> {
    /// Any number the caller chose.
    pub stamp: u32,
    /// The caller's machine, at most [`MACHINE_MAX`] bytes.
    pub machine: &'a [u8],
    /// The user's number.
    pub uid: u32,
    /// The user's first group.
    pub gid: u32,
    groups: &'a [u8],
}

impl<'a> AuthSys<'a> {
    /// Reads a body. `None` when it is malformed: cut short, with bytes left over, with a machine name
    /// over 255 bytes, fill behind it that is not zero, or more than 16 groups.
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

    /// Whether [`parse`](Self::parse) would read it. Not inlined, since most callers send none.
    #[inline(never)]
    pub(super) fn is_well_formed(body: &[u8]) -> bool {
        AuthSys::parse(body).is_some()
    }

    /// The user's other groups, at most [`GROUPS_MAX`].
    pub fn groups(&self) -> impl Iterator<Item = u32> + use<'a> {
        self.groups.chunks_exact(4).map(|group| match group.first_chunk() {
            Some(group) => u32::from_be_bytes(*group),
            None => 0,
        })
    }
}

/// An AUTH_SYS credential that a client sends, in memory of its own: 404 bytes.
#[derive(Clone, Debug)]
pub struct SysCredential {
    body: [u8; MAX_AUTH_BODY],
    length: usize,
}

impl SysCredential {
    /// The credential of a user. `None` when the machine name is over 255 bytes or there are more than
    /// 16 groups.
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

    /// It as it is sent.
    #[must_use]
    pub fn as_auth(&self) -> OpaqueAuth<'_> {
        OpaqueAuth { flavor: AUTH_SYS, body: self.body.get(..self.length).unwrap_or_default() }
    }
}
