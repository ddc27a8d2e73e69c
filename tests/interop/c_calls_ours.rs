//! libtirpc's client, our server.

use std::net::SocketAddr;
use std::thread;

use oncilla::message::{AuthStatus, AuthSys, Call};
use oncilla_host::Server;

use crate::constructs::*;
use crate::describe::Describe;
use crate::lines::{NOTES, expected};
use crate::{peer, samples};

/// Echoes, and keeps in words what it has seen.
#[derive(Clone, Default)]
pub struct Service {
    seen: String,
    caller: String,
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
    fn note(&mut self, text: &str) {
        self.seen += &text.describe();
    }
    fn caller(&mut self) -> &str {
        &self.caller
    }
}

static TABLE: oncilla::Table<Service> = oncilla::table![constructs::program()].authorize(authorize);

/// The user that is refused.
const UNWANTED: u32 = 666;

fn authorize(service: &mut Service, call: &Call<'_>) -> Result<(), AuthStatus> {
    call.check_credential()?;
    let user = AuthSys::parse(call.credential().body);
    service.caller = user.map(|user| user.describe()).unwrap_or_default();
    if user.is_some_and(|user| user.uid == UNWANTED) { Err(AuthStatus::TOO_WEAK) } else { Ok(()) }
}

/// Serves on TCP and UDP while `test` runs for the addresses.
pub fn serving(test: impl FnOnce(SocketAddr, SocketAddr)) {
    serving_by(|server| server.serve(&TABLE, &mut Service::default()).unwrap(), test);
}

/// The same by a worker, with all caches. It is one, because some procedures return what the last has seen.
fn serving_with_a_worker(test: impl FnOnce(SocketAddr, SocketAddr)) {
    serving_by(|server| server.serve_with_workers(1, &TABLE, Service::default()).unwrap(), test);
}

fn serving_by(serve: impl FnOnce(&mut Server) + Send, test: impl FnOnce(SocketAddr, SocketAddr)) {
    let server = Server::new().unwrap().call_max(constructs::CALL_MAX).connection_replay_memory(64);
    let mut server = server.tcp("127.0.0.1:0").unwrap().udp("127.0.0.1:0").unwrap();
    let (tcp, udp, stopper) = (server.tcp_addresses()[0], server.udp_addresses()[0], server.stopper());
    thread::scope(|scope| {
        scope.spawn(move || serve(&mut server));
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

#[test]
fn on_tcp() {
    serving(|tcp, _| assert_eq!(peer::client("client", "tcp", tcp), expected(&samples::bulks(), &[NOTES])));
}

#[test]
fn on_udp() {
    serving(|_, udp| assert_eq!(peer::client("client", "udp", udp), expected(&[], &[])));
}

#[test]
fn on_tcp_with_a_worker() {
    serving_with_a_worker(|tcp, _| {
        assert_eq!(peer::client("client", "tcp", tcp), expected(&samples::bulks(), &[NOTES]))
    });
}

#[test]
fn on_udp_with_a_worker() {
    serving_with_a_worker(|_, udp| assert_eq!(peer::client("client", "udp", udp), expected(&[], &[])));
}
