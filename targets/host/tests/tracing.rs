//! Calls as spans of the crate `tracing`, written by its own subscriber.
#![cfg(all(unix, feature = "tracing"))]

#[path = "../../../tests/support/sockets.rs"]
mod sockets;

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use oncilla::message::{CallHeader, OpaqueAuth, SysCredential};
use oncilla_host::Server;
use sockets::*;
use tracing_subscriber::fmt::format::FmtSpan;

/// What the subscriber wrote.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Waits for a line that contains all `parts`, and returns it.
    fn line(&self, parts: &[&str]) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
            if let Some(line) = text.lines().find(|line| parts.iter().all(|part| line.contains(part))) {
                return line.to_owned();
            }
            assert!(Instant::now() < end, "no line has {parts:?} in:\n{text}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

#[test]
fn a_call_is_a_span_and_a_refusal_an_event() {
    let log = Log::default();
    let writer = log.clone();
    let builder =
        tracing_subscriber::fmt().with_ansi(false).with_max_level(tracing_subscriber::filter::LevelFilter::DEBUG);
    builder.with_span_events(FmtSpan::CLOSE).with_writer(move || writer.clone()).init();

    let server = Server::new().unwrap().names(&[probe::NAMES]).tcp("127.0.0.1:0").unwrap();
    let served = Served::on(server);
    let mut client = served.raw();
    let from = format!("tcp {}", client.local_addr().unwrap());
    check_alive(&mut client);
    log.line(&["DEBUG", "oncilla_host", &from, "accepted"]);
    let call_span = format!("call{{origin={from} call_bytes=48 program=\"probe\" version=3 procedure=\"add\"");
    log.line(&["INFO", &call_span, "reply_bytes=28 outcome=\"executed\"", "close", "time.busy"]);

    // The name of a machine may contain commands for a terminal.
    let credential = SysCredential::new(1, "\u{1b}[2Jdesk", 1000, 100, &[]).unwrap();
    let (credential, verifier) = (credential.as_auth(), OpaqueAuth::NONE);
    let header = CallHeader { xid: 7, id: procedure(9), credential, verifier };
    let mut message = vec![0; header.size()];
    header.write(&mut message).unwrap();
    client.write_all(&record(&message)).unwrap();
    read_record(&mut client).unwrap();
    let user = r"procedure=9 user=1000 group=100 machine=\u{1b}[2Jdesk";
    log.line(&[user, "reply_bytes=24 outcome=\"PROC_UNAVAIL\"", "refused: the server's program has no such procedure"]);
}
