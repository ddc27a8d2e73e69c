//! A serial port over USB, with a simulated controller and host: the classes are those that firmware uses.
#![cfg(feature = "usb")]

mod controller;

use std::time::{Duration, Instant};

use controller::{Controller, Host};
use oncilla::framing::Cobs;
use oncilla::{Client, Clock, Link, Received, Served, Table, Time, Transport};
use oncilla_hal::{Cdc, Line, Receive};
use usb_device::bus::UsbBusAllocator;
use usb_device::prelude::{UsbDeviceBuilder, UsbDeviceState, UsbVidPid};
use usbd_serial::SerialPort;

oncilla::program! {
    /// Echoes.
    pub mod echo = 0x2000_0001, version 1 {
        /// Returns the data.
        fn echo(data: &[u8] [..300]) -> &[u8] [..300] = 1;
    }
}

struct Echo;

impl echo::Service for Echo {
    fn echo<'a>(&'a mut self, data: &'a [u8]) -> &'a [u8] {
        data
    }
}

static TABLE: Table<Echo> = oncilla::table![echo::program()];

const BUFFER: usize = Cobs::buffer(echo::CALL_MAX);

#[derive(Clone, Copy)]
struct System(Instant);

impl Clock for System {
    fn now(&mut self) -> Time {
        Time::ZERO.after(self.0.elapsed())
    }

    fn idle(&mut self, _: Time) {
        std::thread::yield_now();
    }
}

/// The host's end: packets of 64 bytes.
struct Cable {
    host: Host,
    clock: System,
    unread: Vec<u8>,
}

impl Transport for Cable {
    type Error = std::convert::Infallible;
    type Framing = Cobs;

    fn now(&mut self) -> Time {
        self.clock.now()
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> Result<Received, Self::Error> {
        loop {
            self.unread.extend(self.host.read());
            if !self.unread.is_empty() {
                let count = self.unread.len().min(into.len());
                into[..count].copy_from_slice(&self.unread[..count]);
                self.unread.drain(..count);
                return Ok(Received::Bytes(count));
            }
            if self.now() >= deadline {
                return Ok(Received::TimeUp);
            }
            std::thread::yield_now();
        }
    }

    fn send(&mut self, frame: &[u8], deadline: Time) -> Result<usize, Self::Error> {
        for (index, packet) in frame.chunks(64).enumerate() {
            while !self.host.write(packet) {
                if self.now() >= deadline {
                    return Ok(index * 64);
                }
                std::thread::yield_now();
            }
        }
        Ok(frame.len())
    }
}

/// Makes the port of a device, which the host has configured.
macro_rules! configured {
    ($cdc:ident, $host:ident) => {
        let (controller, mut $host) = Controller::new();
        let bus = UsbBusAllocator::new(controller);
        let serial = SerialPort::new(&bus);
        let device =
            UsbDeviceBuilder::new(&bus, UsbVidPid(0x16c0, 0x27dd)).device_class(usbd_serial::USB_CLASS_CDC).build();
        let mut $cdc = Cdc::new(device, serial);
        $host.configure(|| $cdc.poll());
        assert_eq!($cdc.device().state(), UsbDeviceState::Configured);
    };
}

#[test]
fn calls_are_served_over_usb() {
    configured!(cdc, host);
    let clock = System(Instant::now());
    let line = Line::<Cobs, _, _>::new(cdc, clock);
    let mut link = Link::with_buffers(line, [0; BUFFER], [0; BUFFER]);
    let caller = std::thread::spawn(move || {
        let cable = Cable { host, clock, unread: Vec::new() };
        let mut client = Client::new(Link::new(cable, vec![0; BUFFER], vec![0; BUFFER]), 1);
        client.set_timeout(Duration::from_secs(60));
        let mut calls = echo::Client::new(&mut client);
        // Around whole packets, also of 64 bytes, and more than the 128 bytes of the port's buffers.
        for length in (0..40).chain([63, 64, 65, 127, 128, 129, 200, 300]) {
            let data: Vec<u8> = (0..length).map(|index| index as u8).collect();
            assert_eq!(calls.echo(&data).unwrap(), data);
        }
    });
    while !caller.is_finished() {
        let soon = clock.clone().now().after(Duration::from_millis(5));
        assert_ne!(link.serve_next(&TABLE, &mut Echo, soon).unwrap(), Served::End);
    }
    caller.join().unwrap();
}

/// usbd-serial's own `write` would wait for ever.
#[test]
fn a_host_that_does_not_read_does_not_stop_the_device() {
    configured!(cdc, host);
    let mut clock = System(Instant::now());
    let mut line = Line::<Cobs, _, _>::new(cdc, clock);
    let deadline = clock.now().after(Duration::from_millis(20));
    let frame = [7; 500];
    let sent = line.send(&frame, deadline).unwrap();
    // A packet in the chip, and what the port's buffer holds.
    assert!((64..=256).contains(&sent), "{sent}");
    assert!(clock.now() >= deadline);

    // When the host reads again, it gets all that was accepted, in order, and sending works.
    let mut got = Vec::new();
    for _ in 0..50 {
        got.extend(host.read());
        line.port().poll();
        assert_eq!(line.port().take(&mut [0]), Ok(0));
        let _ = line.port().serial().flush();
    }
    assert_eq!(got, frame[..sent]);
    assert_eq!(line.send(b"again", Time::ZERO).unwrap(), 5);
    assert_eq!(host.read(), b"again");
}

#[test]
fn a_device_without_a_host_keeps_deadlines() {
    let (controller, _host) = Controller::new();
    let bus = UsbBusAllocator::new(controller);
    let serial = SerialPort::new(&bus);
    let device = UsbDeviceBuilder::new(&bus, UsbVidPid(0x16c0, 0x27dd)).build();
    let mut clock = System(Instant::now());
    let mut line = Line::<Cobs, _, _>::new(Cdc::new(device, serial), clock);
    let deadline = clock.now().after(Duration::from_millis(5));
    assert_eq!(line.receive(&mut [0; 9], deadline).unwrap(), Received::TimeUp);
    assert!(line.send(&[7; 500], deadline).unwrap() < 500);
}
