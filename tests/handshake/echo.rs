//! Lines that echo what is sent: an RS-485 receiver that stays on, a terminal's echo, a jumper.

use oncilla::framing::{Cobs, Framing};
use oncilla::{Endpoint, Received, Transport};

use crate::faults::Carried;
use crate::frames::Sized;
use crate::*;

/// A transport that receives everything it sends, before other bytes.
struct Echoing<F> {
    end: End<F>,
    echo: Vec<u8>,
    sent: usize,
}

impl<F: Carried> Echoing<F> {
    fn new(end: End<F>) -> Self {
        Self { end, echo: Vec::new(), sent: 0 }
    }
}

impl<F: Carried> Transport for Echoing<F> {
    type Error = &'static str;
    type Framing = F;

    fn now(&mut self) -> Time {
        self.end.now()
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> Result<Received, Self::Error> {
        if self.echo.is_empty() {
            return self.end.receive(into, deadline);
        }
        let length = self.echo.len().min(into.len());
        into.iter_mut().zip(self.echo.drain(..length)).for_each(|(place, byte)| *place = byte);
        Ok(Received::Bytes(length))
    }

    fn send(&mut self, frame: &[u8], deadline: Time) -> Result<usize, Self::Error> {
        self.sent += 1;
        assert!(self.sent < 1_000, "it answers its own echo for ever");
        self.echo.extend(frame);
        self.end.send(frame, deadline)
    }
}

type Peer<F> = Endpoint<Ledger, Echoing<F>, Vec<u8>, Cache>;

fn endpoint<F: Carried>(link: Link<Echoing<F>, Vec<u8>>) -> Peer<F> {
    let mut endpoint = Endpoint::new(link, &TABLE, Ledger::default(), XID).with_replay(Cache::new());
    endpoint.set_timeout(Duration::from_secs(1));
    endpoint.set_retry(Retry::every(PAUSE));
    endpoint
}

fn of<F: Carried + Sized>(end: End<F>) -> Link<Echoing<F>, Vec<u8>> {
    Link::new(Echoing::new(end), vec![0; F::buffer(LARGEST)], vec![0; F::buffer(LARGEST)])
}

/// Calls on a line without a peer. Returns the errors of the calls.
fn alone<F: Carried + Framing>(link: impl Fn(End<F>) -> Link<Echoing<F>, Vec<u8>> + Sync) -> Vec<String> {
    let [a, b] = Line::QUICK.ends::<F>();
    let calls = |end| {
        let mut peer = endpoint(link(end));
        let mut told = Vec::new();
        for _ in 0..2 {
            told.push(ledger::Client::new(&mut peer).add(1).unwrap_err().to_string());
            let now = peer.link().transport().now();
            while peer.serve_next(now.after(Duration::from_millis(5))) != Ok(Served::TimeUp) {}
        }
        ledger::Client::new(&mut peer).note(1).unwrap();
        let now = peer.link().transport().now();
        while peer.serve_next(now.after(Duration::from_millis(5))) != Ok(Served::TimeUp) {}
        assert_eq!(peer.state().runs, 0, "it has executed its own call");
        told
    };
    // Receives everything and sends nothing.
    let silent = |mut end: End<F>| while end.receive(&mut [0; 512], Time::NEVER) != Ok(Received::End) {};
    both(a, b, calls, silent).0
}

#[test]
fn an_echoed_call_is_not_executed_and_the_error_names_the_echo() {
    let told = [
        alone::<Serial>(|end| Link::with_boot_number(Echoing::new(end), buffer(), buffer(), CALLER)),
        alone::<Serial>(of),
        alone::<Cobs>(of),
    ];
    for told in told.iter().flatten() {
        assert!(told.contains("echoes"), "{told}");
    }
}

#[test]
fn calls_to_a_peer_succeed_on_an_echoing_line() {
    let [a, b] = Line::QUICK.ends::<Serial>();
    let calls = |end: End<Serial>, boot: u32| {
        let mut peer = endpoint(Link::with_boot_number(Echoing::new(end), buffer(), buffer(), boot));
        for sum in 1..=20 {
            assert_eq!(ledger::Client::new(&mut peer).add(1), Ok(sum));
        }
        while peer.serve_next(Time::NEVER).unwrap() != Served::End {}
        peer.state().runs
    };
    assert_eq!(both(a, b, |end| calls(end, CALLER), |end| calls(end, SERVER)), (20, 20));
}

#[test]
fn calls_over_cobs_succeed_on_an_echoing_line() {
    let [a, b] = Line::QUICK.ends::<Cobs>();
    let calls = |end: End<Cobs>, xid: u32| {
        let mut peer = Endpoint::new(of(end), &TABLE, Ledger::default(), xid).with_replay(Cache::new());
        peer.set_retry(Retry::every(PAUSE));
        for sum in 1..=20 {
            assert_eq!(ledger::Client::new(&mut peer).add(1), Ok(sum));
        }
        while peer.serve_next(Time::NEVER).unwrap() != Served::End {}
        peer.state().runs
    };
    assert_eq!(both(a, b, |end| calls(end, XID), |end| calls(end, 77)), (20, 20));
}
