//! Replies to a client, and what else may come to it.

use core::convert::Infallible;
use core::marker::PhantomData;

use oncilla::framing::{Cobs, Datagram, Framing, Record, RecordAhead};
use oncilla::message::Reply;
use oncilla::{CallError, Client, Link, Received, Time, Transport};

use crate::everything::{compact, everything};
use crate::frames::{Sized, seal};
use crate::types::Packet;

/// A carrier that brings bytes in pieces, and then closes.
struct Incoming<'d, F> {
    rest: &'d [u8],
    most: usize,
    framing: PhantomData<F>,
}

impl<F: Framing> Transport for Incoming<'_, F> {
    type Error = Infallible;
    type Framing = F;

    fn now(&mut self) -> Time {
        Time::ZERO
    }

    fn receive(&mut self, into: &mut [u8], _: Time) -> Result<Received, Infallible> {
        let (bytes, rest) = self.rest.split_at(into.len().min(self.most).min(self.rest.len()));
        into[..bytes.len()].copy_from_slice(bytes);
        self.rest = rest;
        Ok(if bytes.is_empty() { Received::End } else { Received::Bytes(bytes.len()) })
    }

    fn send(&mut self, frame: &[u8], _: Time) -> Result<usize, Infallible> {
        Ok(frame.len())
    }
}

/// The xid that the seeds have.
const XID: u32 = 7;

/// The first three bytes choose the framing, the procedure and the pieces. The rest is the reply, or
/// with a framing of 128 or more the stream itself.
pub fn reply(data: &[u8]) {
    let Some((&[framing, procedure, most], rest)) = data.split_first_chunk() else { return };
    match framing % 4 {
        0 => through::<Record>(framing, procedure, most, rest),
        1 => through::<RecordAhead>(framing, procedure, most, rest),
        2 => through::<Cobs>(framing, procedure, most, rest),
        _ => through::<Datagram>(framing, procedure, u8::MAX, rest),
    }
}

fn through<F: Sized>(framing: u8, procedure: u8, most: u8, rest: &[u8]) {
    let raw = framing >= 128;
    let stream = if raw { rest.to_vec() } else { seal::<F>(rest) };
    let most = if F::BUFFER_MIN == 1 { usize::MAX } else { usize::from(most).max(1) };
    let incoming = Incoming::<F> { rest: &stream, most, framing: PhantomData };
    let mut client = Client::new(Link::new(incoming, [0xc5; 512], [0x3a; 512]), XID);
    let result = call(&mut client, procedure);
    if !raw && F::buffer(rest.len()) <= 512 {
        // The message went through as it is, so that it says itself what the outcome must be.
        agrees(&result, rest);
    }
}

/// Checks what a call gave against the reply by itself.
fn agrees(result: &Result<(), CallError<Infallible>>, reply: &[u8]) {
    let ours = reply.get(..8) == Some(&[0, 0, 0, XID as u8, 0, 0, 0, 1]);
    let expected = match Reply::parse(reply) {
        _ if !ours => matches!(result, Err(CallError::Closed)),
        Err(error) => *result == Err(CallError::Reply(error)),
        Ok(Reply { outcome: Err(refusal), .. }) => *result == Err(CallError::Refused(refusal)),
        Ok(Reply { outcome: Ok(_), .. }) => matches!(result, Ok(()) | Err(CallError::Results(_))),
    };
    assert!(expected, "{result:?} of {reply:02x?}");
}

type TestClient<'d, F> = Client<Incoming<'d, F>, [u8; 512]>;

/// Calls a procedure with some arguments; the results must be readable, whatever they are.
fn call<F: Framing>(client: &mut TestClient<'_, F>, procedure: u8) -> Result<(), CallError<Infallible>> {
    macro_rules! one_of {
        ($($name:ident($($argument:expr),*)),* $(,)?) => {{
            let procedures = [$(stringify!($name)),*];
            match procedures[usize::from(procedure % 128) % procedures.len()] {
                $(stringify!($name) if procedure < 128 => {
                    everything::Client::new(client).$name($($argument),*).map(|value| {
                        let _ = format!("{value:?}");
                    })
                })*
                $(stringify!($name) => {
                    compact::Client::new(client).$name($($argument),*).map(|value| {
                        let _ = format!("{value:?}");
                    })
                })*
                _ => unreachable!("the name is one of them"),
            }
        }};
    }
    one_of! {
        null(), nothing(), flag(true), byte(1), small(1, 2, 3, 4), numbers(1, 2, 3, 4), floats(1.0, 2.0), fixed([1; 5]),
        long([1; 33].into()), opaque(&[1]), bytes([1; 9].into()), text("text"), string(heapless::String::new()),
        list(heapless::Vec::new()), lists(heapless::Vec::new()), maybe(None), result(Ok(1)),
        level(crate::types::Level::Zero), shape(crate::types::Shape::Nothing), outcome(crate::types::Outcome::Busy),
        chain(crate::types::Chain::End), octets(heapless::Vec::new()),
        sample(crate::types::Sample { small: 1, packed: [1; 3], signed: 1, half: 1 }), packet(Packet::Ping),
    }
}
