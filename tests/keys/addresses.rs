//! Datagrams whose source address changes between two transmissions of one call.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};

use oncilla::framing::Datagram;
use oncilla::{Received, SharedReplayCache};

use crate::*;

/// Each datagram seems to come from another port; the first reply is lost.
struct Moving<T> {
    inner: T,
    port: u16,
    lost: bool,
}

impl<T: Transport<Error = Infallible>> Transport for Moving<T> {
    type Error = Infallible;
    type Framing = T::Framing;

    fn now(&mut self) -> Time {
        self.inner.now()
    }

    fn peer(&self) -> Option<SocketAddr> {
        Some((Ipv4Addr::LOCALHOST, self.port).into())
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> Result<Received, Infallible> {
        self.port += 1;
        self.inner.receive(into, deadline)
    }

    fn send(&mut self, frame: &[u8], deadline: Time) -> Result<usize, Infallible> {
        let is_data = frame.first().is_some_and(|first| first & 0x80 != 0);
        if is_data && !self.lost {
            self.lost = true;
            return Ok(frame.len());
        }
        self.inner.send(frame, deadline)
    }
}

/// A forwarder sends a call from its own address, and the peer repeats the call from another one.
#[test]
fn a_call_that_is_repeated_from_another_address_is_executed_once() {
    let (near, far) = oncilla_host::pipe::<Datagram>();
    thread::scope(|scope| {
        let serving = scope.spawn(move || {
            let mut link = keyed(Moving { inner: far, port: 1000, lost: false }, accepts(SERVER));
            let mut cache = SharedReplayCache::<8, { TABLE.reply_max() }>::new([7; 16]);
            let mut ledger = Ledger::default();
            while link.serve_next_once(&mut cache, &TABLE, &mut ledger, Time::NEVER).unwrap() != Served::End {}
            ledger
        });
        let mut client = client(near, opens(&KEYS[0], CALLER));
        assert_eq!(add(&mut client, 1), Ok(1));
        drop(client);
        let ledger = serving.join().unwrap();
        assert_eq!((ledger.runs, ledger.sum), (1, 1));
    });
}
