//! `cargo bench`: how many times as long we take as a raw echo, as libtirpc, and as another XDR crate.
//!
//! Two things that are compared are measured in turn, some milliseconds each, so that a busy machine is busy for both;
//! everything runs on one processor, servers in processes of their own.
//!
//! Part of it, or with criterion's options: `cargo bench -p oncilla-bench -- "null call"`.

mod command;
mod many;
mod ours;
mod peers;
mod pieces;
mod ratio;
mod records;
mod records_by_hand;
mod records_on_heap;
mod table;

use std::path::Path;

use criterion::Criterion;
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

use peers::Tool;
use ratio::{Contest, Ratio};

/// Pins this process, and those that it starts, to the last processor that it may use.
fn pin() {
    let us = Pid::from_raw(0);
    let allowed = sched_getaffinity(us).unwrap();
    let last = (0..CpuSet::count()).rev().find(|&cpu| allowed.is_set(cpu).unwrap_or_default()).unwrap();
    let mut only = CpuSet::new();
    only.set(last).unwrap();
    sched_setaffinity(us, &only).unwrap();
}

fn main() {
    if ours::serves() {
        return;
    }
    // With all processors.
    let program = command::build();
    pin();
    peers::compile();
    // Beside what is built: this process runs in the folder of its package.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("criterion");
    let mut criterion = Criterion::default().with_measurement(Ratio).output_directory(&folder).configure_from_args();
    let mut results = Vec::new();
    for mut contest in calls()
        .into_iter()
        .chain(shared())
        .chain(crowds())
        .chain(flights())
        .chain(echoes())
        .chain(records())
        .chain(pieces::contests())
        .chain(command::contests(&program))
    {
        results.extend(contest.run(&mut criterion));
    }
    criterion.final_summary();
    table::print(&results);
}

/// A call that does nothing: NULL.
///
/// The server for one client is held against an echo that does nothing but receive and send; the server for many
/// against one that asks who is ready, too, which costs a system call a call.
fn calls() -> Vec<Contest> {
    let mut contests = Vec::new();
    for (name, transport, limit) in [("null call, TCP", "tcp", 1.10), ("null call, UDP", "udp", 1.15)] {
        let one = || ("oncilla, one client", ours::null(transport, "one"));
        let many = || ("oncilla, many clients", ours::null(transport, "many"));
        let libtirpc = ("libtirpc", peers::rpc_client(transport).does("null"));
        let echo = || ("raw echo", peers::raw_echo("serve", transport));
        let ready = || ("raw, epoll", peers::raw_echo("serve-ready", transport));
        contests.push(Contest::new(name, one(), echo(), Some(limit)));
        contests.push(Contest::new(name, many(), ready(), Some(limit)));
        contests.push(Contest::new(name, many(), echo(), None));
        contests.push(Contest::new(name, libtirpc, echo(), None));
        let counted = ("with metrics", ours::null(transport, "counted"));
        contests.push(Contest::new(name, counted, ("without", ours::null(transport, "many")), Some(1.20)));
    }
    let reconnecting = ("reconnecting client", ours::null_reconnecting("one"));
    contests.push(Contest::new("null call, TCP", reconnecting, ("plain one", ours::null("tcp", "one")), Some(1.10)));
    contests
}

/// A client for many threads: one thread alone against a plain client, and eight on one connection against eight
/// connections.
fn shared() -> Vec<Contest> {
    let alone = ("shared, one thread", ours::null_shared());
    let plain = ("plain", ours::null("tcp", "many"));
    let together = ("8 threads, shared", ours::threads_on_one_connection());
    let apart = ("8 connections", ours::threads_on_connections());
    vec![
        Contest::new("null call, TCP", alone, plain, Some(1.10)),
        Contest::new("1600 echoes, TCP", together, apart, None),
    ]
}

/// Many clients of one server: a call may take little longer than that of one client, and workers must be worth it.
fn crowds() -> Vec<Contest> {
    let clients = |clients| many::null(clients);
    vec![
        Contest::new("null call, TCP", ("1000 clients", clients(1000)), ("one client", clients(1)), Some(1.11)),
        Contest::new(
            "64 calls of 1 ms",
            ("4 workers", many::waiting("four")),
            ("1 thread", many::waiting("one")),
            Some(0.286),
        ),
    ]
}

/// Eight calls in flight against one after the other.
fn flights() -> Vec<Contest> {
    let contest = |server| {
        let (ours, other) = (ours::small_echoes(server), ours::small_echo(server));
        Contest::new("16 B echo, TCP", ("8 in flight", ours), ("one by one", other), None)
    };
    vec![contest("one"), contest("many")]
}

/// 64 KiB there and back.
fn echoes() -> Vec<Contest> {
    let contest = |name, server| {
        let other = ("libtirpc", peers::rpc_client("tcp").does("echo"));
        Contest::new("64 KiB echo, TCP", (name, ours::echo(server)), other, Some(1.0))
    };
    vec![contest("oncilla, one client", "one"), contest("oncilla, many clients", "many")]
}

/// A thousand records of every type.
fn records() -> Vec<Contest> {
    let file = records::file();
    let libtirpc = || Tool::start("records", &[file.to_str().unwrap()]);
    libtirpc().run("check", 1);
    records_by_hand::check();
    records_on_heap::check();
    let contest = |name, ours, other, limit| Contest::new(name, ("oncilla", ours), other, Some(limit));
    let on_heap = |name, ours, other, limit| contest(name, ours, ("xdr-codec", other), limit);
    let encode = || records::encode();
    let decode = || records::decode();
    vec![
        contest("1000 records, encode", encode(), ("xdr-codec", records_by_hand::encode()), 0.9),
        contest("1000 records, encode", encode(), ("libtirpc", libtirpc().does("encode")), 0.25),
        contest("1000 records, decode", decode(), ("xdr-codec", records_by_hand::decode()), 0.5),
        contest("1000 records, decode", decode(), ("libtirpc", libtirpc().does("decode")), 0.25),
        on_heap("1000 records on the heap, encode", records_on_heap::encode(), records_by_hand::encode(), 0.9),
        // More than half of the time of each is the allocator's: to clone the decoded records takes 0.5. Ours allocates
        // 3.4 times a record and xdr-codec 3.9 times: our optional field is no box.
        on_heap("1000 records on the heap, decode", records_on_heap::decode(), records_by_hand::decode(), 0.8),
    ]
}
