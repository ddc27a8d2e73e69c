//! Many threads with many calls.

use std::thread;

use oncilla::message::SysCredential;
use oncilla::{CallError, Refusal};
use oncilla_host::{Connector, Server, SharedClient};

use crate::patient;
use crate::sockets::*;

const THREADS: usize = 16;
const CALLS: usize = 300;

/// Calls from many threads, with a value by which each reply is recognised.
fn many_calls(shared: &SharedClient) {
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let mut client = probe::Client::new(shared.clone());
            scope.spawn(move || {
                for call in 0..CALLS {
                    let number = (thread * CALLS + call) as i32;
                    assert_eq!(client.add(number, 1).unwrap(), number + 1);
                    // Every third call is larger than the first size of a buffer.
                    let data = vec![thread as u8; if call % 3 == 0 { 4000 } else { call % 40 }];
                    assert!(client.echo(&data).unwrap() == data, "another call's reply");
                }
            });
        }
    });
}

#[test]
fn every_call_has_its_reply_on_tcp() {
    let served = Served::new(|server| server);
    many_calls(&patient(Connector::new().shared_tcp(served.address).unwrap()));
    assert_eq!(served.stop().calls as usize, 2 * THREADS * CALLS, "each call is executed once");
}

#[test]
fn every_call_has_its_reply_on_a_unix_socket() {
    let path = std::env::temp_dir().join(format!("oncilla-shared-{}", std::process::id()));
    let served = Served::on(Server::new().unwrap().unix(&path).unwrap());
    many_calls(&patient(Connector::new().shared_unix(&path).unwrap()));
    assert_eq!(served.stop().calls as usize, 2 * THREADS * CALLS, "each call is executed once");
}

/// Large messages in both directions at once: the sockets' buffers hold less.
#[test]
fn large_calls_and_replies_share_the_connection() {
    let served = Served::new(|server| server.call_max(probe::CALL_MAX));
    let shared = patient(Connector::new().buffer(DATA_MAX + 1024).shared_tcp(served.address).unwrap());
    thread::scope(|scope| {
        for thread in 0..6 {
            let mut client = probe::Client::new(shared.clone());
            scope.spawn(move || {
                for call in 0..12 {
                    let data = vec![(16 * thread + call) as u8; DATA_MAX - call];
                    assert!(client.echo(&data).unwrap() == data, "another call's reply");
                }
            });
        }
    });
    assert_eq!(served.stop().calls, 72);
}

#[test]
fn one_way_calls_between_calls_of_others() {
    use oncilla::Caller;
    let served = Served::new(|server| server);
    let shared = patient(Connector::new().shared_tcp(served.address).unwrap());
    thread::scope(|scope| {
        for thread in 0..8 {
            let mut client = shared.clone();
            scope.spawn(move || {
                for _ in 0..CALLS {
                    if thread % 2 == 0 {
                        // Its reply is dropped.
                        client.cast(procedure(4), |_| Ok(())).unwrap();
                    } else {
                        assert_eq!(probe::Client::new(&mut client).add(2, 3).unwrap(), 5);
                    }
                }
            });
        }
    });
    assert_eq!(probe::Client::new(shared).count().unwrap() as usize, 8 * CALLS + 1);
}

/// A clone has the settings of its model and keeps them when the model changes.
#[test]
fn each_clone_has_its_own_credential() {
    let served = Served::new(|server| server);
    let shared = patient(Connector::new().shared_tcp(served.address).unwrap());
    let credential = SysCredential::new(1, "oven", 2, 3, &[]).unwrap();
    let mut named = probe::Client::new(shared.clone().with_credential(credential));
    struct Forged;
    impl oncilla::Authenticate for Forged {
        fn credential(&self) -> oncilla::message::OpaqueAuth<'_> {
            oncilla::message::OpaqueAuth { flavor: 1, body: &[0; 3] }
        }
    }
    let mut forged = probe::Client::new(shared.clone().with_credential(Forged));
    assert_eq!(named.add(1, 2).unwrap(), 3);
    assert!(matches!(forged.add(1, 2), Err(CallError::Refused(Refusal::Authentication(_)))));
    assert_eq!(probe::Client::new(shared).add(1, 2).unwrap(), 3);
}
