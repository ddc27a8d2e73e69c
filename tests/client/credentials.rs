//! Clients with a credential.

use oncilla::framing::Datagram;
use oncilla::message::{Call, OpaqueAuth, SysCredential};
use oncilla::xdr::{EncodeError, Fault};
use oncilla::{Authenticate, CallError, Client, Link};

use crate::script::{Script, now};
use crate::*;

/// A credential, and the size of a call of `add` with it.
fn user() -> (SysCredential, usize) {
    (SysCredential::new(7, "onze12", 1000, 100, &[4, 24]).unwrap(), 40 + 36 + 8)
}

fn datagrams(tx: usize) -> Client<Script<Datagram>, Vec<u8>> {
    let script = Script::new([sum(XID, 3), sum(XID + 1, 7)].map(|reply| now::<Datagram>(&[reply])));
    let mut client = Client::new(Link::new(script, vec![0; 200], vec![0; tx]), XID);
    client.set_timeout(TIMEOUT);
    client
}

#[test]
fn every_call_has_the_credential() {
    let (user, size) = user();
    let mut client = datagrams(size).with_credential(user.clone());
    assert_eq!(counter::Client::new(&mut client).add(1, 2), Ok(3));
    assert_eq!(counter::Client::new(&mut client).add(3, 4), Ok(7));
    for (call, arguments) in client.link().transport().sent.iter().zip([[1, 2], [3, 4]]) {
        let call = Call::parse(call).unwrap();
        assert_eq!((call.credential(), call.verifier()), (user.as_auth(), OpaqueAuth::NONE));
        assert_eq!(call.arguments(), words(&arguments));
    }
}

#[test]
fn a_credential_larger_than_the_buffer_is_not_sent() {
    let (user, size) = user();
    for tx in 0..size {
        let mut client = datagrams(tx).with_credential(user.clone());
        let result = counter::Client::new(&mut client).add(1, 2);
        let needed = match result {
            Err(CallError::Arguments(EncodeError::NoRoom { needed, available })) => {
                assert!(needed > available);
                needed
            }
            _ => panic!("{result:?} in {tx} bytes"),
        };
        // The error has the size of the whole header, or of one argument.
        assert_eq!(needed, if tx < size - 8 { size - 8 } else { 4 });
        assert!(client.link().transport().sent.is_empty());
    }
}

/// A credential with a verifier.
struct Key([u8; 3], Vec<u8>);

impl Authenticate for Key {
    fn credential(&self) -> OpaqueAuth<'_> {
        OpaqueAuth { flavor: 99, body: &self.0 }
    }

    fn verifier(&self) -> OpaqueAuth<'_> {
        OpaqueAuth { flavor: 98, body: &self.1 }
    }
}

#[test]
fn a_verifier_is_sent() {
    let mut client = datagrams(100).with_credential(Key([1, 2, 3], vec![4; 5]));
    assert_eq!(counter::Client::new(&mut client).add(1, 2), Ok(3));
    let sent = client.link().transport().sent.concat();
    let call = Call::parse(&sent).unwrap();
    assert_eq!(call.credential(), OpaqueAuth { flavor: 99, body: &[1, 2, 3] });
    assert_eq!(call.verifier(), OpaqueAuth { flavor: 98, body: &[4; 5] });
}

#[test]
fn bodies_over_400_bytes_are_not_sent() {
    // Too long, whether the buffer has room or not.
    for tx in [100, 1000] {
        let mut client = datagrams(tx).with_credential(Key([1, 2, 3], vec![4; 401]));
        let too_long = Err(CallError::Arguments(EncodeError::Refused(Fault::Bound)));
        assert_eq!(counter::Client::new(&mut client).add(1, 2), too_long, "{tx} bytes of room");
        assert!(client.link().transport().sent.is_empty());
    }
}
