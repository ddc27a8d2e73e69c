//! The memory of a server: little for idle connections, as much as bytes came for large messages, never by lengths.

#[path = "support/shared_house.rs"]
mod shared_house;
#[path = "support/sockets.rs"]
mod sockets;

use std::alloc::System;
use std::io::Write;
use std::net::TcpStream;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use cap::Cap;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use oncilla::Refusal;
use oncilla::message::Reply;
use shared_house::*;
use sockets::{PATIENCE, call, fragment, read_record, record, reply};

/// Counts the bytes that are allocated.
#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// What else the process allocates meanwhile: the harness of the tests, and the queues of the server.
const BESIDE: usize = 64 << 10;

const NOTE: u32 = 2;
const BYTES: u32 = 5;
const TAKE: u32 = 6;
const LARGE: usize = 1 << 22;

/// The tests share the allocator, so they run one after another.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn allocated_since(before: usize) -> usize {
    ALLOCATOR.allocated().saturating_sub(before)
}

fn wait_until(done: impl Fn() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < PATIENCE, "not after {PATIENCE:?}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Makes a small call.
fn note(stream: &mut TcpStream, number: u32) {
    stream.write_all(&record(&call(number, procedure(NOTE), &[[0; 4], number.to_be_bytes()].concat()))).unwrap();
    assert_eq!(read_record(stream).unwrap(), reply(number, &number.to_be_bytes()));
}

/// A call with data of so many bytes.
fn take(xid: u32, length: usize) -> Vec<u8> {
    let data = [&(length as u32).to_be_bytes()[..], &vec![7; length]].concat();
    record(&call(xid, procedure(TAKE), &data))
}

fn refusal(message: &[u8]) -> Option<Refusal> {
    Reply::parse(message).unwrap().outcome.err()
}

#[test]
fn a_thousand_clients_are_served_and_an_idle_one_takes_little() {
    let _alone = alone();
    // Both ends are in this process.
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, hard.min(soft.max(4096)), hard).unwrap();
    let served = Served::new(0, |server| server.connections(1001).call_max(LARGE));
    let mut clients = Vec::with_capacity(1000);
    note(&mut served.raw(), 0);
    let before = ALLOCATOR.allocated();
    for number in 0..1000 {
        let mut client = served.raw();
        note(&mut client, number);
        clients.push(client);
    }
    let each = allocated_since(before) / clients.len();
    println!("an idle connection takes {each} bytes, of calls of up to {LARGE} bytes");
    assert!(each < 2500, "{each}");
    for (number, client) in clients.iter_mut().enumerate() {
        note(client, number as u32);
    }
    assert_eq!(served.stop().calls(), 2001);
}

#[test]
fn lengths_alone_take_no_memory() {
    let _alone = alone();
    let served = Served::new(0, |server| server.connections(101).call_max(LARGE));
    let mut other = served.raw();
    let mut clients: Vec<_> = (0..100).map(|_| served.raw()).collect();
    let before = ALLOCATOR.allocated();
    for client in &mut clients {
        client.write_all(&(LARGE as u32).to_be_bytes()).unwrap();
        client.write_all(&[0; 500]).unwrap();
    }
    for number in 0..10 {
        note(&mut other, number);
    }
    let each = allocated_since(before) / clients.len();
    assert!(each < 2500, "{each}");
}

#[test]
fn a_receive_buffer_is_at_most_twice_the_bytes_that_came() {
    let _alone = alone();
    let served = Served::new(0, |server| server.call_max(LARGE));
    let mut client = served.raw();
    note(&mut client, 0);
    let pieces: Vec<Vec<u8>> = [vec![0; 1 << 20]].into();
    let before = ALLOCATOR.allocated();
    client.write_all(&(1 << 31 | LARGE as u32).to_be_bytes()).unwrap();
    for piece in &pieces {
        client.write_all(piece).unwrap();
    }
    wait_until(|| allocated_since(before) >= 1 << 20);
    thread::sleep(Duration::from_millis(50));
    let taken = allocated_since(before);
    println!("1 MiB of a call of 4 MiB takes {taken} bytes");
    assert!(taken <= (2 << 20) + BESIDE, "{taken}");
    // The memory of a connection that ends is free.
    drop(client);
    wait_until(|| allocated_since(before) < BESIDE);
}

#[test]
fn empty_fragments_take_no_memory() {
    let _alone = alone();
    let served = Served::new(0, |server| server.call_max(LARGE));
    let mut client = served.raw();
    note(&mut client, 0);
    let fragments = fragment(&[], false).repeat(1 << 18);
    let before = ALLOCATOR.allocated();
    client.write_all(&fragments).unwrap();
    note(&mut client, 1);
    let taken = allocated_since(before);
    assert!(taken < BESIDE, "{taken}");
}

#[test]
fn buffers_grow_for_large_messages_and_shrink_again() {
    let _alone = alone();
    for workers in [0, 2] {
        let served = Served::new(workers, |server| server.call_max(LARGE + 4));
        let mut client = served.raw();
        note(&mut client, 0);
        let calls: Vec<_> = (0..3).map(|xid| take(xid, LARGE)).collect();
        let before = ALLOCATOR.allocated();
        for (xid, call) in calls.iter().enumerate() {
            client.write_all(call).unwrap();
            assert_eq!(read_record(&mut client).unwrap(), reply(xid as u32, &(LARGE as u32).to_be_bytes()));
        }
        // They are kept for the next large call.
        let kept = allocated_since(before);
        assert!(kept >= LARGE - 2048, "{kept} bytes with {workers} workers");
        wait_until(|| allocated_since(before) < BESIDE);
        note(&mut client, 1);

        let mut caller = served.client();
        let mut house = house::Client::new(&mut caller);
        for length in [0, 1, 1000, LARGE as u32] {
            assert_eq!(house.bytes(length).unwrap().len(), length as usize);
        }
    }
}

#[test]
fn calls_beyond_the_memory_of_the_server_are_refused_and_not_executed() {
    let _alone = alone();
    for workers in [0, 2] {
        let served = Served::new(workers, |server| server.call_max(LARGE + 4).buffer_memory(2 << 20));
        let [mut client, mut other] = [served.raw(), served.raw()];
        for xid in 0..3 {
            client.write_all(&take(xid, LARGE)).unwrap();
            let answer = read_record(&mut client).unwrap();
            assert_eq!((sockets::xid(&answer), refusal(&answer)), (xid, Some(Refusal::SystemError)));
            // The connection is in step.
            note(&mut client, 100 + xid);
        }
        // A reply that has no room.
        client.write_all(&record(&call(7, procedure(BYTES), &10_u32.to_be_bytes()))).unwrap();
        assert_eq!(refusal(&read_record(&mut client).unwrap()), Some(Refusal::SystemError));
        // Idle connections give back what they have.
        for _ in 0..2 {
            for stream in [&mut client, &mut other] {
                stream.write_all(&take(9, 1 << 20)).unwrap();
                assert_eq!(read_record(stream).unwrap(), reply(9, &(1_u32 << 20).to_be_bytes()));
            }
        }
        assert_eq!(served.stop().calls(), 3 + 4);
    }
}

#[test]
fn replies_beyond_the_limit_of_the_server_are_refused() {
    let _alone = alone();
    let served = Served::new(0, |server| server.reply_max(1 << 20));
    let mut client = served.raw();
    client.write_all(&record(&call(7, procedure(BYTES), &10_u32.to_be_bytes()))).unwrap();
    assert_eq!(refusal(&read_record(&mut client).unwrap()), Some(Refusal::SystemError));
    note(&mut client, 1);
    assert_eq!(served.stop().calls(), 1);
}
