//! Servers that send what no server should.

use std::io::{ErrorKind, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use oncilla::CallError;
use oncilla_host::SharedClient;

use crate::sockets::*;
use crate::{played, played_with, sum};

/// Sends the same bytes again and again until the client closes the connection.
fn flood(server: &mut TcpStream, bytes: &[u8]) {
    loop {
        match server.write_all(bytes) {
            Ok(()) => {}
            Err(error) => {
                assert!(matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset), "{error}");
                return;
            }
        }
    }
}

/// Checks that the calls of several threads end at their time-outs.
fn all_time_out(shared: SharedClient) {
    thread::scope(|scope| {
        for thread in 0..4 {
            let mut client = shared.clone();
            scope.spawn(move || {
                for call in 0..3 {
                    client.set_timeout(Duration::from_millis(5 + 20 * thread + 7 * call));
                    let late = probe::Client::new(&mut client).count();
                    assert!(matches!(late, Err(CallError::TimedOut { .. })), "{late:?}");
                }
            });
        }
    });
}

#[test]
fn replies_to_unknown_calls_without_end() {
    played(|mut server| flood(&mut server, &record(&reply(77, &[0; 400])).repeat(50)), all_time_out);
}

#[test]
fn calls_instead_of_replies_without_end() {
    played(|mut server| flood(&mut server, &record(&call(77, procedure(2), &[0; 8])).repeat(50)), all_time_out);
}

#[test]
fn fragments_without_end() {
    played(|mut server| flood(&mut server, &fragment(&[], false).repeat(10_000)), all_time_out);
}

#[test]
fn a_reply_of_gigabytes() {
    let script = |mut server: TcpStream| {
        let first = read_record(&mut server).unwrap();
        // Two gigabytes in the first fragment, and it is not the last.
        server.write_all(&0x7fff_ffffu32.to_be_bytes()).unwrap();
        server.write_all(&reply(xid(&first), &[])).unwrap();
        flood(&mut server, &[0; 1 << 16]);
    };
    played(script, all_time_out);
}

#[test]
fn bytes_that_are_no_message_are_counted() {
    let script = |mut server: TcpStream| {
        server.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        assert!(is_closed(&mut server));
    };
    played(script, |mut shared| {
        shared.set_timeout(MOMENT);
        let late = probe::Client::new(shared).count();
        assert!(matches!(late, Err(CallError::TimedOut { unframed: 28, .. })), "{late:?}");
    });
}

#[test]
fn a_reply_that_comes_twice_is_taken_once() {
    let script = |mut server: TcpStream| {
        for _ in 0..200 {
            let call = read_record(&mut server).unwrap();
            let other = reply(xid(&call), &[0x7f; 4]);
            server.write_all(&[record(&sum(&call)), record(&other), record(&other)].concat()).unwrap();
        }
    };
    played(script, |shared| {
        thread::scope(|scope| {
            for thread in 0..4 {
                let mut client = probe::Client::new(shared.clone());
                scope.spawn(move || {
                    for call in 0..50 {
                        assert_eq!(client.add(call, thread).unwrap(), call + thread);
                    }
                });
            }
        });
    });
}

#[test]
fn a_reply_that_is_too_large_ends_one_call_only() {
    let script = |mut server: TcpStream| {
        for _ in 0..100 {
            let call = read_record(&mut server).unwrap();
            let reply = if call[20..24] == 4u32.to_be_bytes() { reply(xid(&call), &[0; 5000]) } else { sum(&call) };
            server.write_all(&record(&reply)).unwrap();
        }
    };
    played(script, |shared| {
        thread::scope(|scope| {
            for thread in 0..4 {
                let mut client = probe::Client::new(shared.clone());
                scope.spawn(move || {
                    for call in 0..25 {
                        if thread == 0 {
                            let large = client.count();
                            assert!(matches!(large, Err(CallError::ReplyTooLarge { size: 5024 })), "{large:?}");
                        } else {
                            assert_eq!(client.add(call, thread).unwrap(), call + thread);
                        }
                    }
                });
            }
        });
    });
}

/// Malformed replies, also if the buffer has the smallest size that there is.
#[test]
fn malformed_replies_end_one_call_only() {
    let script = |mut server: TcpStream| {
        for kept in 8..24 {
            let call = read_record(&mut server).unwrap();
            server.write_all(&record(&sum(&call)[..kept])).unwrap();
            let call = read_record(&mut server).unwrap();
            server.write_all(&record(&sum(&call))).unwrap();
        }
    };
    played_with(52, script, |shared| {
        let mut client = probe::Client::new(shared);
        for _ in 8..24 {
            let cut = client.add(1, 2);
            assert!(matches!(cut, Err(CallError::Reply(_))), "{cut:?}");
            assert_eq!(client.add(1, 2).unwrap(), 3);
        }
    });
}
