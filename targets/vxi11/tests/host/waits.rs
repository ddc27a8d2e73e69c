//! Calls that wait: time-outs, aborts, locks, service requests.

use std::thread;
use std::time::Duration;

use oncilla_vxi11::{Error, ErrorCode};

use crate::meter::{PATIENCE, client, options, serve, until};

#[test]
fn a_read_ends_at_its_time_out_and_with_a_response() {
    let serving = serve();
    serving.with(|meter| meter.held = true);
    let mut client = client(&serving);
    client.write("held").unwrap();
    client.set_timeout(Duration::from_millis(50));
    match client.read() {
        Err(Error::Read { code: ErrorCode::TIMED_OUT, received }) => assert_eq!(received, b""),
        other => panic!("{other:?}"),
    }
    assert_eq!(serving.with(|meter| meter.given_up), 1);
    client.set_timeout(PATIENCE);
    thread::scope(|scope| {
        let reading = scope.spawn(|| client.read().unwrap());
        serving.with(|meter| meter.held = false);
        assert_eq!(reading.join().unwrap(), b"held");
    });
}

#[test]
fn a_read_that_waits_is_aborted_and_disturbs_nobody() {
    let serving = serve();
    serving.with(|meter| meter.held = true);
    let mut waiting: Vec<_> = (0..24).map(|_| client(&serving)).collect();
    let mut aborters: Vec<_> = waiting.iter().map(|client| client.aborter().unwrap()).collect();
    thread::scope(|scope| {
        let reads: Vec<_> = waiting
            .iter_mut()
            .map(|client| {
                scope.spawn(|| {
                    client.write("held").unwrap();
                    client.read().unwrap_err().code()
                })
            })
            .collect();
        // Another client is served while all of them wait.
        let mut other = client(&serving);
        for _ in 0..10 {
            assert_eq!(other.status_byte().unwrap(), 0);
        }
        // An abort ends only a call that is in progress, and it is not known when that begins.
        while reads.iter().any(|read| !read.is_finished()) {
            for aborter in &mut aborters {
                aborter.abort().unwrap();
            }
        }
        for read in reads {
            assert_eq!(read.join().unwrap(), Some(ErrorCode::ABORTED));
        }
    });
    serving.with(|meter| meter.held = false);
    for client in &mut waiting {
        assert_eq!(client.query("usable").unwrap(), "usable");
    }
}

#[test]
fn a_lock_is_waited_for() {
    let serving = serve();
    let mut owner = client(&serving);
    let mut other = client(&serving);
    owner.lock().unwrap();
    assert_eq!(owner.lock().unwrap_err().code(), Some(ErrorCode::LOCKED));
    assert_eq!(other.write("no").unwrap_err().code(), Some(ErrorCode::LOCKED));
    let mut patient = options(&serving).lock_timeout(PATIENCE).open("127.0.0.1", "inst0").unwrap();
    thread::scope(|scope| {
        let writing = scope.spawn(|| patient.query("later").unwrap());
        assert_eq!(owner.query("mine").unwrap(), "mine");
        owner.unlock().unwrap();
        assert_eq!(writing.join().unwrap(), "later");
    });
}

#[test]
fn a_lock_ends_with_its_client() {
    let serving = serve();
    let mut owner = client(&serving);
    owner.lock().unwrap();
    let mut patient = options(&serving).lock_timeout(PATIENCE).open("127.0.0.1", "inst0").unwrap();
    drop(owner);
    patient.lock().unwrap();
}

#[test]
fn the_instrument_requests_service() {
    let serving = serve();
    let mut client = client(&serving);
    let requests = client.service_requests().unwrap();
    assert!(!requests.wait(Duration::from_millis(50)));
    for _ in 0..3 {
        serving.with(|meter| meter.service = true);
        assert!(requests.wait(PATIENCE));
        assert_eq!(client.status_byte().unwrap(), 0x40);
    }
    assert_eq!(client.service_requests().unwrap_err().code(), Some(ErrorCode::CHANNEL_EXISTS));
    client.end_service_requests(requests).unwrap();
    serving.with(|meter| meter.service = true);
    let again = client.service_requests().unwrap();
    // It began to request service when nobody wanted to know.
    assert!(again.wait(PATIENCE));
    assert_eq!(client.status_byte().unwrap(), 0x40);
    serving.with(|meter| meter.service = true);
    assert!(again.wait(PATIENCE));
}

#[test]
fn the_end_by_a_panic_is_an_error() {
    let serving = serve();
    serving.with(|meter| meter.panics = true);
    assert!(client(&serving).read().is_err());
    assert!(matches!(serving.wait(), Err(oncilla_host::Error::Panicked)));
}

#[test]
fn a_client_that_no_longer_listens_for_requests_can_listen_again() {
    let serving = serve();
    let mut client = client(&serving);
    drop(client.service_requests().unwrap());
    // As soon as the instrument has noticed that its connection has ended.
    let mut made = None;
    let start = std::time::Instant::now();
    while made.is_none() {
        assert!(start.elapsed() < PATIENCE);
        made = client.service_requests().ok();
    }
    serving.with(|meter| meter.service = true);
    assert!(made.unwrap().wait(PATIENCE));
    until(|| serving.open_links() == 1);
}
