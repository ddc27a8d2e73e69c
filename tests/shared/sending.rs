//! Calls that the peer does not read at once.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::mpsc;
use std::thread;

use oncilla::{CallError, LinkError};

use crate::sockets::*;
use crate::{played_with, sum};

/// More than the buffers of both sockets hold.
const MANY: usize = 8 << 20;

/// A call that is sent in part ends sending. An earlier call is still answered, and later ones are not sent.
#[test]
fn a_call_sent_in_part_leaves_earlier_calls_alone() {
    let ((sent, first_was_sent), (failed, second_failed)) = (mpsc::channel::<()>(), mpsc::channel::<()>());
    let script = move |mut server: TcpStream| {
        let first = read_record(&mut server).unwrap();
        sent.send(()).unwrap();
        second_failed.recv().unwrap();
        server.write_all(&record(&sum(&first))).unwrap();
        assert!(is_closed(&mut server), "the rest of the second call never comes");
    };
    played_with(2 * MANY, script, |shared| {
        thread::scope(|scope| {
            let mut first = probe::Client::new(shared.clone());
            scope.spawn(move || assert_eq!(first.add(2, 3).unwrap(), 5));
            first_was_sent.recv().unwrap();
            let mut second = shared.clone();
            second.set_timeout(MOMENT);
            let part = cast(&mut second, MANY);
            let Err(CallError::Link(LinkError::Unsent { sent, size })) = part else { panic!("{part:?}") };
            assert!(0 < sent && sent < size && size == MANY + 44, "{sent} of {size}");
            let third = probe::Client::new(shared.clone()).add(1, 1);
            assert!(matches!(third, Err(CallError::Link(LinkError::OutOfStep))), "{third:?}");
            failed.send(()).unwrap();
        });
    });
}

/// While one thread waits for room, another one gives up at its own time-out, and harms nobody.
#[test]
fn a_call_that_cannot_begin_to_be_sent_does_no_harm() {
    let ((begun, large_has_begun), (given_up, wait)) = (mpsc::channel::<()>(), mpsc::channel::<()>());
    let script = move |mut server: TcpStream| {
        server.read_exact(&mut [0; 4]).unwrap();
        begun.send(()).unwrap();
        wait.recv().unwrap();
        // The large call arrives whole, and then the next.
        server.read_exact(&mut vec![0; MANY + 40]).unwrap();
        let last = read_record(&mut server).unwrap();
        server.write_all(&record(&sum(&last))).unwrap();
    };
    played_with(2 * MANY, script, |shared| {
        thread::scope(|scope| {
            let mut large = shared.clone();
            scope.spawn(move || cast(&mut large, MANY).unwrap());
            large_has_begun.recv().unwrap();
            let mut hasty = shared.clone();
            hasty.set_timeout(MOMENT);
            let unsent = cast(&mut hasty, 4);
            assert!(matches!(unsent, Err(CallError::Link(LinkError::Unsent { sent: 0, size: 48 }))), "{unsent:?}");
            given_up.send(()).unwrap();
        });
        assert_eq!(probe::Client::new(shared).add(2, 2).unwrap(), 4);
    });
}

/// A server that reads no calls until its replies are read: here replies to calls that have given up.
#[test]
fn replies_are_read_while_a_call_waits_for_room() {
    let script = |mut server: TcpStream| {
        server.write_all(&record(&reply(77, &[0; 1000])).repeat(MANY / 1000)).unwrap();
        server.read_exact(&mut vec![0; 4 + MANY + 40]).unwrap();
        let last = read_record(&mut server).unwrap();
        server.write_all(&record(&sum(&last))).unwrap();
    };
    played_with(2 * MANY, script, |mut shared| {
        cast(&mut shared, MANY).unwrap();
        assert_eq!(probe::Client::new(shared).add(2, 2).unwrap(), 4);
    });
}

/// Casts a call with so many bytes of arguments.
fn cast(client: &mut oncilla_host::SharedClient, bytes: usize) -> Result<(), CallError<std::io::Error>> {
    oncilla::Caller::cast(client, procedure(1), |writer| writer.append(&vec![0; bytes]))
}
