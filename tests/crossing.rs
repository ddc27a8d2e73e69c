//! Two endpoints send large messages to each other at once, on a Unix socket. Messages that fit the socket's buffer
//! are delivered; larger ones are an error within the time-out.

#[path = "support/sockets.rs"]
mod sockets;

use std::io;
use std::os::unix::net::UnixStream;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use oncilla::framing::{Cobs, Framing, RecordAhead};
use oncilla::{CallError, Endpoint, Link, LinkError};
use oncilla_host::Socket;
use sockets::*;

/// Bytes that a Unix socket surely holds for its receiver; Linux holds some 200 kB by default.
const HELD: usize = 64 << 10;

type Outcome = Result<usize, CallError<io::Error>>;

/// Both endpoints call each other's `echo` with so many bytes, twice, from the same moment on; returns the outcomes.
fn cross<F: Framing + Send>(bytes: usize, timeout: Duration) -> [[Outcome; 2]; 2] {
    let (one, other) = UnixStream::pair().unwrap();
    let meet = Barrier::new(2);
    let end = |stream: UnixStream, first_xid| {
        let buffer = || vec![0; DATA_MAX + (64 << 10)];
        let link = Link::new(Socket::<F>::from(stream), buffer(), buffer());
        let mut end = Endpoint::new(link, &TABLE, Service::default(), first_xid);
        end.set_timeout(timeout);
        let data = vec![7; bytes];
        let mut call = || {
            meet.wait();
            let outcome = probe::Client::new(&mut end).echo(&data).map(<[u8]>::len);
            meet.wait();
            outcome
        };
        let outcomes = [call(), call()];
        meet.wait();
        outcomes
    };
    thread::scope(|scope| {
        let ends = [scope.spawn(|| end(one, 1)), scope.spawn(|| end(other, 1 << 30))];
        ends.map(|end| end.join().unwrap())
    })
}

#[test]
fn messages_that_fit_the_sockets_buffer_cross() {
    for bytes in [0, 1000, HELD] {
        for outcome in cross::<RecordAhead>(bytes, PATIENCE).into_iter().chain(cross::<Cobs>(bytes, PATIENCE)).flatten()
        {
            assert_eq!(outcome.unwrap(), bytes);
        }
    }
}

#[test]
fn messages_larger_than_the_sockets_buffer_are_unsent_in_time() {
    for [first, second] in cross::<RecordAhead>(DATA_MAX, 5 * MOMENT) {
        let Err(CallError::Link(LinkError::Unsent { sent, size })) = first else { panic!("{first:?}") };
        assert!(sent >= HELD && sent < size && size > DATA_MAX, "{sent} of {size}");
        // A record that was sent in part cannot be taken back.
        assert!(matches!(second, Err(CallError::Link(LinkError::OutOfStep))), "{second:?}");
    }
}
