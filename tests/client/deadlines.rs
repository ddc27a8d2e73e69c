//! The total time-out: no received byte extends it.

use oncilla::framing::{Cobs, Datagram, Framing, Record, RecordAhead};
use oncilla::{CallError, Time};

use crate::script::{Event, Script, at, framed};
use crate::*;

const MICROS: u64 = TIMEOUT.as_micros() as u64;

fn timed_out<T>() -> Result<T, Error> {
    Err(CallError::TimedOut { after: TIMEOUT, unframed: 0 })
}

#[test]
fn a_call_without_a_reply_times_out() {
    let mut client = client(Script::<Record>::new([]));
    assert_eq!(add(&mut client, 1, 2), timed_out());
    assert_eq!(client.link().transport().now, MICROS);
    // The next call has a time-out of its own.
    assert_eq!(add(&mut client, 1, 2), timed_out());
    assert_eq!(client.link().transport().now, 2 * MICROS);
}

#[test]
fn a_reply_at_the_deadline_is_accepted_and_a_later_one_is_not() {
    let reply = |micros| Script::<Record>::new([at::<Record>(micros, &[sum(XID, 3)])]);
    assert_eq!(add(&mut client(reply(MICROS)), 1, 2), Ok(3));
    assert_eq!(add(&mut client(reply(MICROS + 1)), 1, 2), timed_out());
}

#[test]
fn the_default_time_out_is_five_seconds() {
    let link = Link::new(Script::<Record>::new([]), vec![0; 100], vec![0; 100]);
    let mut client = oncilla::Client::new(link, XID);
    assert_eq!(add(&mut client, 1, 2), Err(CallError::TimedOut { after: Duration::from_secs(5), unframed: 0 }));
    assert_eq!(client.link().transport().now, 5_000_000);
}

#[test]
fn replies_to_other_calls_do_not_extend_the_time_out() {
    fn check<F: Framing>() {
        let strangers = (1..100).map(|i| at::<F>(i * 50_000, &[sum(XID + 1, 9)]));
        let mut client = client(Script::<F>::new(strangers));
        assert_eq!(add(&mut client, 1, 2), timed_out());
        assert_eq!(client.link().transport().now, MICROS);
    }
    check::<Record>();
    check::<RecordAhead>();
    check::<Cobs>();
    check::<Datagram>();
}

/// Bytes that never stop: the call ends at most one receive after the deadline.
fn flood<F: Framing>(bytes: &[u8]) {
    let mut client = client(Script::<F>::new([Event::Flood(70, bytes.to_vec())]));
    assert!(matches!(add(&mut client, 1, 2), Err(CallError::TimedOut { after: TIMEOUT, .. })));
    let now = client.link().transport().now;
    assert!((MICROS..=MICROS + 70).contains(&now), "it took {now} microseconds");
}

#[test]
fn endless_replies_to_other_calls_do_not_extend_the_time_out() {
    flood::<Record>(&framed::<Record>(&sum(XID + 1, 9)));
    flood::<RecordAhead>(&framed::<RecordAhead>(&sum(XID + 1, 9)));
    flood::<Cobs>(&framed::<Cobs>(&sum(XID + 1, 9)));
    flood::<Datagram>(&sum(XID + 1, 9));
}

#[test]
fn endless_garbage_does_not_extend_the_time_out() {
    flood::<Cobs>(&[0x55]);
    flood::<Cobs>(&[0]);
    flood::<Cobs>(&[1, 0]);
    flood::<Cobs>(b"debug: nothing to report\r\n");
    flood::<Datagram>(&[0xff; 5]);
}

#[test]
fn endless_fragments_do_not_extend_the_time_out() {
    // Empty fragments, which never make a record.
    flood::<Record>(&[0; 4]);
    flood::<RecordAhead>(&[0; 4]);
    // A record without end.
    flood::<Record>(&[0, 0, 0, 1, 7]);
    flood::<RecordAhead>(&[0, 0, 0, 1, 7]);
    flood::<Record>(&[0x7f, 0xff, 0xff, 0xff]);
}

#[test]
fn a_time_out_of_zero_sends_and_receives_once() {
    let mut client = client(Script::<Record>::new([at::<Record>(0, &[sum(XID, 3)])]));
    client.set_timeout(Duration::ZERO);
    assert_eq!(add(&mut client, 1, 2), Ok(3));
    assert_eq!(add(&mut client, 1, 2), Err(CallError::TimedOut { after: Duration::ZERO, unframed: 0 }));
    assert_eq!(client.link().transport().sent.len(), 2);
}

#[test]
fn wait_for_ever_has_no_time_out() {
    let year = 365 * 24 * 3600 * 1_000_000;
    let mut client = client(Script::<Record>::new([at::<Record>(year, &[sum(XID, 3)]), Event::End(year)]));
    client.wait_for_ever();
    assert_eq!(add(&mut client, 1, 2), Ok(3));
    assert_eq!(add(&mut client, 1, 2), Err(CallError::Closed));
    assert_eq!(client.link().transport().now, year);
}

#[test]
fn the_longest_time_out_does_not_overflow() {
    let mut client = client(Script::<Record>::new([at::<Record>(1 << 60, &[sum(XID, 3)])]));
    client.set_timeout(Duration::MAX);
    assert_eq!(add(&mut client, 1, 2), Ok(3));
}

/// Microseconds are computed without a division.
#[test]
fn time_after_a_duration_is_exact_to_the_microsecond() {
    let numbers = (0..1_000_000_000u32).step_by(9_973).chain([0, 1, 999, 1_000, 1_001, 999_999_999]);
    for nanos in numbers.flat_map(|nanos| [nanos, nanos / 1_000 * 1_000]) {
        let after = Time::from_micros(7).after(Duration::new(3, nanos));
        assert_eq!(after.as_micros(), 3_000_007 + u64::from(nanos) / 1_000, "{nanos} ns");
    }
    assert_eq!(Time::from_micros(7).after(Duration::MAX), Time::NEVER);
}
