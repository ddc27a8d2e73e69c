//! Our client, libtirpc's server.

use std::fmt::Debug;

use oncilla::Caller;
use oncilla::message::SysCredential;
use oncilla_host::Connector;

use crate::constructs::{BULK_MAX, Mixed, constructs};
use crate::describe::Describe;
use crate::lines::NOTES;
use crate::{peer, samples};

fn connector() -> Connector {
    Connector::new().buffer(BULK_MAX + 1024)
}

/// Calls every procedure with every sample and asks each time what the server has seen.
fn exercise<C: Caller>(caller: C, bulks: &[Vec<u8>])
where
    C::Error: Debug,
{
    let mut client = constructs::Client::new(caller);
    client.null().unwrap();
    client.echo_nothing().unwrap();
    assert_eq!(client.seen().unwrap(), "");

    macro_rules! check {
        ($samples:expr, $call:expr) => {
            for sample in $samples {
                let call: fn(&mut constructs::Client<C>, _) -> _ = $call;
                let sent = sample.describe();
                assert_eq!(call(&mut client, sample).unwrap().describe(), sent, "what came back");
                assert_eq!(client.seen().unwrap(), sent, "what the server has seen");
            }
        };
    }
    check!(samples::numbers(), |client, sample| client.echo_numbers(sample));
    check!(samples::octets(), |client, sample| client.echo_octets(sample));
    check!(samples::arrays(), |client, sample| client.echo_arrays(sample));
    check!(samples::shapes(), |client, sample| client.echo_shape(sample));
    check!(samples::maybes(), |client, sample| client.echo_maybe(sample));
    check!(samples::lists(), |client, sample| client.echo_list(sample));
    check!(samples::unions(), |client, sample| client.echo_unions(sample));
    check!(samples::mixed(), |client, it: Mixed| {
        client.mix(it.octet, it.big, it.text, it.data, it.truth, it.shade, it.real, it.place)
    });
    for sample in samples::words() {
        assert_eq!(client.echo_word(sample).unwrap(), sample);
        assert_eq!(client.seen().unwrap(), sample.describe());
    }
    for sample in samples::pieces() {
        assert!(client.echo_piece(&sample).unwrap() == sample, "{} bytes differ", sample.len());
        assert_eq!(client.seen().unwrap(), sample.describe());
    }
    for sample in bulks {
        assert!(client.echo_bulk(sample).unwrap() == sample, "{} bytes differ", sample.len());
        assert_eq!(client.seen().unwrap(), sample.describe());
    }
}

#[test]
fn on_tcp() {
    let server = peer::Server::start();
    exercise(&mut connector().tcp(server.tcp).unwrap(), &samples::bulks());
}

#[test]
fn on_udp() {
    let server = peer::Server::start();
    exercise(&mut connector().udp(server.udp).unwrap(), &[]);
}

/// Threads that share a connection, to a server that knows one call at a time.
#[test]
fn from_many_threads() {
    let server = peer::Server::start();
    let shared = connector().shared_tcp(server.tcp).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let mut client = constructs::Client::new(shared.clone());
            scope.spawn(move || {
                for round in 0..100 {
                    let word = format!("{thread} {round}");
                    assert_eq!(client.echo_word(&word).unwrap(), word);
                    // Large ones fill the buffers of the sockets.
                    let bulk = vec![thread; if round % 10 == 0 { BULK_MAX } else { round }];
                    assert!(client.echo_bulk(&bulk).unwrap() == bulk, "another call's reply");
                }
            });
        }
    });
}

/// A batch of calls without replies (RFC 5531 §8), and a call to end it.
#[test]
fn one_way_calls() {
    fn exercise<C: Caller>(caller: C)
    where
        C::Error: Debug,
    {
        let mut client = constructs::Client::new(caller);
        client.echo_nothing().unwrap();
        for text in ["one", "two", "", "eleven byte"] {
            client.note(text).unwrap();
        }
        assert_eq!(client.seen().unwrap(), NOTES);
    }
    let server = peer::Server::start();
    exercise(&mut connector().tcp(server.tcp).unwrap());
    // The loopback interface keeps the order of datagrams.
    exercise(&mut connector().udp(server.udp).unwrap());
}

#[test]
fn credentials() {
    let server = peer::Server::start();
    let caller = || connector().tcp(server.tcp).unwrap();
    assert_eq!(constructs::Client::new(&mut caller()).caller().unwrap(), "", "AUTH_NONE");
    for user in samples::users() {
        let credential = SysCredential::new(7, &user.machine, user.uid, user.gid, user.groups).unwrap();
        let mut caller = caller().with_credential(credential);
        assert_eq!(constructs::Client::new(&mut caller).caller().unwrap(), user.describe());
    }
}
