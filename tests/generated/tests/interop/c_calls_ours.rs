//! libtirpc's client, a server with the generated interface.

use std::net::SocketAddr;
use std::thread;

use oncilla::Table;
use oncilla::message::{AuthStatus, AuthSys, Call};
use oncilla_generated::heap::constructs as heap;
use oncilla_generated::{borrowed, owned};
use oncilla_host::Server;

use crate::bytes::same;
use crate::constructs as by_hand;
use crate::describe::Describe;
use crate::lines::{NOTES, expected};
use crate::{peer, samples};

/// Echoes, and keeps in words what it has seen. Those of the owned interface, of the borrowed one and of the one on the
/// heap.
#[derive(Default)]
struct Owned(Seen);
#[derive(Default)]
struct Borrowed(Seen);

#[derive(Default)]
struct OnHeap(Seen);

#[derive(Default)]
struct Seen {
    seen: String,
    caller: String,
}

/// A procedure that takes a type of the generated interface and returns it.
macro_rules! echo {
    ($name:ident, $interface:ident :: $type:ident $(<$lifetime:lifetime>)?, $by_hand:ty) => {
        fn $name(&mut self, arg: $interface::$type $(<$lifetime>)?) -> $interface::$type $(<$lifetime>)? {
            let seen: $by_hand = same(&arg);
            self.0.seen = seen.describe();
            same(&arg)
        }
    };
}

impl owned::constructs_1::Service for Owned {
    fn echo_nothing(&mut self) {
        self.0.seen.clear();
    }
    echo!(echo_numbers, owned::Numbers, by_hand::Numbers);
    echo!(echo_octets, owned::Octets, by_hand::Octets);
    echo!(echo_arrays, owned::Arrays, by_hand::Arrays);
    echo!(echo_shape, owned::Shape, by_hand::Shape);
    echo!(echo_maybe, owned::Maybe, Option<i32>);
    echo!(echo_list, owned::List, by_hand::Nodes);
    echo!(echo_unions, owned::Unions, by_hand::Unions);
    echo!(echo_word, owned::Word, by_hand::Word);
    fn mix(
        &mut self,
        octet: u8,
        big: i64,
        text: owned::Word,
        data: owned::Chunk,
        truth: bool,
        shade: owned::Color,
        real: f32,
        place: owned::Point,
    ) -> owned::Mixed {
        let mixed = owned::Mixed { octet, big, text, data, truth, shade, real, place };
        self.0.seen = same::<by_hand::Mixed>(&mixed).describe();
        mixed
    }
    fn echo_piece(&mut self, arg: owned::Piece) -> owned::Piece {
        self.0.seen = arg[..].describe();
        arg
    }
    fn echo_bulk(&mut self, arg: owned::Bulk) -> owned::Bulk {
        self.0.seen = arg[..].describe();
        arg
    }
    fn seen(&mut self) -> owned::Description {
        self.0.seen.as_str().try_into().unwrap()
    }
    fn note(&mut self, arg: owned::Word) {
        self.0.seen += &arg.describe();
    }
    fn caller(&mut self) -> owned::Description {
        self.0.caller.as_str().try_into().unwrap()
    }
}

impl borrowed::constructs_1::Service for Borrowed {
    fn echo_nothing(&mut self) {
        self.0.seen.clear();
    }
    echo!(echo_numbers, borrowed::Numbers, by_hand::Numbers);
    echo!(echo_octets, borrowed::Octets<'_>, by_hand::Octets);
    echo!(echo_arrays, borrowed::Arrays, by_hand::Arrays);
    echo!(echo_shape, borrowed::Shape, by_hand::Shape);
    echo!(echo_maybe, borrowed::Maybe, Option<i32>);
    echo!(echo_list, borrowed::List<'_>, by_hand::Nodes);
    echo!(echo_unions, borrowed::Unions<'_>, by_hand::Unions);
    fn mix(
        &mut self,
        octet: u8,
        big: i64,
        text: &str,
        data: &[u8],
        truth: bool,
        shade: borrowed::Color,
        real: f32,
        place: borrowed::Point,
    ) -> borrowed::Mixed<'_> {
        let mixed = borrowed::Mixed { octet, big, text, data, truth, shade, real, place };
        self.0.seen = same::<by_hand::Mixed>(&mixed).describe();
        same(&mixed)
    }
    fn echo_word<'a>(&'a mut self, arg: &'a str) -> &'a str {
        self.0.seen = arg.describe();
        arg
    }
    fn echo_piece<'a>(&'a mut self, arg: &'a [u8]) -> &'a [u8] {
        self.0.seen = arg.describe();
        arg
    }
    fn echo_bulk<'a>(&'a mut self, arg: &'a [u8]) -> &'a [u8] {
        self.0.seen = arg.describe();
        arg
    }
    fn seen(&mut self) -> &str {
        &self.0.seen
    }
    fn note(&mut self, arg: &str) {
        self.0.seen += &arg.describe();
    }
    fn caller(&mut self) -> &str {
        &self.0.caller
    }
}

impl heap::constructs_1::Service for OnHeap {
    fn echo_nothing(&mut self) {
        self.0.seen.clear();
    }
    echo!(echo_numbers, heap::Numbers, by_hand::Numbers);
    echo!(echo_octets, heap::Octets, by_hand::Octets);
    echo!(echo_arrays, heap::Arrays, by_hand::Arrays);
    echo!(echo_shape, heap::Shape, by_hand::Shape);
    echo!(echo_maybe, heap::Maybe, Option<i32>);
    echo!(echo_list, heap::List, by_hand::Nodes);
    echo!(echo_unions, heap::Unions, by_hand::Unions);
    echo!(echo_word, heap::Word, by_hand::Word);
    fn mix(
        &mut self,
        octet: u8,
        big: i64,
        text: String,
        data: Vec<u8>,
        truth: bool,
        shade: heap::Color,
        real: f32,
        place: heap::Point,
    ) -> heap::Mixed {
        let mixed = heap::Mixed { octet, big, text, data, truth, shade, real, place };
        self.0.seen = same::<by_hand::Mixed>(&mixed).describe();
        mixed
    }
    fn echo_piece(&mut self, arg: Vec<u8>) -> Vec<u8> {
        self.0.seen = arg[..].describe();
        arg
    }
    fn echo_bulk(&mut self, arg: Vec<u8>) -> Vec<u8> {
        self.0.seen = arg[..].describe();
        arg
    }
    fn seen(&mut self) -> String {
        self.0.seen.clone()
    }
    fn note(&mut self, arg: String) {
        self.0.seen += &arg.as_str().describe();
    }
    fn caller(&mut self) -> String {
        self.0.caller.clone()
    }
}

fn caller(call: &Call<'_>) -> Result<String, AuthStatus> {
    call.check_credential()?;
    Ok(AuthSys::parse(call.credential().body).map(|user| user.describe()).unwrap_or_default())
}

static OWNED: Table<Owned> = oncilla::table![owned::constructs_1::program()].authorize(|service, call| {
    service.0.caller = caller(call)?;
    Ok(())
});
static BORROWED: Table<Borrowed> = oncilla::table![borrowed::constructs_1::program()].authorize(|service, call| {
    service.0.caller = caller(call)?;
    Ok(())
});
static ON_HEAP: Table<OnHeap> = oncilla::table![heap::constructs_1::program()].authorize(|service, call| {
    service.0.caller = caller(call)?;
    Ok(())
});

/// Serves on TCP and UDP while `test` runs for the addresses.
fn serving<S: Default + 'static>(table: &'static Table<S>, test: impl FnOnce(SocketAddr, SocketAddr)) {
    let server = Server::new().unwrap().call_max(owned::constructs_1::CALL_MAX);
    let mut server = server.tcp("127.0.0.1:0").unwrap().udp("127.0.0.1:0").unwrap();
    let (tcp, udp, stopper) = (server.tcp_addresses()[0], server.udp_addresses()[0], server.stopper());
    // Owned values of some hundred kilobytes are on the stack, more than once.
    let serve = move || server.serve(table, &mut S::default()).unwrap();
    let serving = thread::Builder::new().stack_size(64 << 20).spawn(serve).unwrap();
    // Also when the test panics, so that the server ends.
    let stop = Stop(stopper);
    test(tcp, udp);
    drop(stop);
    serving.join().unwrap();
}

struct Stop(oncilla_host::Stopper);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.stop();
    }
}

fn on_tcp_and_udp<S: Default + 'static>(table: &'static Table<S>) {
    serving(table, |tcp, udp| {
        assert_eq!(peer::client("tcp", tcp), expected(&samples::bulks(), &[NOTES]));
        assert_eq!(peer::client("udp", udp), expected(&[], &[]));
    });
}

#[test]
fn with_data_owned() {
    on_tcp_and_udp(&OWNED);
}

#[test]
fn with_data_borrowed() {
    on_tcp_and_udp(&BORROWED);
}

#[test]
fn with_data_on_the_heap() {
    on_tcp_and_udp(&ON_HEAP);
}
