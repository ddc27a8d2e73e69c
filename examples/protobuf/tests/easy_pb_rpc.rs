//! Tables and clients in the envelope of easy_pb_rpc.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use oncilla::{CallError, Table};
use oncilla_three::easy_pb_rpc::{Connection, answer, read_frame, write_frame};
use oncilla_three::greeter::{Greeting, Name, greeter};

#[derive(Default)]
struct Host {
    greeted: Vec<String>,
}

impl greeter::Service for Host {
    fn greet(&mut self, name: Name) -> Greeting {
        let known = Some(self.greeted.contains(&name.text));
        let text = format!("hello, {}", name.text).repeat(usize::try_from(name.times()).unwrap_or(0));
        self.greeted.push(name.text);
        Greeting { text, known }
    }

    fn forget(&mut self, name: Name) -> Greeting {
        self.greeted.retain(|known| *known != name.text);
        Greeting { text: "good bye".into(), known: None }
    }
}

static TABLE: Table<Host> = oncilla::table![greeter::program()];

/// Serves one connection until its end.
fn serve(listener: &TcpListener) {
    let (mut stream, _) = listener.accept().unwrap();
    let mut host = Host::default();
    while let Some(request) = read_frame(&mut stream).unwrap() {
        if let Some(response) = answer(&TABLE, &mut host, &request) {
            write_frame(&mut stream, &response).unwrap();
        }
    }
}

/// Calls a server, which is a thread.
fn with_server(client: impl FnOnce(TcpStream)) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let serving = std::thread::spawn(move || serve(&listener));
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    client(stream);
    serving.join().unwrap();
}

#[test]
fn generated_clients_call() {
    with_server(|stream| {
        let mut connection = Connection::new(stream);
        let mut client = greeter::Client::new(&mut connection);
        let name = Name { text: "Ada".into(), times: None };
        assert_eq!(client.greet(&name).unwrap(), Greeting { text: "hello, Ada".into(), known: Some(false) });
        assert_eq!(client.greet(&name).unwrap().known, Some(true));
        client.forget(&name).unwrap();
        assert_eq!(client.greet(&name).unwrap().known, Some(false));
    });
}

/// The bytes are those that the C++ library of that system writes.
#[test]
fn the_bytes_are_those_of_the_other_system() {
    with_server(|mut stream| {
        // Service 1, method 0, call 9, and a name with `times`.
        let content = b"\x0a\x03Ada\x10\x02";
        let request = [&[8, 1, 16, 0, 24, 9, 34, content.len() as u8], &content[..]].concat();
        stream.write_all(&(request.len() as u32).to_ne_bytes()).unwrap();
        stream.write_all(&request).unwrap();
        let content = b"\x0a\x14hello, Adahello, Ada\x10\x00";
        let expected = [&[8, 9, 18, content.len() as u8], &content[..]].concat();
        let mut response = vec![0; 4 + expected.len()];
        stream.read_exact(&mut response).unwrap();
        assert_eq!(response, [&(expected.len() as u32).to_ne_bytes()[..], &expected].concat());
    });
}

#[test]
fn calls_that_fail_have_no_response() {
    let mut host = Host::default();
    // No such service, no such method, a name without its text, and what is no request.
    for request in
        [&[8, 2, 16, 0, 24, 9, 34, 0][..], &[8, 1, 16, 2, 24, 9, 34, 0], &[8, 1, 16, 0, 24, 9, 34, 1, 8], &[8]]
    {
        assert_eq!(answer(&TABLE, &mut host, request), None, "{request:?}");
    }
    assert!(answer(&TABLE, &mut host, &[8, 1, 16, 1, 24, 9, 34, 3, 10, 1, 65]).is_some());
    with_server(|stream| {
        stream.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        let mut connection = Connection::new(stream);
        let id = oncilla::ProcedureId { program: 2, version: 1, procedure: 1 };
        let failed = oncilla::Caller::call(&mut connection, id, |_| Ok(()), |_| Ok(()));
        assert!(matches!(failed, Err(CallError::Link(_))), "{failed:?}");
    });
}
