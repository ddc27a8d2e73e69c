//! Our client, libtirpc's server.

use std::fmt::Debug;
use std::net::SocketAddr;

use oncilla::Caller;
use oncilla_host::Connector;

use crate::constructs::{BULK_MAX, Mixed, constructs};
use crate::describe::Describe;
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

fn with_server(test: impl FnOnce(SocketAddr, SocketAddr)) {
    let server = peer::Server::start();
    test(server.tcp, server.udp);
}

#[test]
fn on_tcp() {
    with_server(|tcp, _| exercise(&mut connector().tcp(tcp).unwrap(), &samples::bulks()));
}

#[test]
fn on_udp() {
    with_server(|_, udp| exercise(&mut connector().udp(udp).unwrap(), &[]));
}
