//! The transport for RPMsg, on sockets that keep messages whole: there is no second core here.
#![cfg(target_os = "linux")]

use std::os::fd::OwnedFd;
use std::thread;
use std::time::Duration;

use nix::sys::socket::{AddressFamily, SockFlag, SockType, socketpair};
use oncilla::{CallError, Client, Link, Received, Table, Time, Transport};
use oncilla_host::Rpmsg;

oncilla::program! {
    /// Echoes.
    pub mod echo = 0x2000_0001, version 1 {
        /// Returns the data.
        fn echo(data: &[u8] [..400]) -> &[u8] [..400] = 1;
    }
}

struct Echo;

impl echo::Service for Echo {
    fn echo<'a>(&'a mut self, data: &'a [u8]) -> &'a [u8] {
        data
    }
}

static TABLE: Table<Echo> = oncilla::table![echo::program()];

const SIZE: usize = Rpmsg::MESSAGE_MAX;

/// Both ends of a channel: this side, and the firmware's.
fn channel() -> (Rpmsg, Rpmsg) {
    let (near, far) = descriptors();
    (near.try_into().unwrap(), far.try_into().unwrap())
}

fn descriptors() -> (OwnedFd, OwnedFd) {
    socketpair(AddressFamily::Unix, SockType::SeqPacket, None, SockFlag::empty()).unwrap()
}

fn later(transport: &mut Rpmsg, milliseconds: u64) -> Time {
    transport.now().after(Duration::from_millis(milliseconds))
}

#[test]
fn calls_are_served() {
    let (near, far) = channel();
    let firmware = thread::spawn(move || Link::new(far, [0; SIZE], [0; SIZE]).serve(&TABLE, &mut Echo));
    let mut client = Client::new(Link::new(near, [0; SIZE], [0; SIZE]), 1);
    client.set_timeout(Duration::from_secs(60));
    for length in [0, 1, 3, 100, 400] {
        let data = vec![length as u8; length];
        assert_eq!(echo::Client::new(&mut client).echo(&data).unwrap(), data);
    }
    drop(client);
    // The end of the channel ends the server, not an error.
    firmware.join().unwrap().unwrap();
}

#[test]
fn messages_stay_whole_and_large_ones_are_reported() {
    let (mut near, mut far) = channel();
    for size in [5, 4, 600] {
        assert_eq!(near.send(&vec![size as u8; size], Time::NEVER).unwrap(), size);
    }
    let mut into = [0; 4];
    assert_eq!(far.receive(&mut into, Time::NEVER).unwrap(), Received::Oversize(5));
    assert_eq!(into, [5; 4]);
    assert_eq!(far.receive(&mut into, Time::NEVER).unwrap(), Received::Bytes(4));
    assert_eq!(far.receive(&mut into, Time::NEVER).unwrap(), Received::Oversize(600));
    assert_eq!(far.receive(&mut into, Time::ZERO).unwrap(), Received::TimeUp);
}

#[test]
fn deadlines_are_kept_both_ways() {
    let (mut near, _far) = channel();
    let deadline = later(&mut near, 20);
    assert_eq!(near.receive(&mut [0; 9], deadline).unwrap(), Received::TimeUp);
    assert!(near.now() >= deadline);
    // Nobody reads: at some time there is no buffer.
    let mut sent = 0;
    let deadline = loop {
        let deadline = later(&mut near, 20);
        if near.send(&[7; 400], deadline).unwrap() == 0 {
            break deadline;
        }
        sent += 1;
        assert!(sent < 100_000);
    };
    assert!(near.now() >= deadline);
}

#[test]
fn a_stopped_firmware_is_the_end_and_silence_a_time_out() {
    let (near, far) = channel();
    let mut client = Client::new(Link::new(near, [0; SIZE], [0; SIZE]), 1);
    client.set_timeout(Duration::from_millis(30));
    let silence = echo::Client::new(&mut client).null();
    assert!(matches!(silence, Err(CallError::TimedOut { .. })), "{silence:?}");
    drop(far);
    let ended = echo::Client::new(&mut client).null();
    assert!(ended.is_err() && !matches!(ended, Err(CallError::TimedOut { .. })), "{ended:?}");
}

#[test]
fn a_device_that_is_not_there_is_named() {
    let error = Rpmsg::open("/dev/rpmsg-of-nobody").unwrap_err().to_string();
    assert!(error.starts_with("cannot open /dev/rpmsg-of-nobody: "), "{error}");
    assert!(error.ends_with("does the firmware run, and has it announced its service? `ls /dev/rpmsg*`"), "{error}");
}
