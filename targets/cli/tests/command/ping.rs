//! `oncilla ping`.

use std::net::UdpSocket;

use crate::support::{SILENT, Serving, run};

#[test]
fn every_answer_counts_and_silence_is_a_time_out() {
    let silent = Serving::start(&SILENT);
    let (code, out, _) = run(["-t", &silent.target(), "ping", "-c", "2", "--interval", "1ms"]);
    assert_eq!(code, 0);
    assert!(out.ends_with("2 calls, 2 answers\n"), "{out}");
    let nobody = UdpSocket::bind("127.0.0.1:0").unwrap();
    let target = format!("udp://{}", nobody.local_addr().unwrap());
    assert_eq!(run(["-t", &target, "--timeout", "50ms", "ping", "-c", "1"]).0, 4);
}
