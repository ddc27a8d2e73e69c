//! Calls that are retransmitted, on carriers that can lose messages.

use oncilla::framing::{Cobs, Datagram, Framing, Record, RecordAhead};
use oncilla::{CallError, Retry};

use crate::script::{Script, Sends, at};
use crate::*;

const PAUSE: Duration = Duration::from_millis(100);

fn retrying<F: Framing>(script: Script<F>, retry: Retry) -> TestClient<F> {
    let mut client = client(script);
    client.set_retry(retry);
    client
}

/// Returns how often a call without a reply is sent, and checks that it is the same each time.
fn sent<F: Framing>(retry: Retry) -> usize {
    let mut client = retrying(Script::<F>::new([]), retry);
    assert_eq!(add(&mut client, 1, 2), Err(CallError::TimedOut { after: TIMEOUT, unframed: 0 }));
    let script = client.link().transport();
    assert_eq!(script.now, TIMEOUT.as_micros() as u64);
    assert!(script.sent.iter().all(|frame| *frame == script.sent[0]), "every one has the same xid and arguments");
    script.sent.len()
}

#[test]
fn a_call_is_retransmitted_after_every_pause() {
    assert_eq!(TIMEOUT, 10 * PAUSE);
    assert_eq!(sent::<Cobs>(Retry::every(PAUSE)), 10);
    assert_eq!(sent::<Datagram>(Retry::every(PAUSE)), 10);
}

#[test]
fn pauses_can_double() {
    // Sent after 0, 100, 300 and 700 milliseconds.
    assert_eq!(sent::<Cobs>(Retry::doubling(PAUSE)), 4);
    assert_eq!(sent::<Datagram>(Retry::doubling(PAUSE)), 4);
}

#[test]
fn a_carrier_that_loses_nothing_retransmits_nothing() {
    assert_eq!(sent::<Record>(Retry::every(PAUSE)), 1);
    assert_eq!(sent::<RecordAhead>(Retry::every(PAUSE)), 1);
}

#[test]
fn retry_never_retransmits_nothing() {
    assert_eq!(sent::<Cobs>(Retry::NEVER), 1);
    assert_eq!(sent::<Datagram>(Retry::NEVER), 1);
}

#[test]
fn a_pause_longer_than_the_time_out_does_not_extend_it() {
    assert_eq!(sent::<Cobs>(Retry::every(2 * TIMEOUT)), 1);
}

#[test]
fn a_pause_of_zero_does_not_hang() {
    // Sending takes no time on this transport, so that only a reply ends the call.
    let mut client = retrying(Script::<Cobs>::new([at::<Cobs>(0, &[sum(XID, 3)])]), Retry::every(Duration::ZERO));
    assert_eq!(add(&mut client, 1, 2), Ok(3));
}

#[test]
fn a_pause_of_zero_does_not_flood_the_carrier() {
    let most = TIMEOUT.as_micros() / Retry::PAUSE_MIN.as_micros();
    assert_eq!(sent::<Cobs>(Retry::every(Duration::ZERO)) as u128, most);
    assert_eq!(sent::<Datagram>(Retry::every(Duration::from_micros(1))) as u128, most);
    // Sent after 0, 1, 3, 7, … 511 milliseconds.
    assert_eq!(sent::<Cobs>(Retry::doubling(Duration::ZERO)), 10);
}

#[test]
fn a_reply_to_any_retransmission_ends_the_call() {
    let mut client = retrying(Script::<Cobs>::new([at::<Cobs>(250_000, &[sum(XID, 3)])]), Retry::every(PAUSE));
    assert_eq!(add(&mut client, 1, 2), Ok(3));
    assert_eq!(client.link().transport().sent.len(), 3);
}

#[test]
fn replies_to_other_calls_do_not_delay_a_retransmission() {
    let strangers = (1..30).map(|i| at::<Cobs>(i * 10_000, &[sum(XID + 1, 9)]));
    let reply = at::<Cobs>(305_000, &[sum(XID, 3)]);
    let mut client = retrying(Script::<Cobs>::new(strangers.chain([reply])), Retry::every(PAUSE));
    assert_eq!(add(&mut client, 1, 2), Ok(3));
    assert_eq!(client.link().transport().sent.len(), 4);
}

#[test]
fn replies_to_retransmissions_are_not_read_as_the_next_reply() {
    let replies = [at::<Cobs>(150_000, &[sum(XID, 3), sum(XID, 3)]), at::<Cobs>(160_000, &[sum(XID + 1, 7)])];
    let mut client = retrying(Script::<Cobs>::new(replies), Retry::every(PAUSE));
    assert_eq!(add(&mut client, 1, 2), Ok(3));
    assert_eq!(add(&mut client, 3, 4), Ok(7));
}

#[test]
fn a_transport_error_ends_the_retransmissions() {
    let mut client = retrying(Script::<Cobs>::new([]).sending([Sends::All, Sends::Fails]), Retry::every(PAUSE));
    assert!(matches!(add(&mut client, 1, 2), Err(CallError::Link(_))));
    assert_eq!(client.link().transport().sent.len(), 2);
}
