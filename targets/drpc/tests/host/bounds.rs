//! What a server outlives: bad messages, large ones, clients that stop or do not read, and too many of them.

use crate::*;
use oncilla_drpc::ChunkHeader;

#[test]
fn bad_messages_are_answered_and_the_next_call_works() {
    let serving = Serving::start(|server| server);
    let mut raw = serving.raw();
    for bad in [&b"\x22\x05cut"[..], &[0xff; 100], &vec![0; PACKET_MAX + 1], &vec![0x22; 2 * PACKET_MAX]] {
        raw.send(bad);
        raw.expect(-1, 5, &[]);
        raw.call(Call { module: 7, method: 1, sequence: 1 << 40, body: b"next" });
        raw.expect(1 << 40, 0, b"next");
    }
}

#[test]
fn a_message_over_a_lower_limit_is_refused() {
    let serving = Serving::start(|server| server.message_max(1000));
    let mut raw = serving.raw();
    raw.call(Call { module: 2, method: 202, sequence: 1, body: &[0; 980] });
    raw.expect(1, 6, &[]);
    raw.call(Call { module: 2, method: 202, sequence: 2, body: &[0; 1000] });
    raw.expect(-1, 5, &[]);
    // The largest results of this procedure are over the limit, so it does not run.
    raw.call(Call { module: 7, method: 1, sequence: 3, body: &[] });
    raw.expect(3, 2, &[]);
}

/// A packet with a chunk header.
fn packet(total: u64, index: u32, count: u32, part: &[u8]) -> Vec<u8> {
    let header = ChunkHeader { total, size: part.len() as u64, index, count };
    [&header.to_bytes()[..], part].concat()
}

#[test]
fn packets_out_of_order_are_answered_and_the_connection_closed() {
    let serving = Serving::start(|server| server.packets(Packets::Chunked));
    for bad in [
        &[packet(9, 1, 2, b"x")][..],
        &[packet(9, 0, 2, b"x"), packet(9, 0, 2, b"x")],
        &[packet(9, 0, 2, b"x"), packet(9, 1, 2, b"x")],
        &[b"no header".to_vec()],
        &[vec![0; PACKET_MAX + 1]],
    ] {
        let mut raw = serving.raw();
        bad.iter().for_each(|packet| raw.send(packet));
        let packet = raw.receive();
        let (header, part) = ChunkHeader::parse(&packet).unwrap();
        assert_eq!((header.index, header.count), (0, 1));
        let response = Response::parse(part).unwrap();
        assert_eq!((response.sequence, response.status.0), (-1, 5));
        assert_eq!(raw.receive(), [], "the connection is open");
    }
    let mut client = serving.client().packets(Packets::Chunked, PACKET_MAX);
    assert_eq!(client.call_method(7, 2, b"next").unwrap().status.0, 2, "its results are over the limit");
    assert_eq!(client.call_method(2, 202, &[]).unwrap().status.0, 0);
}

#[test]
fn a_message_over_the_limit_is_refused_after_its_last_packet() {
    let serving = Serving::start(|server| server.packets(Packets::Chunked));
    let mut raw = serving.raw();
    let body = vec![7; PACKET_MAX];
    let call = Call { module: 7, method: 1, sequence: 9, body: &body };
    let mut message = vec![0; call.size()];
    call.write(&mut message).unwrap();
    for _ in 0..3 {
        let (first, second) = message.split_at(100_000);
        raw.send(&packet(message.len() as u64, 0, 2, first));
        raw.send(&packet(message.len() as u64, 1, 2, second));
        let packet = raw.receive();
        let (_, part) = ChunkHeader::parse(&packet).unwrap();
        let response = Response::parse(part).unwrap();
        assert_eq!((response.sequence, response.status.0), (-1, 5));
    }
    // As large as it says, a message would never end: the connection ends when nothing more comes of it.
    raw.send(&packet(u64::MAX, 0, u32::MAX, b"x"));
    drop(raw);
    let mut client = serving.client().packets(Packets::Chunked, PACKET_MAX);
    client.call_method(2, 202, &[]).unwrap();
}

#[test]
fn a_client_that_stops_within_a_message_loses_its_connection() {
    let serving = Serving::start(|server| server.packets(Packets::Chunked).message_timeout(Duration::from_millis(50)));
    let mut raw = serving.raw();
    raw.send(&packet(9, 0, 2, b"x"));
    assert_eq!(raw.receive(), []);
    // Without an idle time-out a connection between calls stays.
    let mut client = serving.client().packets(Packets::Chunked, PACKET_MAX);
    client.call_method(2, 202, &[]).unwrap();
    thread::sleep(Duration::from_millis(120));
    client.call_method(2, 202, &[]).unwrap();
}

#[test]
fn the_longest_time_outs_never_end() {
    let set = |server: Server| server.message_timeout(Duration::MAX).idle_timeout(Some(Duration::MAX));
    let serving = Serving::start(|server| set(server).packets(Packets::Chunked));
    let mut raw = serving.raw();
    raw.send(&packet(9, 0, 2, b"x"));
    let mut client = serving.client().packets(Packets::Chunked, PACKET_MAX).timeout(Duration::MAX);
    for _ in 0..2 {
        client.call_method(2, 202, &[]).unwrap();
    }
}

#[test]
fn an_idle_connection_is_closed_after_its_time_out() {
    let serving = Serving::start(|server| server.idle_timeout(Some(Duration::from_millis(50))));
    let mut raw = serving.raw();
    assert_eq!(raw.receive(), []);
}

#[test]
fn a_client_that_does_not_read_disturbs_nobody() {
    let serving = Serving::start(|server| server.message_timeout(PATIENCE));
    let (mut silent, body) = (serving.raw(), vec![7; ECHO_MAX]);
    let calls = 40;
    thread::scope(|scope| {
        // More than the system keeps for a socket: the calls wait until responses are read.
        let mut sender = Raw::of(silent.0.try_clone().unwrap());
        let sending = scope.spawn({
            let body = &body;
            move || (1..=calls).for_each(|sequence| sender.call(Call { module: 7, method: 1, sequence, body }))
        });
        let mut client = serving.client();
        for number in 0..200 {
            assert_eq!(counter::Client::new(&mut client).add(number, 1).unwrap(), number + 1);
        }
        // All responses come, in order, once they are read.
        (1..=calls).for_each(|sequence| silent.expect(sequence, 0, &body));
        sending.join().unwrap();
    });
}

#[test]
fn a_client_that_never_reads_loses_its_connection() {
    let serving = Serving::start(|server| server.message_timeout(Duration::from_millis(50)));
    let (mut silent, body) = (serving.raw(), vec![7; ECHO_MAX]);
    let call = Call { module: 7, method: 1, sequence: 1, body: &body };
    let mut message = vec![0; call.size()];
    call.write(&mut message).unwrap();
    let error = loop {
        if let Err(error) = silent.0.write(&message) {
            break error;
        }
    };
    let closed = [std::io::ErrorKind::BrokenPipe, std::io::ErrorKind::ConnectionReset];
    assert!(closed.contains(&error.kind()), "the connection is open: {error}");
}

#[test]
fn further_connections_are_closed_at_once() {
    let serving = Serving::start(|server| server.connections(2));
    let mut first = serving.client();
    let mut second = serving.client();
    first.call_method(2, 202, &[]).unwrap();
    second.call_method(2, 202, &[]).unwrap();
    assert_eq!(serving.raw().receive(), []);
    drop(first);
    // The server sees that it left when it next looks.
    loop {
        let mut third = serving.client();
        match third.call_method(2, 202, &[]) {
            Ok(_) => break,
            Err(error) => assert!(matches!(error, Error::Closed), "{error}"),
        }
    }
    second.call_method(2, 202, &[]).unwrap();
}
