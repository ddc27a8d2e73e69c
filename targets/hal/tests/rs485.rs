//! Devices on one bus in simulated time: a thread for each, collisions, and who receives what.
#![cfg(feature = "rs485")]

mod half_duplex;

use std::time::Duration;

use half_duplex::{Medium, Noise};
use oncilla::framing::{Cobs, Framing, Serial};
use oncilla::{CallError, Client, Link, Received, ReplayCache, Retry, Table, Time, Transport};
use oncilla_hal::rs485::{Address, Bus, Device, HalfDuplex};

oncilla::program! {
    /// Counts.
    pub mod counter = 0x2000_0001, version 1 {
        /// Returns the address, and counts.
        fn count(amount: u32) -> u32 = 1;
        /// Returns the sum of all counts.
        fn sum() -> u32 = 2;
    }
}

struct Counter {
    address: u32,
    sum: u32,
}

impl counter::Service for Counter {
    fn count(&mut self, amount: u32) -> u32 {
        self.sum += amount;
        self.address
    }

    fn sum(&mut self) -> u32 {
        self.sum
    }
}

static TABLE: Table<Counter> = oncilla::table![counter::program()];

const CALL: usize = Cobs::buffer(counter::CALL_MAX);
const REPLY: usize = Cobs::buffer(counter::REPLY_MAX);

/// A link with a boot number, where the framing has one.
trait Linked: Framing {
    fn link<T: Transport<Framing = Self>>(transport: T, rx: usize, tx: usize, boot: u32) -> Link<T, Vec<u8>>;
}

impl Linked for Cobs {
    fn link<T: Transport<Framing = Self>>(transport: T, rx: usize, tx: usize, _: u32) -> Link<T, Vec<u8>> {
        Link::new(transport, vec![0; rx], vec![0; tx])
    }
}

impl Linked for Serial {
    fn link<T: Transport<Framing = Self>>(transport: T, rx: usize, tx: usize, boot: u32) -> Link<T, Vec<u8>> {
        Link::with_boot_number(transport, vec![0; rx], vec![0; tx], boot)
    }
}

fn address(number: u8) -> Address {
    Address::new(number).unwrap()
}

/// Serves until the medium ends.
fn serve<F: Linked>(medium: &Medium, place: usize, number: u8) {
    let (port, pin, clock) = medium.node(place);
    let device = Device::<F, _, _>::new(HalfDuplex::new(port, pin), clock, address(number));
    let mut link = F::link(device, CALL, REPLY, number.into());
    let mut state = Counter { address: number.into(), sum: 0 };
    let mut cache = ReplayCache::<4, { counter::REPLY_MAX }>::new();
    while !medium.has_ended() {
        let soon = link.transport().now().after(Duration::from_millis(20));
        let _ = link.serve_next_once(&mut cache, &TABLE, &mut state, soon);
    }
    medium.leave(place);
}

/// Runs a master at place 0 beside three devices, with the addresses 1, 2 and 127.
fn with_devices<F: Linked>(noise: Noise, master: impl FnOnce(&Medium) + Send) -> Medium {
    let medium = Medium::new(4, noise);
    std::thread::scope(|scope| {
        for (place, number) in [(1, 1), (2, 2), (3, 127)] {
            let medium = &medium;
            scope.spawn(move || serve::<F>(medium, place, number));
        }
        // Also after a panic, or the devices would wait for ever.
        struct End<'a>(&'a Medium);
        impl Drop for End<'_> {
            fn drop(&mut self) {
                self.0.end();
                self.0.leave(0);
            }
        }
        let _end = End(&medium);
        master(&medium);
    });
    medium
}

fn each_device_is_called<F: Linked>() {
    let medium = with_devices::<F>(Noise::None, |medium| {
        let (port, pin, clock) = medium.node(0);
        let bus = Bus::new(HalfDuplex::new(port, pin), clock);
        let mut clients = [1, 2, 127].map(|number| {
            let device = bus.device::<F>(address(number));
            let link = F::link(device, REPLY, CALL, 1_000 + u32::from(number));
            (u32::from(number), Client::new(link, 7))
        });
        for round in 1..=10 {
            for (number, client) in &mut clients {
                let mut counter = counter::Client::new(client);
                // The same xid and arguments go to all of them: only the address differs.
                assert_eq!(counter.count(round).unwrap(), *number);
                assert_eq!(counter.sum().unwrap(), (1..=round).sum());
            }
        }
        let device = bus.device::<F>(address(3));
        let mut absent = Client::new(Link::new(device, vec![0; REPLY], vec![0; CALL]), 7);
        absent.set_timeout(Duration::from_millis(300));
        let silence = counter::Client::new(&mut absent).sum();
        assert!(matches!(silence, Err(CallError::TimedOut { .. })), "{silence:?}");
        assert_eq!(counter::Client::new(&mut clients[0].1).sum().unwrap(), 55);
    });
    let seen = medium.collisions();
    assert_eq!(seen, 0, "nobody talks at the same time");
}

#[test]
fn each_device_is_called_over_cobs() {
    each_device_is_called::<Cobs>();
}

#[test]
fn each_device_is_called_over_serial() {
    each_device_is_called::<Serial>();
}

#[test]
fn calls_survive_collisions_and_are_executed_once() {
    let medium = with_devices::<Cobs>(Noise::Often, |medium| {
        let (port, pin, clock) = medium.node(0);
        let bus = Bus::new(HalfDuplex::new(port, pin), clock);
        let mut expected = [0, 0];
        let mut clients = [1, 2].map(|number| {
            let device = bus.device::<Cobs>(address(number));
            let mut client = Client::new(Link::new(device, vec![0; REPLY], vec![0; CALL]), 100);
            client.set_retry(Retry::every(Duration::from_millis(60)));
            client.set_timeout(Duration::from_secs(10));
            client
        });
        for round in 0..60_u32 {
            let at = round as usize % 2;
            let mut counter = counter::Client::new(&mut clients[at]);
            assert_eq!(counter.count(round).unwrap(), at as u32 + 1);
            expected[at] += round;
        }
        for (client, expected) in clients.iter_mut().zip(expected) {
            assert_eq!(counter::Client::new(client).sum().unwrap(), expected);
        }
    });
    assert!(medium.collisions() > 10, "only {} bytes collided", medium.collisions());
}

/// What the bus gives to a link of this address, from any bytes.
fn received(number: u8, bytes: &[u8], pieces: usize) -> Vec<u8> {
    let (port, clock) = half_duplex::recorded(bytes.to_vec());
    let mut device = Device::<Cobs, _, _>::new(port, clock, address(number));
    let mut found = Vec::new();
    let mut into = vec![0; pieces];
    while let Received::Bytes(count) = device.receive(&mut into, Time::ZERO).unwrap() {
        assert!((1..=pieces).contains(&count));
        found.extend(&into[..count]);
    }
    found
}

/// A frame as the bus carries it: the bytes are fixed, since others implement them.
#[test]
fn the_header_is_five_bytes() {
    let medium = Medium::new(1, Noise::None);
    let (port, pin, clock) = medium.node(0);
    let bus = Bus::new(HalfDuplex::new(port, pin), clock);
    let mut member = bus.device::<Cobs>(address(5));
    Transport::send(&mut member, b"\0ab\0", Time::NEVER).unwrap();
    let sent = medium.sent();
    assert_eq!(sent[..3], [0, 0x85, 0x80]);
    assert!(sent[3..6].iter().all(|byte| byte & 0x80 != 0));
    assert_eq!(sent[6..], *b"\0\0ab\0");
    let crc = oncilla::framing::crc32(&[5, 0]);
    let groups = [0, 7, 14].map(|shift| (crc >> shift) as u8 | 0x80);
    assert_eq!(sent[3..6], groups);
    for pieces in [1, 2, 3, 50] {
        assert_eq!(received(5, &sent, pieces), b"\0ab\0");
        assert_eq!(received(6, &sent, pieces), b"");
    }
    // The header is for one frame only, and a damaged one for none.
    assert_eq!(received(5, &[&sent[..], b"cd\0"].concat(), 9), b"\0ab\0");
    for place in 1..6 {
        let mut damaged = sent.clone();
        damaged[place] ^= 0x10;
        assert_eq!(received(5, &damaged, 9), b"", "byte {place}");
    }
}

proptest::proptest! {
    /// Any bytes, and valid headers among them: nothing panics, and only what follows a header for the address arrives.
    #[test]
    fn any_bytes_are_sorted(
        parts in proptest::collection::vec((0..4_u8, proptest::collection::vec(0..=255_u8, 0..12)), 0..20),
        pieces in 1..10_usize,
    ) {
        let mut bytes = Vec::new();
        let mut expected = Vec::new();
        for (kind, part) in &parts {
            let header = |to: u8| {
                let crc = oncilla::framing::crc32(&[to, 0]);
                let [a, b, c] = [0, 7, 14].map(|shift| (crc >> shift) as u8 | 0x80);
                [0, to | 0x80, 0x80, a, b, c, 0]
            };
            let clean: Vec<u8> = part.iter().copied().filter(|byte| *byte != 0).collect();
            match kind {
                // A frame for this address, and one for another.
                0 | 1 => {
                    bytes.extend(header(9 + kind));
                    bytes.extend(&clean);
                    bytes.push(0);
                    if *kind == 0 && !clean.is_empty() {
                        expected.extend([&[0], &clean[..], &[0]].concat());
                    } else if clean.is_empty() {
                        // The header is for the next piece: end it by one that is nothing.
                        bytes.extend([1, 0]);
                        if *kind == 0 { expected.extend([0, 1, 0]) }
                    }
                }
                // Noise without an end, which damages what follows.
                2 => {
                    bytes.extend(part.iter().filter(|byte| **byte != 0));
                    bytes.push(0);
                }
                _ => bytes.extend([0, 0, 0]),
            }
        }
        let random_header = parts.iter().any(|(kind, part)| *kind == 2 && part.len() == 5);
        if !random_header {
            proptest::prop_assert_eq!(received(9, &bytes, pieces), expected);
        } else {
            received(9, &bytes, pieces);
        }
    }
}
