//! Clients on TCP, with this library's server and with misbehaving servers.

#[path = "support/sockets.rs"]
mod sockets;

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use oncilla::{CallError, Caller, LinkError, ProcedureId, Refusal};
use oncilla_host::{Connector, Error, Reconnect};
use sockets::*;

#[test]
fn calls_of_every_size_return_their_results() {
    let served = Served::new(|server| server.call_max(probe::CALL_MAX));
    let mut client = served.client();
    let mut probe = probe::Client::new(&mut client);
    probe.null().unwrap();
    assert_eq!(probe.add(i32::MIN, -1).unwrap(), i32::MAX);
    let data: Vec<u8> = (0..DATA_MAX).map(|i| (i ^ i >> 8) as u8).collect();
    for length in [0, 1, 2, 3, 4, 5, 1000, 65_536, DATA_MAX - 1, DATA_MAX] {
        assert!(probe.echo(&data[..length]).unwrap() == &data[..length], "{length} bytes");
    }
}

#[test]
fn an_error_of_the_application_is_a_result() {
    let served = Served::new(|server| server);
    let mut client = served.client();
    let mut probe = probe::Client::new(&mut client);
    assert_eq!(probe.divide(7, 2).unwrap(), Ok(3));
    assert_eq!(probe.divide(7, 0).unwrap(), Err(33));
}

#[test]
fn every_refusal_reaches_the_client_and_does_no_harm() {
    let served = Served::new(|server| server);
    let mut client = served.client();
    let known = procedure(2);
    let cases = [
        (ProcedureId { program: 1, ..known }, Refusal::ProgramUnavailable),
        (ProcedureId { version: 4, ..known }, Refusal::ProgramMismatch { low: 3, high: 3 }),
        (ProcedureId { procedure: 6, ..known }, Refusal::ProcedureUnavailable),
        // Without its arguments.
        (known, Refusal::GarbageArguments),
    ];
    for (id, refusal) in cases {
        let refused = client.call(id, |_| Ok(()), |_| Ok(()));
        assert!(matches!(refused, Err(CallError::Refused(given)) if given == refusal), "{refused:?}");
        assert_eq!(probe::Client::new(&mut client).add(2, 2).unwrap(), 4);
    }
}

#[test]
fn a_call_too_large_for_the_server_is_refused_and_the_next_one_works() {
    let served = Served::new(|server| server.call_max(100));
    let mut client = served.client();
    // Wine takes seconds for megabytes in pieces of the server's buffer, and the message time-out ends then.
    let largest = if cfg!(windows) { 10_000 } else { DATA_MAX };
    for length in [1_000, 100_000.min(largest), largest] {
        let refused = probe::Client::new(&mut client).echo(&vec![1; length]).map(<[u8]>::len);
        assert!(matches!(refused, Err(CallError::Refused(Refusal::GarbageArguments))), "{refused:?}");
        assert_eq!(probe::Client::new(&mut client).add(2, 2).unwrap(), 4);
    }
}

#[test]
fn a_reply_too_large_for_the_client_is_an_error_and_the_next_one_works() {
    let script = move |mut server: TcpStream| {
        let first = read_record(&mut server).unwrap();
        server.write_all(&record(&reply(xid(&first), &vec![0; 100_000]))).unwrap();
        let second = read_record(&mut server).unwrap();
        server.write_all(&record(&reply(xid(&second), &[0, 0, 0, 9]))).unwrap();
    };
    scripted(script, |mut client| {
        let mut probe = probe::Client::new(&mut client);
        assert!(matches!(probe.count(), Err(CallError::ReplyTooLarge { size: 100_024 })));
        assert_eq!(probe.count().unwrap(), 9);
    });
}

#[test]
fn a_call_to_a_silent_server_ends_at_its_time_out() {
    let (done, wait) = mpsc::channel::<()>();
    let script = move |mut server: TcpStream| {
        read_record(&mut server).unwrap();
        wait.recv().unwrap();
    };
    scripted(script, |mut client| {
        client.set_timeout(MOMENT);
        let unanswered = probe::Client::new(&mut client).count();
        assert!(matches!(unanswered, Err(CallError::TimedOut { after: MOMENT, unframed: 0 })), "{unanswered:?}");
        done.send(()).unwrap();
    });
}

#[test]
fn a_time_out_of_zero_sends_and_receives_once() {
    let (done, wait) = mpsc::channel::<()>();
    let script = move |mut server: TcpStream| {
        let first = read_record(&mut server).unwrap();
        server.write_all(&record(&reply(xid(&first), &[0, 0, 0, 1]))).unwrap();
        done.send(()).unwrap();
        let second = read_record(&mut server).unwrap();
        server.write_all(&record(&reply(xid(&second), &[0, 0, 0, 2]))).unwrap();
    };
    scripted(script, |mut client| {
        client.set_timeout(Duration::ZERO);
        let sent = probe::Client::new(&mut client).count();
        assert!(matches!(sent, Err(CallError::TimedOut { .. }) | Ok(1)), "{sent:?}");
        wait.recv().unwrap();
        client.set_timeout(PATIENCE);
        assert_eq!(probe::Client::new(&mut client).count().unwrap(), 2);
    });
}

#[test]
fn replies_to_other_calls_do_not_extend_the_time_out() {
    // Endless replies to other calls: a client that restarted its time-out for each would never end.
    let script = move |mut server: TcpStream| {
        let call = read_record(&mut server).unwrap();
        while server.write_all(&record(&reply(xid(&call) ^ 1, &[0; 4]))).is_ok() {}
    };
    scripted(script, |mut client| {
        client.set_timeout(MOMENT);
        let unanswered = probe::Client::new(&mut client).count();
        assert!(matches!(unanswered, Err(CallError::TimedOut { .. })), "{unanswered:?}");
    });
}

#[test]
fn a_late_reply_is_not_read_as_the_next_reply() {
    let script = move |mut server: TcpStream| {
        let first = read_record(&mut server).unwrap();
        // The client has given up before it calls again.
        let second = read_record(&mut server).unwrap();
        server.write_all(&record(&reply(xid(&first), &[0, 0, 0, 1]))).unwrap();
        server.write_all(&record(&reply(xid(&second), &[0, 0, 0, 2]))).unwrap();
    };
    scripted(script, |mut client| {
        client.set_timeout(MOMENT);
        assert!(matches!(probe::Client::new(&mut client).count(), Err(CallError::TimedOut { .. })));
        client.set_timeout(PATIENCE);
        assert_eq!(probe::Client::new(&mut client).count().unwrap(), 2);
    });
}

#[test]
fn the_rest_of_a_late_reply_is_not_read_as_the_next_reply() {
    let script = move |mut server: TcpStream| {
        let first = read_record(&mut server).unwrap();
        let late = record(&reply(xid(&first), &[0, 0, 0, 1]));
        let (half, rest) = late.split_at(late.len() / 2);
        server.write_all(half).unwrap();
        let second = read_record(&mut server).unwrap();
        server.write_all(rest).unwrap();
        server.write_all(&record(&reply(xid(&second), &[0, 0, 0, 2]))).unwrap();
    };
    scripted(script, |mut client| {
        client.set_timeout(MOMENT);
        assert!(matches!(probe::Client::new(&mut client).count(), Err(CallError::TimedOut { .. })));
        client.set_timeout(PATIENCE);
        assert_eq!(probe::Client::new(&mut client).count().unwrap(), 2);
    });
}

#[test]
fn a_server_that_closes_before_or_within_its_reply_is_closed() {
    for sent in [0, 3, 4, 20] {
        let script = move |mut server: TcpStream| {
            let call = read_record(&mut server).unwrap();
            server.write_all(&record(&reply(xid(&call), &[0, 0, 0, 1]))[..sent]).unwrap();
        };
        scripted(script, |mut client| {
            let cut = probe::Client::new(&mut client).count();
            assert!(matches!(cut, Err(CallError::Closed)), "after {sent} bytes: {cut:?}");
        });
    }
}

#[test]
fn a_reply_in_the_smallest_fragments_is_read() {
    let script = move |mut server: TcpStream| {
        let call = read_record(&mut server).unwrap();
        server.write_all(&crumbs(&reply(xid(&call), &[0, 0, 0, 7]))).unwrap();
    };
    scripted(script, |mut client| {
        assert_eq!(probe::Client::new(&mut client).count().unwrap(), 7);
    });
}

#[test]
fn a_call_sent_in_part_breaks_the_link() {
    let (done, wait) = mpsc::channel::<()>();
    let script = move |_server: TcpStream| wait.recv().unwrap();
    scripted(script, |mut client| {
        client.set_timeout(Duration::ZERO);
        // The server does not read, so sooner or later a call is sent in part.
        let error = loop {
            match probe::Client::new(&mut client).echo(&[0; 4000]).map(|_| ()) {
                Err(CallError::TimedOut { .. }) => {}
                other => break other,
            }
        };
        assert!(matches!(error, Err(CallError::Link(LinkError::Unsent { .. }))), "{error:?}");
        if matches!(error, Err(CallError::Link(LinkError::Unsent { sent, .. })) if sent > 0) {
            let next = probe::Client::new(&mut client).count();
            assert!(matches!(next, Err(CallError::Link(LinkError::OutOfStep))), "{next:?}");
        }
        done.send(()).unwrap();
    });
}

#[test]
fn an_error_of_connecting_names_the_address() {
    // A port that was free a moment ago, and is not given to another program so soon.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let Err(error) = oncilla_host::tcp(address) else { panic!("something answers on {address}") };
    assert!(matches!(&error, Error::Connect { source, .. } if source.kind() == ErrorKind::ConnectionRefused));
    assert!(error.to_string().contains(&address.to_string()), "{error}");
}

#[test]
fn a_client_tries_every_address_of_a_name() {
    let served = Served::new(|server| server);
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut client = Connector::new().tcp(&[nobody, served.address][..]).unwrap();
    assert_eq!(probe::Client::new(&mut client).add(1, 1).unwrap(), 2);
}

#[test]
fn a_buffer_that_no_machine_has_is_an_error() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    for size in [(1 << 30) + 1, usize::MAX] {
        let connector = || Connector::new().buffer(size);
        let policy = Reconnect::for_ever;
        let errors = [
            connector().tcp(address).err(),
            connector().udp(address).err(),
            connector().udp_any_port(address).err(),
            #[cfg(unix)]
            connector().unix("target/absent").err(),
            connector().shared_tcp(address).err(),
            #[cfg(unix)]
            connector().shared_unix("target/absent").err(),
            connector().reconnect(policy()).tcp(address).err(),
            connector().reconnect(policy().later()).shared_tcp(address).err(),
        ];
        for error in errors {
            assert!(matches!(error, Some(Error::Size { what: "buffer", .. })), "{error:?}");
        }
    }
}

/// Closes each connection with a part of the first call unread, so that the client's system reports a reset.
fn reset_all() -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // It ends with the process.
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            stream.read_exact(&mut [0; 8]).unwrap();
            // Without unread bytes it would be an orderly end.
            assert_eq!(stream.peek(&mut [0]).unwrap(), 1);
        }
    });
    address
}

#[test]
fn the_error_of_a_connection_reset_during_a_call_states_that_it_may_have_been_executed() {
    let (address, policy) = (reset_all(), Reconnect::for_ever());
    let error = |client: &mut dyn FnMut() -> Result<i32, CallError<io::Error>>| match client() {
        Err(CallError::Link(LinkError::Transport(error))) => error,
        other => panic!("{other:?}"),
    };
    let mut alone = oncilla_host::tcp(address).unwrap();
    let mut shared = Connector::new().shared_tcp(address).unwrap();
    let mut again = Connector::new().reconnect(policy.clone()).tcp(address).unwrap();
    let mut shared_again = Connector::new().reconnect(policy).shared_tcp(address).unwrap();
    let errors = [
        error(&mut || probe::Client::new(&mut alone).add(1, 2)),
        error(&mut || probe::Client::new(&mut shared).add(1, 2)),
        error(&mut || probe::Client::new(&mut again).add(1, 2)),
        error(&mut || probe::Client::new(&mut shared_again).add(1, 2)),
    ];
    for error in errors {
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        let source = std::error::Error::source(&error).unwrap();
        assert_eq!(error.to_string(), format!("{source}; the call may have been executed"));
    }
}
