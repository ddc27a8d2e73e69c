//! Calls under a key on every framing.

use oncilla::framing::{Cobs, Datagram, Record, RecordAhead};

use crate::*;

fn calls<F: Framing + 'static>() {
    let (sent, ledger) = against_device::<F, _>(|end| {
        let mut client = client(end, opens(&KEYS[0], CALLER));
        for sum in 1..=20 {
            assert_eq!(add(&mut client, 1), Ok(sum));
        }
        ledger::Client::new(&mut client).note(5).unwrap();
        assert_eq!(add(&mut client, 1), Ok(26));
        assert_eq!(ledger::Client::new(&mut client).who(), Ok(11));
        let data = [7; 100];
        assert_eq!(ledger::Client::new(&mut client).echo(&data), Ok(&data[..]));
        client.link().transport().inner().sent.clone()
    });
    assert_eq!((ledger.sum, ledger.runs), (26, 22));
    assert_eq!(sent.len(), 25, "a HELLO and each call once");
}

#[test]
fn calls_on_every_framing() {
    calls::<Cobs>();
    calls::<Record>();
    calls::<RecordAhead>();
    calls::<Datagram>();
}

#[test]
fn a_one_way_call_opens_the_session() {
    let ((), ledger) = against_device::<Cobs, _>(|end| {
        let mut client = client(end, opens(&KEYS[0], CALLER));
        ledger::Client::new(&mut client).note(5).unwrap();
    });
    assert_eq!(ledger.sum, 5);
}

#[test]
fn a_null_call_and_its_reply_take_65_bytes_on_a_serial_line() {
    let (near, far) = oncilla_host::pipe::<Cobs>();
    thread::scope(|scope| {
        let serving = scope.spawn(move || {
            let mut link = keyed(Tap::new(far), accepts(SERVER));
            serve(&mut link, &mut Ledger::default()).unwrap();
            link.into_transport().into_inner().sent
        });
        let mut client = client(Tap::new(near), opens(&KEYS[0], CALLER));
        for _ in 0..10 {
            ledger::Client::new(&mut client).null().unwrap();
        }
        let call = client.into_link().into_transport().into_inner().sent.pop().unwrap();
        let reply = serving.join().unwrap().pop().unwrap();
        assert!(call.len() + reply.len() <= 65, "a call of {} bytes and a reply of {}", call.len(), reply.len());
    });
}
