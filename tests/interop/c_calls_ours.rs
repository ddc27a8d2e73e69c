//! libtirpc's client, our server.

use std::net::SocketAddr;
use std::thread;

use oncilla_host::Server;

use crate::constructs::*;
use crate::describe::Describe;
use crate::{peer, samples};

/// Echoes, and keeps in words what it has seen.
#[derive(Default)]
pub struct Service {
    seen: String,
}

impl Service {
    fn echo<T: Describe>(&mut self, value: T) -> T {
        self.seen = value.describe();
        value
    }
}

impl constructs::Service for Service {
    fn echo_nothing(&mut self) {
        self.seen.clear();
    }
    fn echo_numbers(&mut self, value: Numbers) -> Numbers {
        self.echo(value)
    }
    fn echo_octets(&mut self, value: Octets) -> Octets {
        self.echo(value)
    }
    fn echo_arrays(&mut self, value: Arrays) -> Arrays {
        self.echo(value)
    }
    fn echo_shape(&mut self, value: Shape) -> Shape {
        self.echo(value)
    }
    fn echo_maybe(&mut self, value: Option<i32>) -> Option<i32> {
        self.echo(value)
    }
    fn echo_list(&mut self, value: Nodes) -> Nodes {
        self.echo(value)
    }
    fn echo_unions(&mut self, value: Unions) -> Unions {
        self.echo(value)
    }
    fn mix(
        &mut self,
        octet: u8,
        big: i64,
        text: Word,
        data: Chunk,
        truth: bool,
        shade: Color,
        real: f32,
        place: Point,
    ) -> Mixed {
        self.echo(Mixed { octet, big, text, data, truth, shade, real, place })
    }
    fn echo_word<'a>(&'a mut self, value: &'a str) -> &'a str {
        self.seen = value.describe();
        value
    }
    fn echo_piece<'a>(&'a mut self, value: &'a [u8]) -> &'a [u8] {
        self.seen = value.describe();
        value
    }
    fn echo_bulk<'a>(&'a mut self, value: &'a [u8]) -> &'a [u8] {
        self.seen = value.describe();
        value
    }
    fn seen(&mut self) -> &str {
        &self.seen
    }
}

static TABLE: oncilla::Table<Service> = oncilla::table![constructs::program()];

/// Serves on TCP and UDP while `test` runs for the addresses.
pub fn serving(test: impl FnOnce(SocketAddr, SocketAddr)) {
    let server = Server::new().unwrap().call_max(constructs::CALL_MAX);
    let mut server = server.tcp("127.0.0.1:0").unwrap().udp("127.0.0.1:0").unwrap();
    let (tcp, udp, stopper) = (server.tcp_addresses()[0], server.udp_addresses()[0], server.stopper());
    thread::scope(|scope| {
        scope.spawn(move || server.serve(&TABLE, &mut Service::default()).unwrap());
        // Also when the test panics, or the scope would wait for ever.
        let _stop = Stop(stopper);
        test(tcp, udp);
    });
}

struct Stop(oncilla_host::Stopper);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.stop();
    }
}

/// The lines that the client prints: each procedure with what was sent.
fn expected(bulks: &[Vec<u8>]) -> Vec<String> {
    fn lines<T: Describe>(name: &str, samples: impl IntoIterator<Item = T>) -> Vec<String> {
        samples.into_iter().map(|sample| format!("{name} {}", sample.describe())).collect()
    }
    [
        vec!["nothing ".to_owned()],
        lines("numbers", samples::numbers()),
        lines("octets", samples::octets()),
        lines("arrays", samples::arrays()),
        lines("shape", samples::shapes()),
        lines("unions", samples::unions()),
        lines("maybe", samples::maybes()),
        lines("list", samples::lists()),
        lines("word", samples::words()),
        lines("mixed", samples::mixed()),
        lines("piece", samples::pieces().iter().map(Vec::as_slice)),
        lines("bulk", bulks.iter().map(Vec::as_slice)),
    ]
    .concat()
}

#[test]
fn on_tcp() {
    serving(|tcp, _| assert_eq!(peer::client("client", "tcp", tcp), expected(&samples::bulks())));
}

#[test]
fn on_udp() {
    serving(|_, udp| assert_eq!(peer::client("client", "udp", udp), expected(&[])));
}
