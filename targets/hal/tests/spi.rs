//! A controller and a peripheral in simulated time: restarts, noise, a line that is stuck, and messages that are too large.
#![cfg(feature = "spi")]

mod spi_bus;

use std::time::Duration;

use oncilla::{CallError, Client, Link, Received, Refusal, ReplayCache, Retry, Table, Transport};
use oncilla_hal::spi::{Controller, Peripheral, exchange_max};
use spi_bus::{Bus, CONTROLLER, Chip, Device, Faults, PERIPHERAL, Timer};

oncilla::program! {
    /// Counts.
    pub mod counter = 0x2000_0001, version 1 {
        /// Adds to the sum, and returns the double.
        fn count(amount: u32) -> u32 = 1;
        /// Returns the sum of all counts.
        fn sum() -> u32 = 2;
        /// Returns the bytes.
        fn echo(bytes: &[u8] [..64]) -> &[u8] [..64] = 3;
    }
}

#[derive(Default)]
struct Counter {
    sum: u32,
    bytes: Vec<u8>,
}

impl counter::Service for Counter {
    fn count(&mut self, amount: u32) -> u32 {
        self.sum += amount;
        2 * amount
    }

    fn sum(&mut self) -> u32 {
        self.sum
    }

    fn echo(&mut self, bytes: &[u8]) -> &[u8] {
        self.bytes = bytes.to_vec();
        &self.bytes
    }
}

static TABLE: Table<Counter> = oncilla::table![counter::program()];

type Near<'a> = Client<Controller<Device<'a>, Device<'a>, Timer<'a>>, Vec<u8>>;

fn controller(bus: &Bus) -> Controller<Device<'_>, Device<'_>, Timer<'_>> {
    Controller::new(Device(bus), Device(bus), bus.timer(CONTROLLER))
}

/// A client at the controller, whose messages have at most `size` bytes.
fn client(bus: &Bus, xid: u32, size: usize) -> Near<'_> {
    let mut client = Client::new(Link::new(controller(bus), vec![0; size], vec![0; 128]), xid);
    client.set_retry(Retry::every(Duration::from_millis(40)));
    client
}

fn peripheral(bus: &Bus) -> Peripheral<Chip<'_>, Timer<'_>> {
    Peripheral::new(Chip { bus, memory: exchange_max(128) }, bus.timer(PERIPHERAL))
}

/// Ends the simulation, also after a panic: the other node would wait for ever.
struct End<'a>(&'a Bus, usize);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.end();
        self.0.leave(self.1);
    }
}

/// Serves with a link over this transport until the simulation ends or the transport fails.
fn serve<T: Transport>(bus: &Bus, transport: T, size: usize) {
    let mut link = Link::new(transport, vec![0; size], vec![0; 128]);
    let mut cache = ReplayCache::<4, { counter::REPLY_MAX }>::new();
    let mut state = Counter::default();
    while !bus.has_ended() {
        let soon = link.transport().now().after(Duration::from_millis(20));
        if let Err(oncilla::LinkError::Transport(_)) = link.serve_next_once(&mut cache, &TABLE, &mut state, soon) {
            return;
        }
    }
}

/// Runs a controller beside a peripheral that serves, and that begins anew after each restart.
fn beside_server(faults: Faults, size: usize, near: impl FnOnce(&Bus) + Send) -> Bus {
    let bus = Bus::new(faults);
    std::thread::scope(|scope| {
        let far = &bus;
        scope.spawn(move || {
            let _end = End(far, PERIPHERAL);
            while !far.has_ended() {
                serve(far, peripheral(far), size);
                if !far.has_ended() {
                    far.boot();
                }
            }
        });
        let _end = End(&bus, CONTROLLER);
        near(&bus);
    });
    bus
}

/// Calls, and checks results and sum.
fn call(near: &mut Near<'_>, rounds: u32) {
    let mut counter = counter::Client::new(near);
    for round in 1..=rounds {
        assert_eq!(counter.count(round).unwrap(), 2 * round);
        assert_eq!(counter.echo(&[round as u8; 64]).unwrap(), [round as u8; 64]);
        assert_eq!(counter.sum().unwrap(), (1..=round).sum());
    }
}

#[test]
fn calls_are_made_without_one_exchange_too_many() {
    let bus = beside_server(Faults { latency: 1..60, ..Faults::default() }, 128, |bus| {
        call(&mut client(bus, 1, 128), 50);
    });
    assert_eq!(bus.counts(), (0, 0, 0), "each exchange is answered");
}

#[test]
fn a_peripheral_that_lowers_its_line_late_is_asked_again() {
    let bus = beside_server(Faults { latency: 50..700, ..Faults::default() }, 128, |bus| {
        call(&mut client(bus, 1, 128), 50);
    });
    assert!(bus.counts().1 > 10, "only {} exchanges came too early", bus.counts().1);
}

#[test]
fn noise_costs_calls_but_executes_none_twice() {
    let bus = beside_server(Faults { noise: 3_000, latency: 1..60, ..Faults::default() }, 128, |bus| {
        let mut near = client(bus, 1, 128);
        near.set_timeout(Duration::from_secs(20));
        call(&mut near, 30);
    });
    assert!(bus.counts().2 > 100, "only {} bytes were damaged", bus.counts().2);
}

#[test]
fn a_peripheral_that_restarts_is_called_again() {
    let restarts = Some((2_000..20_000, 1_000..50_000));
    let bus = beside_server(Faults { restarts, latency: 1..60, ..Faults::default() }, 128, |bus| {
        let mut near = client(bus, 1, 128);
        near.set_timeout(Duration::from_secs(20));
        for round in 1..=300 {
            assert_eq!(counter::Client::new(&mut near).count(round).unwrap(), 2 * round);
        }
    });
    assert!(bus.counts().0 > 10, "only {} restarts", bus.counts().0);
}

#[test]
fn a_line_that_is_stuck_costs_a_time_out() {
    for stuck in [false, true] {
        let bus = beside_server(Faults { latency: 1..60, ..Faults::default() }, 128, |bus| {
            let mut near = client(bus, 1, 128);
            near.set_timeout(Duration::from_millis(200));
            call(&mut near, 3);
            bus.set_stuck(Some(stuck));
            let called = counter::Client::new(&mut near).count(100);
            match called {
                // Where the line stays high, the controller goes by what the peripheral answers.
                Ok(double) => assert!(stuck && double == 200),
                Err(error) => {
                    assert!(!stuck && matches!(error, CallError::Link(_) | CallError::TimedOut { .. }), "{error:?}")
                }
            }
            bus.set_stuck(None);
            assert_eq!(counter::Client::new(&mut near).count(5).unwrap(), 10);
        });
        assert_eq!(bus.counts().0, 0);
    }
}

#[test]
fn a_peripheral_that_is_not_there_costs_a_time_out() {
    for stuck in [None, Some(false), Some(true)] {
        let bus = Bus::new(Faults { stuck, ..Faults::default() });
        bus.leave(PERIPHERAL);
        let mut near = client(&bus, 1, 128);
        near.set_timeout(Duration::from_millis(300));
        for _ in 0..3 {
            let called = counter::Client::new(&mut near).sum();
            assert!(matches!(called, Err(CallError::Link(_) | CallError::TimedOut { .. })), "{called:?}");
        }
        let (_, unanswered, _) = bus.counts();
        // A look or a call each millisecond, at most.
        assert!(if stuck == Some(true) { (100..=900).contains(&unanswered) } else { unanswered == 0 }, "{unanswered}");
    }
}

/// A peripheral that never answers, at once after each exchange.
#[test]
fn deadlines_end_exchanges_without_pauses() {
    let bus = Bus::new(Faults { stuck: Some(true), ..Faults::default() });
    bus.leave(PERIPHERAL);
    let mut near = controller(&bus);
    near.set_poll(Duration::ZERO);
    near.set_turn(Duration::ZERO);
    let soon = near.now().after(Duration::from_millis(5));
    assert_eq!(near.receive(&mut [0; 16], soon), Ok(Received::TimeUp));
    assert_eq!(near.send(&[1; 16], soon), Ok(0));
    assert!(bus.counts().1 > 10, "only {} exchanges", bus.counts().1);
}

#[test]
fn messages_that_are_too_large_are_reported() {
    beside_server(Faults { latency: 1..60, ..Faults::default() }, 60, |bus| {
        let mut near = client(bus, 1, 60);
        let refused = counter::Client::new(&mut near).echo(&[1; 64]).err();
        assert_eq!(refused, Some(CallError::Refused(Refusal::GarbageArguments)));
        assert_eq!(counter::Client::new(&mut near).count(1).unwrap(), 2);
    });
    beside_server(Faults { latency: 1..60, ..Faults::default() }, 128, |bus| {
        let mut near = client(bus, 1, 60);
        let lost = counter::Client::new(&mut near).echo(&[1; 64]).err();
        assert_eq!(lost, Some(CallError::ReplyTooLarge { size: 24 + 4 + 64 }));
        assert_eq!(counter::Client::new(&mut near).count(1).unwrap(), 2);
    });
}

/// The peripheral calls, and the controller serves.
#[test]
fn the_peripheral_calls_the_controller() {
    let bus = Bus::new(Faults { noise: 1_000, latency: 1..60, ..Faults::default() });
    std::thread::scope(|scope| {
        let near = &bus;
        scope.spawn(move || {
            let _end = End(near, CONTROLLER);
            serve(near, controller(near), 128);
        });
        let _end = End(&bus, PERIPHERAL);
        let mut far = Client::new(Link::new(peripheral(&bus), vec![0; 128], vec![0; 128]), 1);
        far.set_retry(Retry::every(Duration::from_millis(40)));
        far.set_timeout(Duration::from_secs(20));
        let mut counter = counter::Client::new(&mut far);
        for round in 1..=40 {
            assert_eq!(counter.count(round).unwrap(), 2 * round);
            assert_eq!(counter.sum().unwrap(), (1..=round).sum());
        }
    });
    assert!(bus.counts().2 > 10, "only {} bytes were damaged", bus.counts().2);
}
