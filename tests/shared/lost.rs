//! Connections that end while threads call.

use std::collections::HashMap;
use std::io::{ErrorKind, Write};
use std::net::TcpStream;
use std::sync::{Mutex, mpsc};
use std::thread;

use oncilla::{CallError, LinkError};

use crate::sockets::*;
use crate::{played, sum};

/// The outcome of a call.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Result,
    PerhapsExecuted,
    NotSent,
}

/// Under load the server executes some calls, answers fewer, and closes. Every call ends, and each error is true.
#[test]
fn every_call_ends_with_a_true_error() {
    for answered in [0, 1, 7, 100] {
        let (send, executed) = mpsc::channel();
        let script = move |mut server: TcpStream| {
            let mut calls = HashMap::new();
            for number in 0..answered + 3 {
                let call = read_record(&mut server).unwrap();
                *calls.entry(call[40..44].to_vec()).or_insert(0) += 1;
                if number < answered {
                    server.write_all(&record(&sum(&call))).unwrap();
                }
            }
            send.send(calls).unwrap();
        };
        let ends = played(script, |shared| {
            let ends = Mutex::new(Vec::new());
            thread::scope(|scope| {
                for thread in 0..8 {
                    let mut client = probe::Client::new(shared.clone());
                    let ends = &ends;
                    scope.spawn(move || {
                        for call in 0..40 {
                            let number = 100 * thread + call;
                            let end = match client.add(number, 1) {
                                Ok(sum) => {
                                    assert_eq!(sum, number + 1);
                                    End::Result
                                }
                                Err(CallError::Closed) => End::PerhapsExecuted,
                                // A reset, because the server closed with calls unread.
                                Err(CallError::Link(LinkError::Transport(error)))
                                    if error.kind() == ErrorKind::ConnectionReset =>
                                {
                                    End::PerhapsExecuted
                                }
                                Err(CallError::Link(LinkError::Transport(error))) => {
                                    assert!(
                                        matches!(error.kind(), ErrorKind::NotConnected | ErrorKind::BrokenPipe),
                                        "{error}"
                                    );
                                    End::NotSent
                                }
                                Err(CallError::Link(LinkError::Broken)) => End::NotSent,
                                other => panic!("{other:?}"),
                            };
                            ends.lock().unwrap().push((number, end));
                        }
                    });
                }
            });
            ends.into_inner().unwrap()
        });
        let executed = executed.recv().unwrap();
        assert_eq!(ends.len(), 8 * 40, "every call ends");
        for (number, end) in ends {
            let times = executed.get(number.to_be_bytes().as_slice()).copied().unwrap_or(0);
            match end {
                End::Result => assert_eq!(times, 1, "call {number}"),
                End::PerhapsExecuted => assert!(times <= 1, "call {number} was executed {times} times"),
                End::NotSent => assert_eq!(times, 0, "call {number} was not sent"),
            }
        }
    }
}

#[test]
fn a_call_after_the_end_states_that_it_was_not_sent() {
    let script = |mut server: TcpStream| drop(read_record(&mut server).unwrap());
    played(script, |shared| {
        let mut clone = probe::Client::new(shared.clone());
        let first = probe::Client::new(shared).count();
        assert!(matches!(first, Err(CallError::Closed)), "{first:?}");
        let second = clone.count().unwrap_err().to_string();
        let text =
            "the transport failed: the peer closed the connection before this call, which was not sent; connect again";
        assert_eq!(second, text);
    });
}
