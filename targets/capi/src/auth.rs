//! AUTH_SYS: a Unix user, as claimed by the client (RFC 5531 appendix A).

use core::ffi::c_char;
use core::str;

use oncilla::message::{AUTH_SYS, AuthSys as Parsed, GROUPS_MAX, MACHINE_MAX, SysCredential};

use crate::checked::{apart, cleared, place_at, put, reference, slice, text};
use crate::status::status;
use crate::{
    ONCILLA_BOUND, ONCILLA_INVALID, ONCILLA_MALFORMED, ONCILLA_TOO_SMALL, Request, Status, oncilla_request_credential,
};

/// The flavor of an empty credential.
pub const ONCILLA_AUTH_NONE: u32 = 0;

/// The flavor of a credential that names a Unix user.
pub const ONCILLA_AUTH_SYS: u32 = 1;

/// Bytes of the largest body of a credential or verifier (RFC 5531 §8.2).
pub const ONCILLA_AUTH_BODY_MAX: usize = 400;

/// A Unix user, as claimed by the caller. Nothing proves the claim.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct AuthSys {
    /// An arbitrary number that the caller chooses.
    pub stamp: u32,
    /// The number of the user.
    pub uid: u32,
    /// The number of the user's first group.
    pub gid: u32,
    /// How many entries of `groups` are used, 0 to 16.
    pub group_count: u32,
    /// The numbers of the user's other groups.
    pub groups: [u32; 16],
}

/// Decodes the credential of a request as AUTH_SYS.
///
/// Writes the user to `user`. Returns ONCILLA_INVALID if the credential has another flavor, ONCILLA_MALFORMED if its
/// body cannot be decoded.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_auth_sys_of(request: *const Request, user: *mut AuthSys) -> Status {
    // SAFETY: this function's condition.
    let read = unsafe { reference(request) }.and_then(|request| {
        // SAFETY: this function's condition.
        let credential = unsafe { oncilla_request_credential(request) };
        if credential.flavor != AUTH_SYS {
            return Err(ONCILLA_INVALID);
        }
        // SAFETY: this function's condition.
        let body = unsafe { slice(credential.body, credential.length) }?;
        apart(place_at(user), place_at(request))?;
        apart(place_at(user), (body.as_ptr(), body.len()))?;
        let parsed = Parsed::parse(body).ok_or(ONCILLA_MALFORMED)?;
        let mut groups = [0; GROUPS_MAX];
        let mut group_count = 0;
        for (place, group) in groups.iter_mut().zip(parsed.groups()) {
            *place = group;
            group_count += 1;
        }
        Ok(AuthSys { stamp: parsed.stamp, uid: parsed.uid, gid: parsed.gid, group_count, groups })
    });
    // SAFETY: this function's condition.
    status(read.and_then(|read| unsafe { put(user, read) }))
}

/// Encodes an AUTH_SYS credential for `oncilla_client_set_credential`.
///
/// Writes the body to `body`, which has `size` bytes, and the number of bytes written to `length`.
/// ONCILLA_AUTH_BODY_MAX bytes are enough for every user. `machine` is the name of this machine: UTF-8 of at most 255
/// bytes, ended by a zero.
///
/// Returns ONCILLA_BOUND if the name is longer or `group_count` exceeds 16, ONCILLA_TOO_SMALL if `body` is too small.
///
/// # Safety
/// `body` points to `size` bytes. Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_auth_sys_write(
    user: *const AuthSys,
    machine: *const c_char,
    body: *mut u8,
    size: usize,
    length: *mut usize,
) -> Status {
    // SAFETY: this function's condition.
    let written = unsafe { reference(user) }.and_then(|user| {
        // SAFETY: this function's condition.
        let machine = unsafe { text(machine, MACHINE_MAX) }?;
        let given = [place_at(user), (machine.as_ptr(), machine.len().saturating_add(1))];
        apart(place_at(length), (body, size))?;
        given.iter().try_for_each(|&given| {
            apart(given, place_at(length))?;
            apart(given, (body, size))
        })?;
        let machine = str::from_utf8(machine).map_err(|_| ONCILLA_INVALID)?;
        let groups = user.groups.get(..user.group_count as usize).ok_or(ONCILLA_BOUND)?;
        let credential = SysCredential::new(user.stamp, machine, user.uid, user.gid, groups).ok_or(ONCILLA_BOUND)?;
        let encoded = credential.as_auth().body;
        // SAFETY: this function's condition.
        let place = unsafe { cleared(body, size.min(encoded.len())) }?;
        if place.len() < encoded.len() {
            return Err(ONCILLA_TOO_SMALL);
        }
        place.copy_from_slice(encoded);
        Ok(encoded.len())
    });
    // SAFETY: this function's condition.
    status(written.and_then(|written| unsafe { put(length, written) }))
}
