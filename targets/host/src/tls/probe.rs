//! The probe that begins TLS (RFC 9289 §4.1): NULL with the credential AUTH_TLS, and its reply.

use oncilla::message::{AuthStatus, Call, CallHeader, OpaqueAuth, Reply};
use oncilla::{ProcedureId, Refusal};

/// The flavor of the credential of a probe.
const AUTH_TLS: u32 = 7;

/// The body of the verifier with which a server accepts a probe.
const STARTTLS: &[u8; 8] = b"STARTTLS";

/// The size of the message of a probe in bytes.
pub(super) const PROBE: usize = 40;

/// The size of the reply that accepts a probe, in bytes.
pub(crate) const ACCEPTED: usize = 32;

/// Returns the message of a probe.
pub(super) fn write(xid: u32, id: ProcedureId) -> [u8; PROBE] {
    let credential = OpaqueAuth { flavor: AUTH_TLS, body: &[] };
    let mut message = [0; PROBE];
    // The array has exactly this size.
    let _ = CallHeader { xid, id, credential, verifier: OpaqueAuth::NONE }.write(&mut message);
    message
}

/// Checks the reply to a probe. If the server does not accept, returns its answer.
///
/// The status of an accepted reply does not matter: the server may not serve the program of the probe.
pub(super) fn check(xid: u32, message: &[u8]) -> Result<(), String> {
    let reply = Reply::parse(message).map_err(|error| format!("its reply to the probe is malformed ({error})"))?;
    if reply.xid != xid {
        return Err("it replied to another call than the probe".into());
    }
    if reply.verifier == (OpaqueAuth { flavor: 0, body: STARTTLS }) {
        return Ok(());
    }
    Err(match reply.outcome {
        // The texts of these refusals are about credentials, which the caller did not choose here.
        Err(refusal @ Refusal::Authentication(_)) => {
            format!("it answered the question for TLS with {}, as servers without TLS do", refusal.name())
        }
        Err(refusal) => format!("it answered the question for TLS with {} ({refusal})", refusal.name()),
        Ok(_) if reply.verifier == OpaqueAuth::NONE => "the verifier of its reply to the probe is empty".into(),
        Ok(_) => {
            format!("the verifier of its reply to the probe is not STARTTLS but {} bytes", reply.verifier.body.len())
        }
    })
}

/// How a server answers a call with the credential AUTH_TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// TLS begins after this reply.
    Start([u8; ACCEPTED]),
    /// The call is refused.
    Refuse(u32, Refusal),
}

/// Returns the answer to a call with the credential AUTH_TLS. Returns `None` for any other message.
///
/// `inside` states that the call came inside TLS.
pub(crate) fn answer(message: &[u8], inside: bool) -> Option<Answer> {
    let call = Call::parse(message).ok()?;
    let OpaqueAuth { flavor: AUTH_TLS, body } = call.credential() else { return None };
    let refused = |status| Some(Answer::Refuse(call.xid(), Refusal::Authentication(status)));
    if inside || call.id().procedure != 0 || !body.is_empty() {
        return refused(AuthStatus::BAD_CREDENTIAL);
    }
    if call.verifier() != OpaqueAuth::NONE {
        return refused(AuthStatus::BAD_VERIFIER);
    }
    if !call.arguments().is_empty() {
        return Some(Answer::Refuse(call.xid(), Refusal::GarbageArguments));
    }
    Some(Answer::Start(accepted(call.xid())))
}

/// Returns the reply that accepts a probe: the reply of NULL, with the verifier AUTH_NONE of eight bytes.
fn accepted(xid: u32) -> [u8; ACCEPTED] {
    let mut reply = [0; ACCEPTED];
    let words = [xid, 1, 0, 0, 8].into_iter().flat_map(u32::to_be_bytes);
    for (place, byte) in reply.iter_mut().zip(words.chain(*STARTTLS)) {
        *place = byte;
    }
    reply
}

#[cfg(test)]
mod tests {
    use super::*;

    const NULL: ProcedureId = ProcedureId { program: 100_003, version: 4, procedure: 0 };

    fn refused(answered: Option<Answer>) -> Option<AuthStatus> {
        match answered {
            Some(Answer::Refuse(9, Refusal::Authentication(status))) => Some(status),
            _ => None,
        }
    }

    #[test]
    fn the_probe_and_its_reply_have_the_bytes_of_the_rfc() {
        let probe = write(9, NULL);
        assert_eq!(probe[24..], [0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        let Some(Answer::Start(reply)) = answer(&probe, false) else { panic!("refused") };
        assert_eq!(reply[..], *b"\0\0\0\x09\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\x08STARTTLS\0\0\0\0");
        assert_eq!(check(9, &reply), Ok(()));
        assert!(check(8, &reply).is_err());
    }

    #[test]
    fn anything_else_with_the_flavor_is_refused() {
        let probe = write(9, NULL);
        assert_eq!(refused(answer(&probe, true)), Some(AuthStatus::BAD_CREDENTIAL));
        let changed = |place: usize, byte| {
            let mut probe = probe;
            probe[place] = byte;
            answer(&probe, false)
        };
        assert_eq!(refused(changed(23, 1)), Some(AuthStatus::BAD_CREDENTIAL));
        assert_eq!(refused(changed(35, 1)), Some(AuthStatus::BAD_VERIFIER));
        assert_eq!(changed(27, 0), None);
        assert_eq!(changed(27, 1), None);
        let longer = [&probe[..], &[0; 4]].concat();
        assert_eq!(answer(&longer, false), Some(Answer::Refuse(9, Refusal::GarbageArguments)));
        let mut body = probe.to_vec();
        body[31] = 4;
        body.extend([0; 4]);
        assert_eq!(refused(answer(&body, false)), Some(AuthStatus::BAD_CREDENTIAL));
        for length in 0..probe.len() {
            assert_eq!(answer(&probe[..length], false), None);
        }
    }

    #[test]
    fn only_the_eight_bytes_start_tls() {
        let Answer::Start(reply) = answer(&write(9, NULL), false).unwrap() else { panic!("refused") };
        for (place, byte) in [(15, 1), (20, b's'), (27, b'T'), (19, 7)] {
            let mut wrong = reply;
            wrong[place] = byte;
            assert!(check(9, &wrong).is_err(), "{place}");
        }
        // PROG_UNAVAIL with the verifier is an acceptance.
        let mut other = reply;
        other[31] = 1;
        assert_eq!(check(9, &other), Ok(()));
        let plain = b"\0\0\0\x09\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
        assert_eq!(check(9, plain).unwrap_err(), "the verifier of its reply to the probe is empty");
        let denied = b"\0\0\0\x09\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\0\0\x02";
        assert!(check(9, denied).unwrap_err().contains("as servers without TLS do"));
    }
}
