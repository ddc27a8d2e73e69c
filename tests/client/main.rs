//! The client, on a scripted transport: every byte and every microsecond is given.

mod script;

mod arguments;
mod credentials;
mod deadlines;
mod half;
mod replies;
mod retries;
mod sending;
mod strangers;
mod stream;

use core::time::Duration;

use oncilla::framing::Framing;
use oncilla::{CallError, Client, Link};

use script::{Script, success, sum, words};

oncilla::program! {
    /// The procedures that the tests call.
    mod counter = 0x2000_0042, version 1 {
        fn add(a: i32, b: i32) -> i32 = 1;
        fn reset() = 2;
        fn name() -> &str [..16] = 3;
        fn echo(data: &[u8] [..64]) -> &[u8] [..64] = 4;
        fn level(value: heapless::Vec<u16, 3>) -> Result<bool, u32> = 5;
    }
}

/// The xid of the first call.
const XID: u32 = 0xffff_fffe;

/// The total time-out of calls.
const TIMEOUT: Duration = Duration::from_millis(1000);

type TestClient<F> = Client<Script<F>, Vec<u8>>;
type Error = CallError<&'static str>;

fn client<F: Framing>(script: Script<F>) -> TestClient<F> {
    client_with(script, 600)
}

/// A client whose receive buffer has `rx` bytes.
fn client_with<F: Framing>(script: Script<F>, rx: usize) -> TestClient<F> {
    let mut client = Client::new(Link::new(script, vec![0xc5; rx], vec![0x3a; 200]), XID);
    client.set_timeout(TIMEOUT);
    // Retransmission has tests of its own.
    client.set_retry(oncilla::Retry::NEVER);
    client
}

fn add<F: Framing>(client: &mut TestClient<F>, a: i32, b: i32) -> Result<i32, Error> {
    counter::Client::new(client).add(a, b)
}
