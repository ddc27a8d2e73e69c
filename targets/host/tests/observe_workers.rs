//! With workers, each call is seen once, and access rules hold.
#![cfg(unix)]

#[path = "../../../tests/support/shared_house.rs"]
mod shared_house;
#[path = "../../../tests/support/sockets.rs"]
mod sockets;

use std::collections::{HashMap, HashSet};
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};

use oncilla::Refusal;
use oncilla::message::{AuthStatus, Reply};
use oncilla_host::{Access, CallRecord, ConnectionId, Event, Server};
use shared_house::{Served, house, procedure};
use sockets::{call, read_record, record};

/// The threads that reported calls, by procedure and outcome.
type Threads = HashMap<(&'static str, &'static str), Vec<ThreadId>>;

/// The calls that were seen: how they ended, and the threads that reported them.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Threads>>);

impl Seen {
    fn observe(&self, server: Server) -> Server {
        let seen = self.clone();
        server.names(&[house::NAMES]).observe(move |event| {
            if let Event::Call(call) = event {
                seen.note(call);
            }
        })
    }

    fn note(&self, call: &CallRecord<'_>) {
        let key = (call.procedure.unwrap_or("none"), call.outcome_name());
        self.0.lock().unwrap().entry(key).or_default().push(thread::current().id());
    }

    fn count(&self, procedure: &'static str, outcome: &'static str) -> usize {
        self.0.lock().unwrap().get(&(procedure, outcome)).map_or(0, Vec::len)
    }

    fn total(&self) -> usize {
        self.0.lock().unwrap().values().map(Vec::len).sum()
    }
}

#[test]
fn each_call_is_seen_once_and_in_the_thread_of_its_worker() {
    let seen = Seen::default();
    let served = Served::new(4, |server| seen.observe(server));
    thread::scope(|scope| {
        for client in 0..8 {
            let served = &served;
            scope.spawn(move || {
                let mut caller = served.client();
                let mut house = house::Client::new(&mut caller);
                for number in 0..50 {
                    assert_eq!(house.note(client, number).unwrap(), number);
                }
            });
        }
        // Four calls run at the same time, so each in a thread of its own.
        for _ in 0..4 {
            scope.spawn(|| house::Client::new(&mut served.client()).meet(4).unwrap());
        }
    });
    served.stop();
    assert_eq!((seen.count("note", "executed"), seen.count("meet", "executed")), (400, 4));
    assert_eq!(seen.total(), 404);
    let threads: HashSet<_> = seen.0.lock().unwrap()[&("meet", "executed")].iter().copied().collect();
    assert_eq!(threads.len(), 4);
}

#[test]
fn all_events_of_a_connection_have_its_identity() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let events = Arc::clone(&seen);
    let served = Served::new(2, |server| {
        server.observe(move |event| {
            let name = match event {
                Event::Accepted(_) => "accepted",
                Event::Call(_) => "call",
                Event::Closed { .. } => "closed",
                _ => return,
            };
            events.lock().unwrap().push((ConnectionId::current().unwrap(), name));
        })
    });
    for number in 0..3 {
        assert_eq!(house::Client::new(&mut served.client()).note(0, number).unwrap(), number);
    }
    served.stop();
    assert_eq!(ConnectionId::current(), None);
    let seen = seen.lock().unwrap();
    let identities: HashSet<_> = seen.iter().map(|(id, _)| *id).collect();
    assert_eq!((identities.len(), seen.len()), (3, 9));
    for id in identities {
        let names: Vec<_> = seen.iter().filter(|(other, _)| *other == id).map(|(_, name)| *name).collect();
        assert_eq!(names, ["accepted", "call", "closed"]);
    }
}

#[test]
fn a_call_that_comes_again_over_another_connection_is_seen_as_repeated() {
    for workers in [0, 2] {
        let seen = Seen::default();
        let served = Served::new(workers, |server| seen.observe(server.connection_replay_memory(8)));
        let note = record(&call(7, procedure(2), &[0, 0, 0, 1, 0, 0, 0, 9]));
        for _ in 0..3 {
            let mut client = served.raw();
            client.write_all(&note).unwrap();
            read_record(&mut client).unwrap();
        }
        assert_eq!(served.stop().calls(), 1);
        assert_eq!((seen.count("note", "executed"), seen.count("note", "repeated")), (1, 2), "{workers} workers");
    }
}

#[test]
fn rules_hold_for_workers_and_before_a_replay_cache() {
    let seen = Seen::default();
    let rule = Access::local().procedures(house::PROGRAM, house::VERSION, &[2]);
    let settings = |server: Server| seen.observe(server.allow(rule).connection_replay_memory(8));
    let served = Served::new(2, settings);
    let mut client = served.raw();
    let mut ask = |number, arguments: &[u8]| {
        client.write_all(&record(&call(7, procedure(number), arguments))).unwrap();
        let reply = read_record(&mut client).unwrap();
        Reply::parse(&reply).unwrap().outcome.map(<[u8]>::len)
    };
    let refused = Err(Refusal::Authentication(AuthStatus::TOO_WEAK));
    assert_eq!(ask(2, &[0, 0, 0, 1, 0, 0, 0, 9]), Ok(4));
    assert_eq!(ask(4, &[0, 0, 0, 1, 0, 0, 0, 9]), refused);
    assert_eq!(ask(4, &[0, 0, 0, 1, 0, 0, 0, 9]), refused);
    assert_eq!(ask(0, &[]), Ok(0));
    assert_eq!(served.stop().calls(), 1);
    assert_eq!(seen.count("slow_note", Refusal::Authentication(AuthStatus::TOO_WEAK).name()), 2);
    assert_eq!(seen.total(), 4);
}
