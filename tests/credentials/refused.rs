//! Callers that are not let in are told why, by type, and the link goes on.

use std::fmt::Debug;

use oncilla::message::{AUTH_SHORT, AUTH_SYS, AuthStatus, OpaqueAuth, SysCredential};
use oncilla::{Anonymous, Authenticate, CallError, Caller, ProcedureId, Reader, Refusal};

use crate::c;
use crate::served::Served;

/// Any flavor and body, with any verifier.
#[derive(Clone, Debug)]
struct Raw {
    flavor: u32,
    body: Vec<u8>,
    verifier: Vec<u8>,
}

impl Authenticate for Raw {
    fn credential(&self) -> OpaqueAuth<'_> {
        OpaqueAuth { flavor: self.flavor, body: &self.body }
    }

    fn verifier(&self) -> OpaqueAuth<'_> {
        OpaqueAuth { flavor: 0, body: &self.verifier }
    }
}

fn raw(flavor: u32, body: &[u8]) -> Raw {
    Raw { flavor, body: body.to_vec(), verifier: Vec::new() }
}

/// That these are refused on every carrier, for this reason.
fn refused(status: AuthStatus, callers: &[Raw]) {
    let served = Served::start();
    for caller in callers {
        for told in served.ask(caller, false) {
            assert_eq!(told.who, Err(Refusal::Authentication(status)), "{caller:?} on {}", told.carrier);
        }
    }
}

#[test]
fn flavors_that_are_not_known() {
    let flavors = [AUTH_SHORT, 3, 4, 6, 390_003, 0x7fff_ffff, u32::MAX];
    let callers: Vec<_> = flavors.into_iter().flat_map(|flavor| [raw(flavor, &[]), raw(flavor, &[7; 400])]).collect();
    refused(AuthStatus::REJECTED_CREDENTIAL, &callers);
}

#[test]
fn users_that_are_malformed() {
    let words = |words: &[u32]| words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<_>>();
    let group_count = |count: u32, groups: usize| [words(&[0, 0, 0, 0, count]), vec![0; 4 * groups]].concat();
    let good = SysCredential::new(7, "onze12", 1000, 100, &[4, 24]).unwrap();
    let good = good.as_auth().body;
    let mut bodies: Vec<Vec<u8>> = (0..good.len()).map(|length| good[..length].to_vec()).collect();
    bodies.extend([
        group_count(17, 17),
        group_count(1, 0),
        group_count(0, 1),
        group_count(u32::MAX, 16),
        // Names: of 256 bytes, of 4 GiB, and with a fill that is not zero.
        [words(&[0, 256]), vec![b'm'; 256], words(&[0, 0, 0])].concat(),
        words(&[0, u32::MAX, 0, 0, 0]),
        [words(&[0, 1]), b"m\0\0\x01".to_vec(), words(&[0, 0, 0])].concat(),
    ]);
    let callers: Vec<_> = bodies.iter().map(|body| raw(AUTH_SYS, body)).collect();
    refused(AuthStatus::BAD_CREDENTIAL, &callers);
}

#[test]
fn users_that_may_not() {
    let served = Served::start();
    for told in served.ask(&SysCredential::new(0, "", 1000, 0, &[0]).unwrap(), true) {
        assert_eq!(told.who, Err(Refusal::Authentication(AuthStatus::TOO_WEAK)), "on {}", told.carrier);
    }
    for told in served.ask(&Anonymous, true) {
        assert_eq!(told.who, Err(Refusal::Authentication(AuthStatus::TOO_WEAK)), "on {}", told.carrier);
    }
    for told in served.ask(&SysCredential::new(0, "", 0, 0, &[]).unwrap(), true) {
        assert!(told.who.is_ok(), "{told:?}");
    }
}

/// AUTH_NONE and AUTH_SYS have an empty verifier; one that is there and well-formed does no harm.
#[test]
fn verifiers_that_nobody_asked_for() {
    for told in Served::start().ask(&Raw { verifier: vec![7; 399], ..raw(0, &[]) }, false) {
        assert!(told.who.is_ok(), "{told:?}");
    }
}

#[test]
fn the_reason_is_in_words_too() {
    let text = |status| CallError::<std::io::Error>::Refused(Refusal::Authentication(status)).to_string();
    assert!(text(AuthStatus::TOO_WEAK).contains("stronger"), "{}", text(AuthStatus::TOO_WEAK));
    assert!(text(AuthStatus(99)).contains("99"), "{}", text(AuthStatus(99)));
}

/// libtirpc's server tells the same to our client.
#[test]
fn by_a_server_in_c() {
    fn refused<C: Caller>(mut caller: C) -> Result<(), Refusal>
    where
        C::Error: Debug,
    {
        let null = ProcedureId { program: 0x2000_0777, version: 1, procedure: 0 };
        match caller.call(null, |_| Ok(()), |results| Reader::new(results).finish()) {
            Ok(()) => Ok(()),
            Err(CallError::Refused(refusal)) => Err(refusal),
            Err(error) => panic!("{error:?}"),
        }
    }
    let server = c::Server::start();
    for flavor in [99, 390_003, u32::MAX] {
        let rejected = Err(Refusal::Authentication(AuthStatus::REJECTED_CREDENTIAL));
        let mut client = oncilla_host::tcp(server.tcp).unwrap().with_credential(raw(flavor, &[]));
        assert_eq!(refused(&mut client), rejected, "flavor {flavor} on TCP");
        assert_eq!(refused(&mut client.with_credential(Anonymous)), Ok(()));
        let mut client = oncilla_host::udp(server.udp).unwrap().with_credential(raw(flavor, &[]));
        assert_eq!(refused(&mut client), rejected, "flavor {flavor} on UDP");
        assert_eq!(refused(&mut client.with_credential(Anonymous)), Ok(()));
    }
}
