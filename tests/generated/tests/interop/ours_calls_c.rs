//! The generated client, libtirpc's server.

use std::fmt::Debug;
use std::thread;

use oncilla::Caller;
use oncilla_generated::heap::constructs as heap;
use oncilla_generated::{borrowed, owned};
use oncilla_host::Connector;

use crate::bytes::{encode, same};
use crate::constructs::{BULK_MAX, Mixed};
use crate::describe::Describe;
use crate::{peer, samples};

fn connector() -> Connector {
    Connector::new().buffer(BULK_MAX + 1024)
}

/// Calls a procedure with every sample and asks each time what the server has seen.
macro_rules! check {
    ($client:ident, $procedure:ident, $samples:expr) => {
        check!($client, $samples, |sample| $client.$procedure(same(&sample)))
    };
    ($client:ident, $samples:expr, |$sample:ident| $call:expr) => {
        for sample in $samples {
            let (sent, bytes) = (sample.describe(), encode(&sample));
            let $sample = sample;
            assert!(encode(&$call.unwrap()) == bytes, "what came back of {sent}");
            assert_eq!($client.seen().unwrap(), sent.as_str(), "what the server has seen");
        }
    };
}

/// Every procedure but those with large data, whose types are the same by name.
macro_rules! exercise {
    ($client:ident) => {
        $client.null().unwrap();
        $client.echo_nothing().unwrap();
        assert_eq!($client.seen().unwrap(), "");
        check!($client, echo_numbers, samples::numbers());
        check!($client, echo_octets, samples::octets());
        check!($client, echo_arrays, samples::arrays());
        check!($client, echo_shape, samples::shapes());
        check!($client, echo_maybe, samples::maybes());
        check!($client, echo_list, samples::lists());
        check!($client, echo_unions, samples::unions());
        check!($client, echo_word, samples::words());
        check!($client, samples::mixed(), |it| {
            let Mixed { octet, big, text, data, truth, shade, real, place } = it;
            $client.mix(octet, big, same(&text), same(&data), truth, same(&shade), real, same(&place))
        });
    };
}

fn owned<C: Caller<Error: Debug>>(caller: C, bulks: &[Vec<u8>]) {
    let mut client = owned::constructs_1::Client::new(caller);
    exercise!(client);
    check!(client, samples::pieces(), |sample| client.echo_piece(owned::Piece::from_slice(&sample).unwrap()));
    check!(client, bulks.iter().cloned(), |sample| client.echo_bulk(owned::Bulk::from_slice(&sample).unwrap()));
}

fn borrowed<C: Caller<Error: Debug>>(caller: C, bulks: &[Vec<u8>]) {
    let mut client = borrowed::constructs_1::Client::new(caller);
    exercise!(client);
    check!(client, samples::pieces(), |sample| client.echo_piece(&sample));
    check!(client, bulks.iter().cloned(), |sample| client.echo_bulk(&sample));
}

fn on_heap<C: Caller<Error: Debug>>(caller: C, bulks: &[Vec<u8>]) {
    let mut client = heap::constructs_1::Client::new(caller);
    exercise!(client);
    check!(client, samples::pieces(), |sample| client.echo_piece(sample));
    check!(client, bulks.iter().cloned(), |sample| client.echo_bulk(sample));
}

/// Owned values of some hundred kilobytes are on the stack, more than once.
fn on_a_large_stack(test: fn()) {
    thread::Builder::new().stack_size(64 << 20).spawn(test).unwrap().join().unwrap();
}

#[test]
fn on_tcp() {
    on_a_large_stack(|| {
        let server = peer::Server::start();
        owned(&mut connector().tcp(server.tcp).unwrap(), &samples::bulks());
        borrowed(&mut connector().tcp(server.tcp).unwrap(), &samples::bulks());
        on_heap(&mut connector().tcp(server.tcp).unwrap(), &samples::bulks());
    });
}

#[test]
fn on_udp() {
    on_a_large_stack(|| {
        let server = peer::Server::start();
        owned(&mut connector().udp(server.udp).unwrap(), &[]);
        borrowed(&mut connector().udp(server.udp).unwrap(), &[]);
        on_heap(&mut connector().udp(server.udp).unwrap(), &[]);
    });
}

#[test]
fn one_way_calls() {
    let server = peer::Server::start();
    let mut caller = connector().tcp(server.tcp).unwrap();
    let mut client = borrowed::constructs_1::Client::new(&mut caller);
    client.echo_nothing().unwrap();
    for text in ["one", "two"] {
        client.note(text).unwrap();
    }
    assert_eq!(client.seen().unwrap(), "'one''two'");
}
