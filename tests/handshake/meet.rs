//! Two peers that meet for the first time.

use oncilla::message::SysCredential;
use oncilla::{Peer, Refusal};

use crate::tap::kinds;
use crate::*;

/// Calls this number of times. Returns the kinds of the sent frames.
fn calls(end: End<Serial>, calls: u32, lose: usize) -> Vec<Kind> {
    let mut client = client(introduced(Tap::new(end).losing(lose), CALLER), XID);
    for sum in 1..=calls {
        assert_eq!(add(&mut client, 1), Ok(sum));
    }
    assert_eq!(client.link().peer(), Some(Peer { boot: SERVER, largest: LARGEST }));
    client.link().transport().kinds()
}

#[test]
fn the_first_call_has_the_full_form_and_the_others_the_short() {
    let [a, b] = Line::QUICK.ends();
    let (sent, (state, replied)) = both(a, b, |end| calls(end, 20, 0), server);
    let sent: Vec<_> = sent.into_iter().filter(|kind| *kind != Kind::Hello).collect();
    assert_eq!(sent[0], Kind::FullCall);
    assert_eq!(sent[1..], [Kind::ShortCall; 19]);
    let replied: Vec<_> = replied.into_iter().filter(|kind| *kind != Kind::Hello).collect();
    assert_eq!(replied[0], Kind::FullReply);
    assert_eq!(replied[1..], [Kind::ShortReply; 19]);
    assert_eq!((state.sum, state.runs), (20, 20));
}

#[test]
fn no_hello_is_sent_in_a_session() {
    let [a, b] = Line::QUICK.ends();
    let (sent, (_, replied)) = both(a, b, |end| calls(end, 20, 0), server);
    for kinds in [sent, replied] {
        let hellos = kinds.iter().filter(|kind| **kind == Kind::Hello).count();
        let last = kinds.iter().rposition(|kind| *kind == Kind::Hello).unwrap();
        assert!(hellos <= 3, "{kinds:?}");
        assert!(last < 6, "{kinds:?}");
    }
}

#[test]
fn the_bytes_of_a_short_call_and_its_reply() {
    let [a, b] = Line::QUICK.ends();
    let calls = |end: End<Serial>| {
        let mut client = client(introduced(Tap::new(end), CALLER), XID);
        add(&mut client, 5).unwrap();
        client.link().transport().sent.clear();
        add(&mut client, 7).unwrap();
        add(&mut client, 0x0102_0304).unwrap();
        client.link().transport().sent.clone()
    };
    let (sent, _) = both(a, b, calls, server);
    let frames: Vec<_> = sent.iter().filter(|frame| kinds(frame) == [Kind::ShortCall]).collect();
    // Procedure 1 of version 1, xid ffff, program 20000077, and three zeros before the 7.
    assert_eq!(frames[0].strip_prefix(&[0, 5, 0x01, 0xff, 0xff, 0x77, 1, 1, 6, 7]).map(<[u8]>::len), Some(5));
    // The next xid is two zero bytes.
    let behind = frames[1].strip_prefix(&[0, 2, 0x01, 1, 10, 0x77, 1, 2, 3, 4]);
    assert_eq!(behind.map(<[u8]>::len), Some(5));
}

#[test]
fn lost_hellos_of_the_client_are_sent_again() {
    // The hellos of the server arrive and request an answer.
    for lose in 0..10 {
        let [a, b] = Line::QUICK.ends();
        let (sent, (state, _)) = both(a, b, |end| calls(end, 20, lose), server);
        assert_eq!((state.sum, state.runs), (20, 20), "{lose} are lost");
        assert_eq!(sent.last(), Some(&Kind::ShortCall), "{lose} are lost: {sent:?}");
    }
}

#[test]
fn lost_hellos_of_the_server_are_sent_again() {
    // The first hello of the server, and its answers to the four of the client.
    for lose in 0..=4 {
        let [a, b] = Line::QUICK.ends();
        let serves = |end| {
            let mut state = Ledger::default();
            let mut link = introduced(Tap::new(end).losing(lose), SERVER);
            serve(&mut link, &mut state);
            (state.runs, link.peer())
        };
        let (sent, (runs, peer)) = both(a, b, |end| calls(end, 20, 0), serves);
        assert_eq!(runs, 20, "{lose} are lost");
        assert_eq!(peer, Some(Peer { boot: CALLER, largest: LARGEST }));
        assert_eq!(sent.last(), Some(&Kind::ShortCall), "{lose} are lost: {sent:?}");
    }
}

#[test]
fn zero_is_a_valid_boot_number() {
    for (caller, server) in [(0, 5), (5, 0), (0, u32::MAX)] {
        let [a, b] = Line::QUICK.ends();
        let calls = |end: End<Serial>| {
            let mut client = client(introduced(Tap::new(end), caller), XID);
            for sum in 1..=5 {
                assert_eq!(add(&mut client, 1), Ok(sum));
            }
            let last = client.link().transport().kinds().pop();
            (client.link().peer().map(|peer| peer.boot), last)
        };
        let serves = |end: End<Serial>| {
            let mut link = introduced(end, server);
            serve(&mut link, &mut Ledger::default());
            link.peer().map(|peer| peer.boot)
        };
        let (ours, theirs) = both(a, b, calls, serves);
        assert_eq!(ours, (Some(server), Some(Kind::ShortCall)));
        assert_eq!(theirs, Some(caller));
    }
}

#[test]
fn calls_with_credentials_have_the_full_form() {
    let [a, b] = Line::QUICK.ends();
    let calls = |end: End<Serial>| {
        let user = SysCredential::new(1, "host", 1000, 100, &[]).unwrap();
        let client = client(introduced(Tap::new(end), CALLER), XID);
        let mut client = client.with_credential(user);
        for sum in 1..=5 {
            assert_eq!(ledger::Client::new(&mut client).add(1), Ok(sum));
        }
        assert!(client.link().peer().is_some());
        client.link().transport().kinds()
    };
    let (sent, (_, replied)) = both(a, b, calls, server);
    assert!(!sent.contains(&Kind::ShortCall), "{sent:?}");
    assert!(!replied.contains(&Kind::ShortReply), "{replied:?}");
}

#[test]
fn refusals_of_short_calls_have_the_full_form() {
    let [a, b] = Line::QUICK.ends();
    let calls = |end: End<Serial>| {
        let mut client = client(introduced(end, CALLER), XID);
        add(&mut client, 1).unwrap();
        assert_eq!(ledger::Client::new(&mut client).fail(), Err(CallError::Refused(Refusal::SystemError)));
        assert_eq!(add(&mut client, 1), Ok(2));
    };
    let ((), (_, replied)) = both(a, b, calls, server);
    let replied: Vec<_> = replied.into_iter().filter(|kind| *kind != Kind::Hello).collect();
    assert_eq!(replied, [Kind::FullReply, Kind::FullReply, Kind::ShortReply]);
}

#[test]
fn one_way_calls_have_the_short_form() {
    let [a, b] = Line::QUICK.ends();
    let calls = |end: End<Serial>| {
        let mut client = client(introduced(Tap::new(end), CALLER), XID);
        add(&mut client, 1).unwrap();
        ledger::Client::new(&mut client).note(5).unwrap();
        assert_eq!(client.link().transport().kinds().pop(), Some(Kind::ShortCall));
        assert_eq!(add(&mut client, 1), Ok(7));
    };
    both(a, b, calls, server);
}
