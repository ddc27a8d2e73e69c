//! The total time-out, on a transport that always has something to receive.

use std::convert::Infallible;
use std::time::Duration;

use oncilla::framing::{Cobs, Framing, Record};
use oncilla::message::{REFUSAL_MAX, write_reply};
use oncilla::{CallError, Caller, Client, Link, ProcedureId, Received, Time, Transport};

/// Receives the same bytes again and again, each time a millisecond later.
struct Flood<F> {
    bytes: Vec<u8>,
    at: usize,
    now: u64,
    framing: std::marker::PhantomData<F>,
}

impl<F: Framing> Transport for Flood<F> {
    type Error = Infallible;
    type Framing = F;

    fn now(&mut self) -> Time {
        Time::from_micros(self.now)
    }

    fn receive(&mut self, into: &mut [u8], _: Time) -> Result<Received, Infallible> {
        self.now += 1000;
        assert!(self.now < 60_000_000, "the call has gone on for a minute");
        for (place, byte) in into.iter_mut().zip(self.bytes.iter().cycle().skip(self.at)) {
            *place = *byte;
        }
        self.at = (self.at + into.len()) % self.bytes.len();
        Ok(Received::Bytes(into.len()))
    }

    fn send(&mut self, frame: &[u8], _: Time) -> Result<usize, Infallible> {
        Ok(frame.len())
    }
}

fn time_out<F: Framing>(bytes: &[u8]) {
    let flood = Flood { bytes: bytes.to_vec(), at: 0, now: 0, framing: std::marker::PhantomData::<F> };
    let mut client = Client::new(Link::new(flood, [0; 256], [0; 256]), 1);
    client.set_timeout(Duration::from_secs(1));
    let id = ProcedureId { program: 1, version: 1, procedure: 1 };
    let result = client.call(id, |_| Ok(()), |_| Ok(()));
    assert!(matches!(result, Err(CallError::TimedOut { .. })), "{result:?}");
    let now = client.link().transport().now();
    assert!(now >= Time::from_micros(1_000_000) && now < Time::from_micros(1_100_000), "it ended at {now:?}");
}

/// A framed reply to no call.
fn stranger<F: Framing>() -> Vec<u8> {
    let mut buffer = [0; 64];
    let length = write_reply(7, Ok(()), F::room(&mut buffer)[..REFUSAL_MAX].as_mut()).unwrap();
    F::seal(&mut buffer, length).unwrap().to_vec()
}

#[test]
fn replies_to_other_calls_do_not_extend_the_time_out() {
    time_out::<Cobs>(&stranger::<Cobs>());
    time_out::<Record>(&stranger::<Record>());
}

#[test]
fn bytes_without_a_message_do_not_extend_the_time_out() {
    time_out::<Cobs>(&[0x55]);
    time_out::<Cobs>(&[0]);
    // Endless empty fragments, none of them the last of its record.
    time_out::<Record>(&[0]);
}
