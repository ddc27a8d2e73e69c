//! Arguments that cannot be sent: the client sends nothing.

use oncilla::framing::{Cobs, Datagram, Framing, Record};
use oncilla::xdr::{EncodeError, Fault};
use oncilla::{CallError, Client, Link};

use crate::script::{Script, at, now};
use crate::*;

fn nothing_sent<F: Framing>(client: &mut TestClient<F>) {
    assert!(client.link().transport().sent.is_empty());
}

#[test]
fn arguments_over_their_bound_are_not_sent() {
    let mut client = client(Script::<Record>::new([now::<Record>(&[success(XID + 1, &[0; 4])])]));
    let refused = Err(CallError::Arguments(EncodeError::Refused(Fault::Bound)));
    assert_eq!(counter::Client::new(&mut client).echo(&[0; 65]), refused);
    nothing_sent(&mut client);
    assert_eq!(counter::Client::new(&mut client).echo(&[0; 64]), Ok(&[][..]));
}

/// A client whose transmit buffer has `tx` bytes.
fn with_tx<F: Framing>(tx: usize) -> TestClient<F> {
    let mut client = Client::new(Link::new(Script::<F>::new([]), vec![0; 100], vec![0; tx]), XID);
    client.set_timeout(TIMEOUT);
    client.set_retry(oncilla::Retry::NEVER);
    client
}

#[test]
fn arguments_larger_than_the_buffer_are_not_sent() {
    let no_room = |needed, available| Err(CallError::Arguments(EncodeError::NoRoom { needed, available }));
    for tx in 0..48 {
        let mut client = with_tx::<Datagram>(tx);
        let expected = match tx {
            0..40 => no_room(40, tx),
            // The error has the size of the argument that did not fit, and the room left for it.
            40..44 => no_room(4, tx - 40),
            _ => no_room(4, tx - 44),
        };
        assert_eq!(add(&mut client, 1, 2), expected, "{tx} bytes");
        nothing_sent(&mut client);
    }
    let mut client = with_tx::<Datagram>(48);
    assert_eq!(add(&mut client, 1, 2), Err(CallError::TimedOut { after: TIMEOUT, unframed: 0 }));
    assert_eq!(client.link().transport().sent.len(), 1);
}

#[test]
fn the_largest_call_fits_a_buffer_of_the_framings_size() {
    fn check<F: Framing>(tx: usize) {
        let mut client = with_tx::<F>(tx);
        let result = counter::Client::new(&mut client).echo(&[1; 64]).map(<[u8]>::len);
        assert_eq!(result, Err(CallError::TimedOut { after: TIMEOUT, unframed: 0 }));
        assert_eq!(client.link().transport().sent.len(), 1);

        let mut client = with_tx::<F>(tx - 1);
        let result = counter::Client::new(&mut client).echo(&[1; 64]).map(<[u8]>::len);
        assert!(matches!(result, Err(CallError::Arguments(EncodeError::NoRoom { .. }))), "{result:?}");
    }
    check::<Record>(Record::buffer(counter::CALL_MAX));
    check::<Cobs>(Cobs::buffer(counter::CALL_MAX));
    check::<Datagram>(Datagram::buffer(counter::CALL_MAX));
}

#[test]
fn a_call_that_was_not_sent_uses_an_xid() {
    // Otherwise the late reply to an earlier call could be mistaken for the reply to the next one.
    let mut client =
        client(Script::<Record>::new([now::<Record>(&[success(XID, &[0; 4]), success(XID + 1, &[0; 4])])]));
    assert!(counter::Client::new(&mut client).echo(&[0; 65]).is_err());
    assert_eq!(counter::Client::new(&mut client).echo(&[]), Ok(&[][..]));
}

#[test]
fn the_two_buffers_may_differ_in_size_and_type() {
    let script = Script::<Record>::new([at::<Record>(5, &[sum(XID, 3)])]);
    let link = Link::with_buffers(script, [0; Record::buffer(200)], vec![0; Record::buffer(100)]);
    assert_eq!(counter::Client::new(Client::new(link, XID)).add(1, 2), Ok(3));
}
