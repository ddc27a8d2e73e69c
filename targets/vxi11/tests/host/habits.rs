//! The habits of real instruments, each with its option.

use oncilla_vxi11::{Client, ErrorCode, InstrumentServer, PortMapping};

use crate::meter::{Meter, PATIENCE, client, options, serve_parts, until};
#[cfg(target_os = "linux")]
use crate::namespace;

#[test]
fn an_instrument_that_takes_a_few_hundred_bytes() {
    let serving = serve_parts(300);
    let text = "x".repeat(2000);
    assert_eq!(client(&serving).query(&text).unwrap(), text);
}

#[test]
fn an_instrument_that_takes_less_than_it_states() {
    let serving = serve_parts(300);
    let text = "x".repeat(2000);
    let mut wrong = options(&serving).write_size(301).open("127.0.0.1", "inst0").unwrap();
    assert_eq!(wrong.write(&text).unwrap_err().code(), Some(ErrorCode::PARAMETER));
    let mut right = options(&serving).write_size(100).open("127.0.0.1", "inst0").unwrap();
    assert_eq!(right.query(&text).unwrap(), text);
}

#[test]
fn an_instrument_that_closes_idle_connections() {
    let serving = serve_parts(300);
    let mut plain = client(&serving);
    let mut again = options(&serving).reopen_links().open("127.0.0.1", "inst0").unwrap();
    assert_eq!((plain.query("one").unwrap(), again.query("one").unwrap()), ("one".into(), "one".into()));
    // More clients than there are connections: those that were idle longest lose theirs.
    let others: Vec<_> = (0..32).map(|_| client(&serving)).collect();
    until(|| serving.open_links() == 32);
    assert!(plain.query("two").is_err());
    assert_eq!(again.query("two").unwrap(), "two");
    drop(others);
}

#[test]
fn an_instrument_that_was_restarted() {
    let start = |core, abort| {
        let server = InstrumentServer::new(Meter::default()).address([127, 0, 0, 1]).ports(core, abort);
        server.port_mapping(PortMapping::None).start()
    };
    let serving = start(0, 0).unwrap();
    let (core, abort) = (serving.core_address().port(), serving.abort_address().port());
    let mut client = options(&serving).reopen_links().open("127.0.0.1", "inst0").unwrap();
    assert_eq!(client.query("before").unwrap(), "before");
    drop(serving);
    assert!(client.query("meanwhile").is_err());
    let _serving = start(core, abort).unwrap();
    assert_eq!(client.query("after").unwrap(), "after");
}

#[cfg(target_os = "linux")]
#[test]
fn a_port_mapper_on_udp_or_tcp() {
    namespace::alone("habits::a_port_mapper_on_udp_or_tcp", || {
        let server = InstrumentServer::new(Meter::default()).address([127, 0, 0, 1]);
        let _serving = server.port_mapping(PortMapping::Own).start().unwrap();
        let options = || Client::options().timeout(PATIENCE);
        for options in [options(), options().mapper_over_tcp(), options().unmarked_mapper_replies()] {
            assert_eq!(options.open("127.0.0.1", "inst0").unwrap().query("found").unwrap(), "found");
        }
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_port_mapper_whose_replies_have_no_mark_of_the_last_fragment() {
    use std::io::{Read, Write};
    use std::time::Duration;

    let name = "habits::a_port_mapper_whose_replies_have_no_mark_of_the_last_fragment";
    namespace::alone(name, || {
        let serving = serve_parts(300);
        let port = u32::from(serving.core_address().port());
        let listener = std::net::TcpListener::bind("127.0.0.1:111").unwrap();
        let mapper = std::thread::spawn(move || {
            // The second client is one that does not know the habit, and waits for a fragment that never comes.
            for _ in 0..2 {
                let (mut stream, _) = listener.accept().unwrap();
                let mut call = [0; 60];
                stream.read_exact(&mut call).unwrap();
                let xid = u32::from_be_bytes(call[4..8].try_into().unwrap());
                // 28 bytes without the highest bit: a reply that was executed, and the port.
                for word in [28, xid, 1, 0, 0, 0, 0, port] {
                    stream.write_all(&word.to_be_bytes()).unwrap();
                }
                // Until the client closes the connection.
                let _ = stream.read(&mut call);
            }
        });
        let options = || Client::options().connect_timeout(PATIENCE);
        let mut client = options().unmarked_mapper_replies().open("127.0.0.1", "inst0").unwrap();
        assert_eq!(client.query("found").unwrap(), "found");
        let short = options().connect_timeout(Duration::from_millis(300));
        let error = short.mapper_over_tcp().open("127.0.0.1", "inst0").unwrap_err();
        assert!(error.to_string().starts_with("the port mapper of 127.0.0.1 does not answer: "), "{error}");
        mapper.join().unwrap();
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_port_mapper_without_instruments() {
    namespace::alone("habits::a_port_mapper_without_instruments", || {
        let listener = std::net::UdpSocket::bind("127.0.0.1:111").unwrap();
        let mapper = std::thread::spawn(move || {
            let mut call = [0; 128];
            let (_, client) = listener.recv_from(&mut call).unwrap();
            let mut reply = [0; 28];
            reply[..4].copy_from_slice(&call[..4]);
            reply[7] = 1;
            listener.send_to(&reply, client).unwrap();
        });
        let error = Client::open("127.0.0.1", "inst0").unwrap_err();
        let text = "the port mapper of 127.0.0.1 has no VXI-11 instrument; set the port of its core channel";
        assert_eq!(error.to_string(), text);
        mapper.join().unwrap();
    });
}

#[cfg(target_os = "linux")]
#[test]
fn two_instruments_on_one_machine() {
    namespace::alone("habits::two_instruments_on_one_machine", || {
        let server = || InstrumentServer::new(Meter::default()).address([127, 0, 0, 1]);
        let first = server().start().unwrap();
        let error = server().start().unwrap_err().to_string();
        let text = "port 111 is served by a port mapper that takes no registrations, such as that of another server; give \
                    this server a fixed port, tell it to the clients, and serve without registering";
        assert_eq!(error, format!("cannot register with rpcbind: {text}"));
        let _second = server().port_mapping(PortMapping::None).start().unwrap();
        // On another address it is found by a port mapper there.
        let _third = InstrumentServer::new(Meter::default()).address([127, 0, 0, 2]).start().unwrap();
        let options = || Client::options().timeout(PATIENCE);
        assert_eq!(options().open("127.0.0.2", "inst0").unwrap().query("third").unwrap(), "third");
        drop(first);
    });
}
