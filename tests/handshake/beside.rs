//! Text and binary logs on a line that also carries calls.

use oncilla::framing::TEXT_MAX;
use oncilla::{LinkError, Transport};

use crate::faults::{Faults, Faulty};
use crate::tap::Shown;
use crate::*;

/// Serves and logs between calls. Returns the number of executed calls and the log.
fn serve_and_log<T: Transport<Framing = Serial>>(transport: T) -> (u32, Vec<Shown>)
where
    T::Error: core::fmt::Debug,
{
    let (mut link, mut state, mut logged) = (introduced(transport, SERVER), Ledger::default(), Vec::new());
    let mut cache = Cache::new();
    for number in 0u32.. {
        let line = format!("message {number}: {} \u{b0}C\r\n", number * 10);
        link.print(&line, Time::NEVER).unwrap();
        logged.push(Shown::Text(line.into_bytes()));
        let log = number.to_be_bytes();
        link.log(&log, Time::NEVER).unwrap();
        logged.push(Shown::Log(log.to_vec()));
        if link.serve_next_once(&mut cache, &TABLE, &mut state, Time::NEVER).unwrap() == Served::End {
            break;
        }
    }
    (state.runs, logged)
}

/// Calls twenty times. Returns what was received beside the replies.
fn call_and_listen<T: Transport<Framing = Serial>>(transport: T) -> Vec<Shown>
where
    T::Error: core::fmt::Debug + PartialEq,
{
    let mut client = client(introduced(Tap::new(transport), CALLER), XID);
    for sum in 1..=20 {
        assert_eq!(add(&mut client, 1), Ok(sum));
    }
    // Receives what is still on the line.
    let now = client.link().transport().now();
    client.set_timeout(Duration::from_millis(100));
    let _ = ledger::Client::new(&mut client).echo(&[]);
    assert!(client.link().transport().now() >= now);
    client.link().transport().shown.clone()
}

#[test]
fn text_and_logs_arrive_in_order() {
    for line in [Line::QUICK, Line::SERIAL] {
        let [a, b] = line.ends();
        let (shown, (runs, logged)) = both(a, b, call_and_listen::<End<Serial>>, serve_and_log::<End<Serial>>);
        assert_eq!(runs, 21);
        assert!(shown.len() >= 40, "{shown:?}");
        // The last piece may have been logged after the last reply.
        assert_eq!(shown, logged[..shown.len()]);
    }
}

#[test]
fn calls_succeed_beside_text_and_logs_on_a_bad_line() {
    for seed in 0..10 {
        let [a, b] = Line { seed, ..Line::QUICK }.ends();
        let bad = |end, seed| Faulty::new(end, seed).sending(Faults::BAD);
        let listener = |end| call_and_listen(bad(end, 2 * seed));
        let (shown, (runs, logged)) = both(a, b, listener, |end| serve_and_log(bad(end, 2 * seed + 1)));
        assert!(runs >= 20, "seed {seed}");
        // Binary logs have a check value, so each received one was sent.
        let logs = shown.iter().filter(|shown| matches!(shown, Shown::Log(_)));
        let mut count = 0;
        for log in logs {
            assert!(logged.contains(log), "seed {seed}: {log:?}");
            count += 1;
        }
        assert!(count >= 10, "seed {seed}: {count} logs");
        let whole = shown.iter().filter(|shown| matches!(shown, Shown::Text(_)) && logged.contains(shown)).count();
        assert!(whole >= 5, "seed {seed}: {whole} lines");
    }
}

/// Returns what the peer receives when `log` logs.
fn shown(log: impl FnOnce(&mut Link<End<Serial>, Vec<u8>>)) -> Vec<Shown> {
    let [a, b] = Line::QUICK.ends();
    let mut from = introduced(a.by_hand(), SERVER);
    let mut to = introduced(Tap::new(b.by_hand()), CALLER);
    log(&mut from);
    let deadline = to.transport().now().after(Duration::from_millis(10));
    assert_eq!(to.serve_next(&TABLE, &mut Ledger::default(), deadline), Ok(Served::TimeUp));
    to.transport().shown.clone()
}

#[test]
fn long_text_arrives_in_pieces() {
    for length in [0, 1, TEXT_MAX, TEXT_MAX + 1, 2 * TEXT_MAX, 1000] {
        let text = "abcdefg".repeat(200)[..length].to_owned();
        let pieces = shown(|link| link.print(&text, Time::NEVER).unwrap());
        let expected: Vec<_> = text.as_bytes().chunks(TEXT_MAX).map(|piece| Shown::Text(piece.to_vec())).collect();
        assert_eq!(pieces, expected, "{length}");
    }
}

#[test]
fn zeros_end_a_piece_and_are_left_out() {
    let pieces = shown(|link| link.print("\0one\0\0two\0", Time::NEVER).unwrap());
    assert_eq!(pieces, [Shown::Text(b"one".into()), Shown::Text(b"two".into())]);
}

#[test]
fn logs_of_every_size_arrive_whole() {
    for length in 0..LARGEST {
        let log = vec![length as u8; length];
        assert_eq!(shown(|link| link.log(&log, Time::NEVER).unwrap()), [Shown::Log(log.clone())], "{length}");
    }
    for length in [LARGEST, LARGEST + 1, 1000] {
        let nothing = shown(|link| {
            let error = link.log(&vec![1; length], Time::NEVER);
            let too_small = LinkError::BufferTooSmall { needed: length + 1, available: LARGEST };
            assert_eq!(error, Err(too_small));
        });
        assert_eq!(nothing, []);
    }
}

#[test]
fn bytes_that_are_no_message_are_reported() {
    let [a, b] = Line::QUICK.ends();
    let (mut from, mut to) = (a.by_hand(), introduced(Tap::new(b.by_hand()), CALLER));
    from.send(b"boot loader 1.2\r\n\0", Time::NEVER).unwrap();
    let deadline = to.transport().now().after(Duration::from_millis(10));
    assert_eq!(to.serve_next(&TABLE, &mut Ledger::default(), deadline), Ok(Served::TimeUp));
    assert_eq!(to.transport().shown, [Shown::Dropped(17)]);
    assert_eq!(to.framing().dropped(), 1);
}

#[test]
fn text_that_is_not_sent_whole_is_an_error_and_later_text_is_sent() {
    /// Accepts this number of bytes and no more.
    struct Full(usize);

    impl Transport for Full {
        type Error = &'static str;
        type Framing = Serial;

        fn now(&mut self) -> Time {
            Time::ZERO
        }

        fn receive(&mut self, _: &mut [u8], _: Time) -> Result<oncilla::Received, Self::Error> {
            Ok(oncilla::Received::TimeUp)
        }

        fn send(&mut self, frame: &[u8], _: Time) -> Result<usize, Self::Error> {
            let taken = frame.len().min(self.0);
            self.0 -= taken;
            Ok(taken)
        }
    }

    for room in 0..7 {
        let mut link = Link::new(Full(room), buffer(), buffer());
        let error = link.print("abcd", Time::ZERO);
        assert!(matches!(error, Err(LinkError::Unsent { .. })), "{room}: {error:?}");
        // Later text and logs are sent.
        link.transport().0 = 100;
        assert_eq!(link.print("abcd", Time::ZERO), Ok(()));
        assert_eq!(link.log(b"abcd", Time::ZERO), Ok(()));
    }
}
