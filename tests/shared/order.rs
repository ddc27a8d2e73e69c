//! A server that answers in another order, late, or not at all.

use std::io::Write;
use std::sync::{Barrier, mpsc};
use std::thread;
use std::time::Duration;

use oncilla::CallError;

use crate::sockets::*;
use crate::{played, sum};

const THREADS: usize = 8;

#[test]
fn replies_in_any_order_reach_their_calls() {
    const ROUNDS: usize = 50;
    let script = |mut server: std::net::TcpStream| {
        for round in 0..ROUNDS {
            let mut calls: Vec<_> = (0..THREADS).map(|_| read_record(&mut server).unwrap()).collect();
            // Every rotation of the reverse order, one record in two fragments, some together in one write.
            calls.reverse();
            calls.rotate_left(round % THREADS);
            let mut bytes = Vec::new();
            for (index, call) in calls.iter().enumerate() {
                let reply = sum(call);
                let (front, back) = reply.split_at(5);
                bytes.extend([fragment(front, false), fragment(back, true)].concat());
                if index % (1 + round % 3) == 0 {
                    server.write_all(&std::mem::take(&mut bytes)).unwrap();
                }
            }
            server.write_all(&bytes).unwrap();
        }
    };
    played(script, |shared| {
        // Nobody calls again before all have called.
        let barrier = Barrier::new(THREADS);
        thread::scope(|scope| {
            for thread in 0..THREADS {
                let mut client = probe::Client::new(shared.clone());
                let barrier = &barrier;
                scope.spawn(move || {
                    for round in 0..ROUNDS {
                        let number = (thread * ROUNDS + round) as i32;
                        assert_eq!(client.add(number, 1).unwrap(), number + 1);
                        barrier.wait();
                    }
                });
            }
        });
    });
}

/// A call that the server never answers ends alone, also if it is the one that reads, and its late reply is dropped.
#[test]
fn a_time_out_ends_one_call_only() {
    const CALLS: i32 = 200;
    let (done, wait) = mpsc::channel::<()>();
    let script = move |mut server: std::net::TcpStream| {
        let mut unanswered = Vec::new();
        for _ in 0..CALLS + 5 {
            let call = read_record(&mut server).unwrap();
            // `count` is not answered.
            if call[20..24] == 4u32.to_be_bytes() {
                unanswered.push(call)
            } else {
                server.write_all(&record(&sum(&call))).unwrap()
            }
        }
        assert_eq!(unanswered.len(), 5);
        wait.recv().unwrap();
        for call in &unanswered {
            server.write_all(&record(&reply(xid(call), &[0, 0, 0, 9]))).unwrap();
        }
        let last = read_record(&mut server).unwrap();
        server.write_all(&record(&sum(&last))).unwrap();
    };
    played(script, |shared| {
        thread::scope(|scope| {
            let mut unanswered = shared.clone();
            scope.spawn(move || {
                unanswered.set_timeout(Duration::from_millis(10));
                for _ in 0..5 {
                    let late = probe::Client::new(&mut unanswered).count();
                    assert!(matches!(late, Err(CallError::TimedOut { unframed: 0, .. })), "{late:?}");
                }
            });
            for thread in 0..4 {
                let mut client = probe::Client::new(shared.clone());
                scope.spawn(move || {
                    for call in 0..CALLS / 4 {
                        assert_eq!(client.add(call, thread).unwrap(), call + thread);
                    }
                });
            }
        });
        done.send(()).unwrap();
        assert_eq!(probe::Client::new(shared).add(4, 5).unwrap(), 9, "after five late replies");
    });
}

#[test]
fn a_thread_that_panics_does_not_stop_the_others() {
    use oncilla::Caller;
    let served = Served::new(|server| server);
    let shared = crate::patient(oncilla_host::Connector::new().shared_tcp(served.address).unwrap());
    thread::scope(|scope| {
        for thread in 0..8 {
            let mut client = shared.clone();
            scope.spawn(move || {
                for call in 0..100 {
                    if thread == 0 {
                        let panics = std::panic::AssertUnwindSafe(|| {
                            let arguments = |_: &mut oncilla::Writer<'_>| {
                                if call % 2 == 0 { std::panic::panic_any(1) } else { Ok(()) }
                            };
                            client.call(procedure(4), arguments, |_| -> Result<(), _> { std::panic::panic_any(2) })
                        });
                        let payload = std::panic::catch_unwind(panics).unwrap_err();
                        assert_eq!(payload.downcast_ref(), Some(&(1 + call % 2)));
                    }
                    assert_eq!(probe::Client::new(&mut client).add(call, thread).unwrap(), call + thread);
                }
            });
        }
    });
}
