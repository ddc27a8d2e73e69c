//! Instruments that behave as no instrument should.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use oncilla_vxi11::{Client, Error, ErrorCode};

/// Starts an instrument whose link has the number 1, and which sends `results` in reply to every other call.
fn odd(results: &'static [u32]) -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        while let Some(call) = record(&mut stream) {
            let results = if call[20..24] == [0, 0, 0, 10] { &[0, 1, 1025, 1024] } else { results };
            let mark = 0x8000_0018 + results.len() as u32 * 4;
            let xid = u32::from_be_bytes(call[..4].try_into().unwrap());
            let words = [mark, xid, 1, 0, 0, 0, 0].into_iter().chain(results.iter().copied());
            let reply: Vec<u8> = words.flat_map(u32::to_be_bytes).collect();
            if stream.write_all(&reply).is_err() {
                return;
            }
        }
    });
    Client::options().core_port(port).timeout(Duration::from_millis(100)).open("127.0.0.1", "inst0").unwrap()
}

fn record(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut mark = [0; 4];
    stream.read_exact(&mut mark).ok()?;
    let mut call = vec![0; (u32::from_be_bytes(mark) & 0x7FFF_FFFF) as usize];
    stream.read_exact(&mut call).ok()?;
    Some(call)
}

#[test]
fn a_response_of_nothing_without_end_is_a_time_out() {
    match odd(&[0, 0, 0]).read() {
        Err(Error::Read { code: ErrorCode::TIMED_OUT, received }) => assert_eq!(received, b""),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_response_by_drops_has_one_time_out() {
    match odd(&[0, 0, 4, 0x6162_6364]).read() {
        Err(Error::Read { code: ErrorCode::TIMED_OUT, received }) => assert!(received.starts_with(b"abcdabcd")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_message_that_is_taken_by_drops_has_one_time_out() {
    let message = vec![0; 10_000_000];
    assert_eq!(odd(&[0, 1]).write(message).unwrap_err().code(), Some(ErrorCode::TIMED_OUT));
}

#[test]
fn a_write_that_takes_nothing_or_more_than_there_is() {
    assert_eq!(odd(&[0, 0]).write("text").unwrap_err().code(), Some(ErrorCode::IO));
    odd(&[0, 5]).write("text").unwrap();
}

#[test]
fn an_error_that_the_specification_does_not_know() {
    let error = odd(&[77, 0]).write("text").unwrap_err();
    assert_eq!(error.to_string(), "device_write: VXI-11 error 77: unknown to the specification");
}

#[test]
fn results_that_cannot_be_decoded() {
    let error = odd(&[0]).write("text").unwrap_err();
    assert!(error.to_string().starts_with("device_write failed: "), "{error}");
    let error = odd(&[0, 4, 1, 0x6100_0001]).read().unwrap_err().to_string();
    assert!(
        error.starts_with("device_read failed: the reply breaks RFC 4506 §3: a padding byte is not zero"),
        "{error}"
    );
    assert!(error.ends_with("; an instrument that sends such padding cannot be used"), "{error}");
    let error = odd(&[0, 4, 0x7FFF_FFFF]).read().unwrap_err();
    assert!(error.to_string().starts_with("device_read failed: "), "{error}");
}
