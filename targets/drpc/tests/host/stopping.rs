//! Stopping in order.

use std::sync::mpsc::channel;

use crate::*;
use oncilla_drpc::{Assembly, ChunkHeader};

#[test]
fn the_present_call_is_executed_and_answered() {
    let (begun, has_begun) = channel();
    let (go_on, told) = channel();
    let state = State { gate: Some((begun, told)), ..State::default() };
    let serving = Serving::start_with(state, |server| server);
    let (mut calling, mut idle) = (serving.raw(), serving.raw());
    calling.call(Call { module: 7, method: 3, sequence: 5, body: &[] });
    // It was not read when the server stopped.
    calling.call(Call { module: 2, method: 202, sequence: 6, body: &[] });
    has_begun.recv_timeout(PATIENCE).unwrap();
    serving.stopper.stop();
    go_on.send(()).unwrap();
    let path = serving.path.clone();
    serving.stop();
    calling.expect(5, 0, &[]);
    assert_eq!(calling.receive(), []);
    assert_eq!(idle.receive(), []);
    assert!(!path.exists());
}

#[test]
fn a_response_that_a_client_has_yet_to_read_is_delivered() {
    let limit = LARGE_MAX + 100;
    let serving = Serving::start(|server| server.packets(Packets::Chunked).message_max(limit));
    let (mut client, mut other, body) = (serving.raw(), serving.raw(), vec![7; LARGE_MAX]);
    let call = Call { module: 7, method: 2, sequence: 5, body: &body };
    let mut message = vec![0; call.size()];
    call.write(&mut message).unwrap();
    for (index, part) in (0..).zip(message.chunks(100_000)) {
        let header = ChunkHeader::of(message.len(), 100_000, index).unwrap();
        client.send(&[&header.to_bytes()[..], part].concat());
    }
    // The server has begun to send a response that is larger than what the system keeps for a socket.
    let (mut assembly, mut response) = (Assembly::new(), Vec::new());
    let mut packet = client.receive();
    serving.stopper.stop();
    // Meanwhile no other call is executed.
    let header = ChunkHeader::of(7, 7, 0).unwrap().to_bytes();
    let _ = other.0.write(&[&header[..], &[8, 2, 16, 202, 1, 24, 1]].concat());
    assert_eq!(other.receive(), []);
    loop {
        let part = assembly.accept(&packet).unwrap();
        response.extend_from_slice(part.bytes);
        if part.is_last {
            break;
        }
        packet = client.receive();
    }
    assert!(Response::parse(&response).unwrap().body == body);
    assert_eq!(client.receive(), []);
    serving.stop();
}

#[test]
fn a_stopped_server_serves_no_more() {
    let folder = Folder::new();
    let mut server = Server::bind(folder.socket()).unwrap();
    server.stopper().stop();
    server.stopper().stop();
    server.serve(&MODULES, &TABLE, &mut State::default()).unwrap();
    server.serve(&MODULES, &TABLE, &mut State::default()).unwrap();
}
