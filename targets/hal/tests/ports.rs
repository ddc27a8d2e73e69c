//! The adapters: each makes the simulated UART a port that passes the test of streams, and deadlines are kept.

mod simulated;

use std::convert::Infallible;
use std::time::Duration;

use embedded_io::{ErrorType, Read, ReadReady, Write, WriteReady};
use oncilla::{Received, Time, Transport, framing::Cobs};
use oncilla_hal::{Bytes, Counter, Halves, Line, Overrun, PortError, ReadsReady, Ready, Receive, Ring, Sending};
use oncilla_hal::{TimesOut, Transmit};
use simulated::{Chip, Clockwork, Quirk, Uart, Wrong};

fn clock(uart: &Uart) -> Clockwork {
    Clockwork::new(uart, Wrong::Nothing)
}

/// Sends what no FIFO holds and reads it back, all by deadlines.
fn carries<P: Receive + Transmit>(uart: &Uart, port: P) {
    let mut line = Line::<Cobs, _, _>::new(port, clock(uart));
    for length in [1, 2, 15, 16] {
        let sent: Vec<u8> = (100..).take(length).collect();
        let deadline = line.now().after(Duration::from_millis(100));
        assert_eq!(line.send(&sent, deadline).map_err(drop), Ok(length));
        let mut received: Vec<u8> = Vec::new();
        while received.len() < length {
            let mut into = [0; 7];
            match line.receive(&mut into, deadline).map_err(drop) {
                Ok(Received::Bytes(count)) => received.extend(&into[..count]),
                other => panic!("{received:?}, then {other:?}"),
            }
        }
        assert_eq!(received, sent);
    }
    let start = line.now();
    let deadline = start.after(Duration::from_millis(5));
    assert_eq!(line.receive(&mut [0; 7], deadline).map_err(drop), Ok(Received::TimeUp));
    assert!(line.now() >= deadline && line.now() < deadline.after(Duration::from_millis(1)));
}

#[cfg(feature = "conformance")]
fn passes<P: Receive + Transmit>(uart: &Uart, port: P) {
    use oncilla_hal::{
        Blocking,
        conformance::{Baud, check},
    };

    let report = check(&mut Blocking::new(port), &mut clock(uart), Baud(115_200), |_| {});
    assert!(report.is_good(), "{report}");
}

#[cfg(not(feature = "conformance"))]
fn passes<P: Receive + Transmit>(_: &Uart, _: P) {}

/// Two UARTs, each of which is used once, by both tests.
fn both<P: Receive + Transmit>(quirk: Quirk, port: impl Fn(Uart) -> P) {
    let uart = Uart::new(Chip::FIFO, quirk);
    carries(&uart, port(uart.clone()));
    let uart = Uart::new(Chip::FIFO, quirk);
    passes(&uart, port(uart.clone()));
}

/// The UART with `WriteReady`, and as the traits of other crates have it.
#[derive(Clone)]
struct Other(Uart);

impl ErrorType for Other {
    type Error = simulated::Overrun;
}
impl Read for Other {
    fn read(&mut self, into: &mut [u8]) -> Result<usize, Self::Error> {
        self.0.read(into)
    }
}
impl ReadReady for Other {
    fn read_ready(&mut self) -> Result<bool, Self::Error> {
        self.0.read_ready()
    }
}
impl Write for Other {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        self.0.write(bytes)
    }
    fn flush(&mut self) -> Result<(), Self::Error> {
        self.0.flush()
    }
}
impl WriteReady for Other {
    fn write_ready(&mut self) -> Result<bool, Self::Error> {
        Ok(self.0.has_room())
    }
}

#[test]
fn embedded_io() {
    both(Quirk::None, |uart| Ready(Other(uart)));
    both(Quirk::None, ReadsReady);
}

/// What `Stream` takes for the end, or for a cut message.
#[test]
fn zero_from_what_is_merely_empty_or_full() {
    both(Quirk::ZeroWhileEmpty, ReadsReady);
    both(Quirk::AlwaysReady, ReadsReady);
    both(Quirk::WritesZero, ReadsReady);
}

#[test]
fn single_bytes() {
    both(Quirk::None, |uart| {
        let [mut taking, mut putting, mut asked] = [(); 3].map(|()| uart.clone());
        Bytes {
            take: move || taking.take().unwrap_or(None),
            put: move |byte| putting.put(byte),
            is_sent: move || asked.is_sent(),
        }
    });
}

/// The reader waits for a millisecond and reports the end of it by an error or by 0.
struct Patient {
    uart: Uart,
    by_error: bool,
}

impl ErrorType for Patient {
    type Error = embedded_io::ErrorKind;
}

impl Read for Patient {
    fn read(&mut self, into: &mut [u8]) -> Result<usize, Self::Error> {
        for _ in 0..1_000 {
            if self.uart.has_received() {
                return self.uart.read(into).map_err(|_| embedded_io::ErrorKind::Other);
            }
        }
        if self.by_error { Err(embedded_io::ErrorKind::TimedOut) } else { Ok(0) }
    }
}

#[test]
fn readers_with_time_outs() {
    for by_error in [true, false] {
        let uart = Uart::new(Chip::FIFO, Quirk::None);
        let reader = Patient { uart: uart.clone(), by_error };
        carries(&uart, Halves(TimesOut(reader), ReadsReady(uart.clone())));
    }
}

#[cfg(feature = "nb")]
mod nb_1 {
    use super::*;
    use embedded_hal_nb::{nb, serial};

    struct Nb1(Uart);

    impl serial::Error for simulated::Overrun {
        fn kind(&self) -> serial::ErrorKind {
            serial::ErrorKind::Overrun
        }
    }
    impl serial::ErrorType for Nb1 {
        type Error = simulated::Overrun;
    }
    impl serial::Read for Nb1 {
        fn read(&mut self) -> nb::Result<u8, Self::Error> {
            self.0.take().map_err(nb::Error::Other)?.ok_or(nb::Error::WouldBlock)
        }
    }
    impl serial::Write for Nb1 {
        fn write(&mut self, byte: u8) -> nb::Result<(), Self::Error> {
            if self.0.put(byte) { Ok(()) } else { Err(nb::Error::WouldBlock) }
        }
        fn flush(&mut self) -> nb::Result<(), Self::Error> {
            if self.0.is_sent() { Ok(()) } else { Err(nb::Error::WouldBlock) }
        }
    }

    #[test]
    fn embedded_hal_nb() {
        both(Quirk::None, |uart| oncilla_hal::Nb(Nb1(uart)));
    }
}

#[cfg(feature = "embedded-hal-02")]
mod nb_02 {
    use super::*;
    use embedded_hal_02::serial;

    struct Nb0(Uart);

    impl serial::Read<u8> for Nb0 {
        type Error = simulated::Overrun;
        fn read(&mut self) -> nb::Result<u8, Self::Error> {
            self.0.take().map_err(nb::Error::Other)?.ok_or(nb::Error::WouldBlock)
        }
    }
    impl serial::Write<u8> for Nb0 {
        type Error = Infallible;
        fn write(&mut self, byte: u8) -> nb::Result<(), Infallible> {
            if self.0.put(byte) { Ok(()) } else { Err(nb::Error::WouldBlock) }
        }
        fn flush(&mut self) -> nb::Result<(), Infallible> {
            if self.0.is_sent() { Ok(()) } else { Err(nb::Error::WouldBlock) }
        }
    }

    #[test]
    fn embedded_hal_02() {
        both(Quirk::None, |uart| oncilla_hal::Nb02(Nb0(uart)));
    }
}

#[cfg(feature = "embedded-io-06")]
mod io_06 {
    use super::*;
    use embedded_io_06 as io;
    use oncilla_hal::{Error06, Io06};

    #[derive(Debug)]
    struct Old;

    impl io::Error for Old {
        fn kind(&self) -> io::ErrorKind {
            io::ErrorKind::TimedOut
        }
    }

    struct Uart06(Uart);

    impl io::ErrorType for Uart06 {
        type Error = Old;
    }
    impl io::Read for Uart06 {
        fn read(&mut self, into: &mut [u8]) -> Result<usize, Old> {
            self.0.read(into).map_err(|_| Old)
        }
    }
    impl io::ReadReady for Uart06 {
        fn read_ready(&mut self) -> Result<bool, Old> {
            self.0.read_ready().map_err(|_| Old)
        }
    }
    impl io::Write for Uart06 {
        fn write(&mut self, bytes: &[u8]) -> Result<usize, Old> {
            self.0.write(bytes).map_err(|_| Old)
        }
        fn flush(&mut self) -> Result<(), Old> {
            self.0.flush().map_err(|_| Old)
        }
    }
    impl io::WriteReady for Uart06 {
        fn write_ready(&mut self) -> Result<bool, Old> {
            Ok(self.0.has_room())
        }
    }

    #[test]
    fn embedded_io_06() {
        both(Quirk::None, |uart| Ready(Io06(Uart06(uart))));
        both(Quirk::None, |uart| ReadsReady(Io06(Uart06(uart))));
        let error = Error06(Old);
        assert_eq!(embedded_io::Error::kind(&error), embedded_io::ErrorKind::TimedOut);
        assert_eq!(error.to_string(), "the port failed: Old; see the documentation of the HAL");
    }
}

/// A peer that takes nothing: USB while the host does not read, or flow control.
struct Full;

impl Transmit for Full {
    type Error = Infallible;
    fn put(&mut self, _: &[u8]) -> Result<usize, Infallible> {
        Ok(0)
    }
    fn is_sent(&mut self) -> Result<bool, Infallible> {
        Ok(false)
    }
}

/// It accepts some bytes, and they never leave.
struct Stuck(usize);

impl Transmit for Stuck {
    type Error = Infallible;
    fn put(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        let accepted = self.0.min(bytes.len());
        self.0 -= accepted;
        Ok(accepted)
    }
    fn is_sent(&mut self) -> Result<bool, Infallible> {
        Ok(false)
    }
}

#[test]
fn sending_ends_at_its_deadline() {
    let uart = Uart::new(Chip::FIFO, Quirk::None);
    let time = |sent: Result<usize, _>| sent.map_err(|_: PortError<simulated::Overrun, Infallible>| ()).unwrap();
    let later = Time::from_micros(uart.now() + 3_000);
    let mut line = Line::<Cobs, _, _>::new(Halves(ReadsReady(uart.clone()), Full), clock(&uart));
    assert_eq!(time(line.send(b"hello", later)), 0);
    assert!((3_000..3_100).contains(&uart.now()), "{}", uart.now());
    // Before the deadline of zero, it tries once.
    assert_eq!(time(line.send(b"hello", Time::ZERO)), 0);

    let mut line = Line::<Cobs, _, _>::new(Halves(ReadsReady(uart.clone()), Stuck(3)), clock(&uart));
    assert_eq!(time(line.send(b"hello", Time::from_micros(uart.now() + 3_000))), 3);
    // All is accepted: it is sent, though the deadline came before the last bit.
    let mut line = Line::<Cobs, _, _>::new(Halves(ReadsReady(uart.clone()), Stuck(5)), clock(&uart));
    assert_eq!(time(line.send(b"hello", Time::from_micros(uart.now() + 3_000))), 5);
    assert!(uart.now() < 10_000);
}

#[test]
fn rings_carry_both_directions() {
    static RECEIVED: Ring<8> = Ring::new();
    static TO_SEND: Ring<8> = Ring::new();

    let port = Sending {
        ring: &TO_SEND,
        start: || while TO_SEND.pop().is_some_and(|b| RECEIVED.push(b)) {},
        is_busy: || false,
    };
    let mut port = Halves(&RECEIVED, port);
    let mut into = [0; 16];
    for round in 0..1_000_u32 {
        let sent = round.to_be_bytes();
        assert_eq!(port.put(&sent), Ok(4));
        assert_eq!(port.is_sent(), Ok(true));
        assert_eq!(port.take(&mut into), Ok(4));
        assert_eq!(into[..4], sent);
    }
    // Nine bytes in a ring of eight: eight are there, and then the loss is told, once.
    assert!((0..8).all(|byte| RECEIVED.push(byte)));
    assert!(RECEIVED.is_full() && !RECEIVED.push(8));
    assert_eq!(port.take(&mut into), Ok(8));
    assert_eq!(into[..8], [0, 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(port.take(&mut into), Err(Overrun { size: 8 }));
    assert_eq!(port.take(&mut into), Ok(0));
}

#[test]
fn a_ring_carries_between_threads() {
    const COUNT: u32 = 100_000;
    static RING: Ring<16> = Ring::new();

    let writer = std::thread::spawn(|| {
        for value in 0..COUNT {
            while RING.is_full() {
                std::thread::yield_now();
            }
            assert!(RING.push(value as u8));
        }
    });
    for value in 0..COUNT {
        let byte = loop {
            match RING.pop() {
                Some(byte) => break byte,
                None => std::thread::yield_now(),
            }
        };
        assert_eq!(byte, value as u8);
    }
    writer.join().unwrap();
    assert!(RING.is_empty());
}

#[test]
fn counters_are_extended() {
    use oncilla::Clock;

    let counts = [0, 1, 48_000_000, u32::MAX, 47_999_999];
    let mut next = counts.into_iter();
    let mut clock = Counter::new(48_000_000, || next.next().unwrap());
    let times = counts.map(|_| clock.now().as_micros());
    // 2^32 and 48 000 000 counts in the end, of which none is lost by rounding.
    assert_eq!(times, [0, 0, 1_000_000, 89_478_485, 90_478_485]);
}
