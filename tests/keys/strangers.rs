//! Peers with a wrong key, and recorded messages.

use oncilla::framing::{Cobs, Datagram, Record};

use crate::*;

/// Calls with a wrong key. Returns the error, and what the server sent.
fn with_wrong_key<F: Framing + 'static>() -> (CallError<std::convert::Infallible>, Vec<Vec<u8>>) {
    let (near, far) = oncilla_host::pipe::<F>();
    thread::scope(|scope| {
        let serving = scope.spawn(move || {
            let mut link = keyed(Tap::new(far), accepts(SERVER));
            let ended = serve(&mut link, &mut Ledger::default());
            assert_eq!(ended, if F::RESYNCHRONIZES { Ok(()) } else { Err(LinkError::Unverified) });
            link.into_transport().into_inner().sent
        });
        let mut client = client(near, opens(&WRONG, CALLER));
        client.set_timeout(Duration::from_millis(400));
        let error = add(&mut client, 1).unwrap_err();
        drop(client);
        (error, serving.join().unwrap())
    })
}

#[test]
fn a_wrong_key_gets_silence() {
    let after = Duration::from_millis(400);
    assert_eq!(with_wrong_key::<Cobs>(), (CallError::TimedOut { after, unframed: 0 }, vec![]));
    assert_eq!(with_wrong_key::<Datagram>(), (CallError::TimedOut { after, unframed: 0 }, vec![]));
}

#[test]
fn a_wrong_key_ends_a_connection() {
    assert_eq!(with_wrong_key::<Record>(), (CallError::Closed, vec![]));
}
