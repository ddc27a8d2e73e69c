//! A wait that is ended from outside is a time-out to the link.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use oncilla::{CallError, ProcedureId, Retry};
use oncilla_device::connect::{self, Device, How, Interrupt};
use oncilla_device::settings::Settings;

const ID: ProcedureId = ProcedureId { program: 0x2000_0042, version: 1, procedure: 1 };

/// Longer than any test: a call ends by the interrupt, or the test does not end.
const LONG: Duration = Duration::from_secs(3600);

/// An interrupt that ends waits while the flag is set.
fn interrupt() -> (Interrupt, Arc<AtomicBool>) {
    let flag = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&flag);
    (Interrupt::new(move || asked.load(Ordering::SeqCst)), flag)
}

fn device(target: &str, interrupt: &Interrupt) -> Device {
    let how = How { interrupt: Some(interrupt.clone()), ..How::default() };
    let mut device = connect::connect(&Settings::of(target.parse().unwrap()), &how).unwrap();
    device.set_timeout(LONG);
    device
}

/// The reply to a call, whose results are the number.
fn reply(call: &[u8], number: u8) -> Vec<u8> {
    [&call[..4], &[0, 0, 0, 1], &[0; 16], &[0, 0, 0, number]].concat()
}

/// Makes a call that the interrupt ends, and then one that is answered.
fn call_twice(device: &mut Device, interrupt: &Interrupt, flag: &AtomicBool) {
    interrupt.begin();
    flag.store(true, Ordering::SeqCst);
    let ended = device.call_bytes(ID, &[]).map(<[u8]>::to_vec);
    assert!(matches!(ended, Err(CallError::TimedOut { .. })), "{ended:?}");
    assert!(interrupt.has_ended());
    interrupt.begin();
    flag.store(false, Ordering::SeqCst);
    assert_eq!(device.call_bytes(ID, &[]).unwrap(), [0, 0, 0, 2]);
    assert!(!interrupt.has_ended());
}

#[test]
fn on_datagrams_the_call_is_not_sent_again_and_its_late_reply_is_dropped() {
    let peer = UdpSocket::bind("127.0.0.1:0").unwrap();
    let (interrupt, flag) = interrupt();
    let mut device = device(&format!("udp://{}", peer.local_addr().unwrap()), &interrupt);
    device.set_retry(Retry::every(LONG));
    let serving = thread::spawn(move || {
        let mut calls = Vec::new();
        for _ in 0..2 {
            let mut call = [0; 128];
            let (size, from) = peer.recv_from(&mut call).unwrap();
            calls.push((call[..size].to_vec(), from));
        }
        let [(first, from), (second, _)] = &calls[..] else { panic!("two calls") };
        // Each is a call of its own: the first one was not repeated when its wait ended.
        assert_ne!(first[..4], second[..4]);
        peer.send_to(&reply(first, 1), from).unwrap();
        peer.send_to(&reply(second, 2), from).unwrap();
        peer.set_nonblocking(true).unwrap();
        assert_eq!(peer.recv(&mut [0; 128]).unwrap_err().kind(), ErrorKind::WouldBlock);
    });
    call_twice(&mut device, &interrupt, &flag);
    serving.join().unwrap();
}

#[test]
fn on_a_connection_the_next_call_works_and_the_late_reply_is_dropped() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (interrupt, flag) = interrupt();
    let target = format!("tcp://{}", listener.local_addr().unwrap());
    let serving = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut calls = [[0; 44]; 2];
        calls.iter_mut().for_each(|call| stream.read_exact(call).unwrap());
        for (call, number) in calls.iter().zip(1..) {
            let message = reply(&call[4..], number);
            stream.write_all(&[&[0x80, 0, 0, message.len() as u8][..], &message].concat()).unwrap();
        }
        // Until the client closes.
        assert_eq!(stream.read(&mut [0; 1]).unwrap(), 0);
    });
    let mut device = device(&target, &interrupt);
    call_twice(&mut device, &interrupt, &flag);
    drop(device);
    serving.join().unwrap();
}

#[test]
fn a_call_that_the_peer_does_not_take_ends_too() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (interrupt, flag) = interrupt();
    let mut device = device(&format!("tcp://{}", listener.local_addr().unwrap()), &interrupt);
    let (_unread, _) = listener.accept().unwrap();
    flag.store(true, Ordering::SeqCst);
    // More than the buffers of both sockets hold.
    let large = vec![0; 1_000_000];
    let error = (0..64).find_map(|_| {
        interrupt.begin();
        match device.call_bytes(ID, &large).map(<[u8]>::to_vec) {
            // The system took the call, and no reply comes.
            Err(CallError::TimedOut { .. }) => None,
            other => Some(other.unwrap_err()),
        }
    });
    assert!(matches!(error, Some(CallError::Link(oncilla::LinkError::Unsent { .. }))), "{error:?}");
}
