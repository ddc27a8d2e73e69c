//! Clients on serial ports: a pair of pseudo-terminals is the line.

#[path = "support/sockets.rs"]
mod sockets;

use std::io::{Read, Write};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use oncilla::framing::{Cobs, Framing};
use oncilla::{Beside, CallError, Client, Link, ReplayCache, Served, Time, Transport};
use oncilla_host::{Connector, Error, Serial, SerialClient};
use serialport::{SerialPort, TTYPort};
use sockets::*;

/// The buffer size of a small device.
const BUFFER: usize = Cobs::buffer(1024);

oncilla::program! {
    /// The procedures that both ends of a line serve.
    pub mod device = 0x2000_0098, version 1 {
        /// Returns the number of calls so far, including this one.
        fn count() -> u32 = 1;
    }
}

struct Device(u32);

impl device::Service for Device {
    fn count(&mut self) -> u32 {
        self.0 += 1;
        self.0
    }
}

static SMALL: oncilla::Table<Device> = oncilla::table![device::program()];

type SmallClient = Client<Serial, [u8; BUFFER]>;

/// Returns a client, and the other end of its line.
fn line() -> (SmallClient, TTYPort) {
    let (far, near) = TTYPort::pair().unwrap();
    let mut client = Client::new(Link::new(Serial::from(near), [0; BUFFER], [0; BUFFER]), 1);
    client.set_timeout(PATIENCE);
    (client, far)
}

/// Serves on the other end while `test` calls.
fn served(test: impl FnOnce(&mut SmallClient)) {
    let (mut client, far) = line();
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut link = Link::new(Serial::<Cobs>::from(far), vec![0; 2048], vec![0; Cobs::buffer(probe::REPLY_MAX)]);
            // The line is hung up when the client is dropped.
            link.serve(&TABLE, &mut Service::default()).unwrap();
        });
        test(&mut client);
        drop(client);
    });
}

/// Reads the frame of a call and returns its message.
fn read_frame(port: &mut TTYPort) -> Vec<u8> {
    port.set_timeout(PATIENCE).unwrap();
    let mut buffer = [0; BUFFER];
    let mut framing = Cobs::default();
    loop {
        if let oncilla::framing::Progress::Message { start, length } = framing.next(&mut buffer) {
            return buffer[start..start + length].to_vec();
        }
        let length = port.read(framing.window(&mut buffer)).unwrap();
        framing.filled(length);
    }
}

fn frame(message: &[u8]) -> Vec<u8> {
    let mut buffer = vec![0; Cobs::buffer(message.len())];
    Cobs::room(&mut buffer)[..message.len()].copy_from_slice(message);
    Cobs::seal(&mut buffer, message.len()).unwrap().to_vec()
}

#[test]
fn calls_return_their_results() {
    served(|client| {
        let mut probe = probe::Client::new(client);
        probe.null().unwrap();
        assert_eq!(probe.add(2, 3).unwrap(), 5);
        for length in [0, 1, 255, 900] {
            // Bytes with a meaning for terminals: the line is in raw mode.
            let data: Vec<u8> = (0..length).map(|i| i as u8).collect();
            assert_eq!(probe.echo(&data).unwrap(), data);
        }
    });
}

#[test]
fn a_call_to_a_silent_device_ends_at_its_time_out() {
    let (mut client, _far) = line();
    for timeout in [Duration::ZERO, MOMENT] {
        client.set_timeout(timeout);
        let unanswered = probe::Client::new(&mut client).count();
        assert!(matches!(unanswered, Err(CallError::TimedOut { after, .. }) if after == timeout), "{unanswered:?}");
    }
}

#[test]
fn garbage_and_a_late_reply_are_not_read_as_the_next_reply() {
    let (mut client, mut far) = line();
    client.set_timeout(MOMENT);
    assert!(matches!(probe::Client::new(&mut client).count(), Err(CallError::TimedOut { .. })));
    let first = read_frame(&mut far);
    let mut damaged = frame(&reply(xid(&first) + 1, &[0, 0, 0, 8]));
    damaged[10] ^= 0x10;
    far.write_all(b"boot: ready\r\n").unwrap();
    far.write_all(&frame(&reply(xid(&first), &[0, 0, 0, 1]))).unwrap();
    far.write_all(&damaged).unwrap();
    far.write_all(&frame(&reply(xid(&first) + 1, &[0, 0, 0, 2]))).unwrap();
    client.set_timeout(PATIENCE);
    assert_eq!(probe::Client::new(&mut client).count().unwrap(), 2);
}

#[test]
fn a_line_that_takes_no_bytes_is_an_error_in_time() {
    let (far, near) = TTYPort::pair().unwrap();
    let mut port = Serial::<Cobs>::from(near);
    // The other end does not read.
    let sent = oncilla::Transport::send(&mut port, &[1; 1 << 20], Time::ZERO).unwrap();
    assert!(sent < 1 << 20, "{sent}");
    drop(far);
}

#[test]
fn a_line_that_is_hung_up_closes_the_link() {
    let (mut client, far) = line();
    drop(far);
    let cut = probe::Client::new(&mut client).count();
    assert!(matches!(cut, Err(CallError::Closed | CallError::Link(_))), "{cut:?}");
}

/// A link as a device has: with a boot number, a small buffer and no hook.
fn device(port: &mut Serial, boot: u32) -> Link<&mut Serial, Vec<u8>> {
    Link::with_boot_number(port, vec![0; 256], vec![0; Cobs::buffer(probe::REPLY_MAX)], boot)
}

/// A client with a boot number.
fn introduced(near: TTYPort) -> SerialClient {
    let mut client = Client::new(Connector::new().buffer(BUFFER).link(Serial::from(near)), 1);
    client.set_timeout(PATIENCE);
    client
}

/// Serves until the line is hung up or `enough` returns `true`.
fn serve(link: &mut Link<&mut Serial, Vec<u8>>, service: &mut Service, mut enough: impl FnMut(&Service) -> bool) {
    while !enough(service) && link.serve_next(&TABLE, service, Time::NEVER).unwrap() != Served::End {}
}

#[test]
fn two_peers_exchange_hellos() {
    let (far, near) = TTYPort::pair().unwrap();
    thread::scope(|scope| {
        let serving = scope.spawn(|| {
            let mut port = Serial::from(far);
            let mut link = device(&mut port, 77);
            serve(&mut link, &mut Service::default(), |_| false);
            link.peer()
        });
        let mut client = introduced(near);
        for i in 0..10 {
            assert_eq!(probe::Client::new(&mut client).add(i, 1).unwrap(), i + 1);
        }
        let peer = client.link().peer().unwrap();
        assert_eq!((peer.boot, peer.largest), (77, 256 - 8));
        let mut probe = probe::Client::new(&mut client);
        let too_large = probe.echo(&[1; 300]);
        assert!(matches!(too_large, Err(CallError::CallTooLarge { limit: 248, .. })), "{too_large:?}");
        drop(client);
        assert!(serving.join().unwrap().is_some());
    });
}

#[test]
fn a_device_without_a_boot_number_is_called_in_the_full_form() {
    let (far, near) = TTYPort::pair().unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut link = Link::new(Serial::<Cobs>::from(far), vec![0; 256], vec![0; Cobs::buffer(probe::REPLY_MAX)]);
            link.serve(&TABLE, &mut Service::default()).unwrap();
        });
        let mut client = introduced(near);
        for count in 1..=10 {
            assert_eq!(probe::Client::new(&mut client).count().unwrap(), count);
        }
        assert_eq!(client.link().peer(), None);
    });
}

#[test]
fn a_restart_of_a_device_is_reported_and_calls_continue() {
    let (far, near) = TTYPort::pair().unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            // It serves three calls, and restarts with a fourth unanswered.
            let mut port = Serial::from(far);
            serve(&mut device(&mut port, 1), &mut Service::default(), |service| service.calls == 3);
            let _ = port.receive(&mut [0; 256], Time::NEVER).unwrap();
            serve(&mut device(&mut port, 2), &mut Service::default(), |_| false);
        });
        let mut client = introduced(near);
        for count in 1..=3 {
            assert_eq!(probe::Client::new(&mut client).count().unwrap(), count);
        }
        let lost = probe::Client::new(&mut client).count();
        assert!(matches!(lost, Err(CallError::Restarted)), "{lost:?}");
        assert_eq!(probe::Client::new(&mut client).count().unwrap(), 1);
    });
}

#[test]
fn a_devices_log_is_shown_between_calls() {
    let (far, near) = TTYPort::pair().unwrap();
    let (shown, logs) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut port = Serial::from(far);
            let mut link = device(&mut port, 1);
            link.print("boot\r\n", Time::NEVER).unwrap();
            link.log(&[0, 1, 0xff], Time::NEVER).unwrap();
            let mut service = Service::default();
            serve(&mut link, &mut service, |service| service.calls == 1);
            link.print("served one\r\n", Time::NEVER).unwrap();
            serve(&mut link, &mut service, |_| false);
        });
        let port = Serial::from(near).with_log(move |what| {
            let _ = shown.send(match what {
                Beside::Text(text) => String::from_utf8_lossy(text).into_owned(),
                other => format!("{other:?}"),
            });
        });
        let mut client = Client::new(Connector::new().buffer(BUFFER).link(port), 1);
        assert_eq!(probe::Client::new(&mut client).count().unwrap(), 1);
        assert_eq!(probe::Client::new(&mut client).count().unwrap(), 2);
        drop(client);
    });
    assert_eq!(logs.iter().collect::<Vec<_>>(), ["boot\r\n", "Log([0, 1, 255])", "served one\r\n"]);
}

#[test]
fn endpoints_call_each_other() {
    let ends: [TTYPort; 2] = TTYPort::pair().unwrap().into();
    let barrier = std::sync::Barrier::new(2);
    thread::scope(|scope| {
        for port in ends {
            scope.spawn(|| {
                let endpoint = Connector::new().buffer(BUFFER).endpoint(Serial::from(port), &SMALL, Device(0));
                let mut endpoint = endpoint.with_replay(ReplayCache::<4, 64>::new());
                endpoint.set_timeout(PATIENCE);
                for count in 1..=20 {
                    assert_eq!(device::Client::new(&mut endpoint).count().unwrap(), count);
                }
                // Until the peer is done, too.
                let until = endpoint.link().transport().now().after(PATIENCE);
                while endpoint.state().0 < 20 {
                    assert_ne!(endpoint.serve_next(until).unwrap(), Served::TimeUp);
                }
                barrier.wait();
            });
        }
    });
}

#[test]
fn the_error_of_a_missing_port_names_it_and_gives_advice() {
    let Err(error) = oncilla_host::serial("/dev/no-such-port", 115_200) else { panic!("it is there") };
    assert!(matches!(error, Error::Open { .. }));
    let text = error.to_string();
    assert!(text.contains("/dev/no-such-port") && text.contains("that the adapter is plugged in"), "{text}");
    assert!(!text.contains("server"), "{text}");
}

#[test]
fn the_error_of_a_port_without_permission_does_not_say_unplugged() {
    let Err(error) = oncilla_host::serial("/dev", 115_200) else { panic!("it is a directory") };
    let text = error.to_string();
    assert!(text.contains("that this user may open it") && !text.contains("plugged"), "{text}");
}

#[test]
fn the_error_of_a_file_that_is_not_a_port_says_so() {
    for path in [concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"), "/dev/null"] {
        let Err(error) = oncilla_host::serial(path, 115_200) else { panic!("it is not a port") };
        let text = error.to_string();
        assert!(text.contains("it is not a serial port") && !text.contains("this user"), "{text}");
    }
}
