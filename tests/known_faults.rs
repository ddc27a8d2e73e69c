//! Faults that were found in other implementations of ONC RPC, each with the test that shows that this one does not
//! have it. A test checks that all of them exist; tests without another place are in this file.
//!
//! Servers:
//!
//! | fault | test |
//! |---|---|
//! | a call of RPC version 3 is not answered with RPC_MISMATCH, 2 to 2 | `another_rpc_version_is_refused` in tests/answer/refusals.rs |
//! | … and the connection or the next call is lost | `a_call_of_another_rpc_version_is_refused_and_the_link_works` in tests/known_faults.rs |
//! | arguments cut short are decoded from the bytes of the datagram before | `arguments_cut_short_are_not_completed_from_the_datagram_before` in tests/udp.rs |
//! | … from those of any message before | `cut_arguments_are_not_completed_by_an_earlier_message` in tests/answer/serve.rs |
//! | a fragment of no bytes closes the connection | `empty_fragments_are_legal` in tests/server.rs |
//! | fragments of one byte do | `fragments_of_one_byte_are_legal` in tests/server.rs |
//! | a list of 100 000 nodes overflows the stack | `a_list_of_a_hundred_thousand_nodes_does_not_overflow_the_stack` in tests/known_faults.rs |
//! | … or anything else that nests | `derived_enums` in tests/xdr/depth.rs |
//! | credential flavor 3 jumps through a wild pointer | `flavors_that_are_not_known` in tests/credentials/refused.rs |
//! | AUTH_SYS with 17 groups or a name of 256 bytes is accepted | `users_that_are_malformed` in tests/credentials/refused.rs |
//! | a group count of 0xffffffff hangs the server | `malformed_unix_users_are_rejected` in tests/answer/credentials.rs |
//! | a malformed credential closes the connection | `a_malformed_credential_does_not_close_the_connection` in tests/known_faults.rs |
//! | twenty clients that reset early end the process | `twenty_early_resets_do_not_disturb_the_server` in tests/server.rs |
//! | half a header and then silence blocks every other client | `half_a_header_and_then_silence_delays_no_other_client` in tests/server.rs |
//! | a reply sent to a server is answered | `a_reply_sent_to_a_server_is_not_answered` in tests/server.rs |
//! | … on UDP | `datagrams_that_are_no_call_are_not_answered` in tests/udp.rs |
//! | a fragment of 2 GiB is allocated | `a_fragment_of_two_gibibytes_is_not_allocated` in tests/known_faults.rs |
//! | … or waited for | `a_fragment_of_two_gibibytes_is_neither_stored_nor_waited_for` in tests/server.rs |
//!
//! Clients:
//!
//! | fault | test |
//! |---|---|
//! | fragments of no bytes give a wrong value as success | `a_reply_with_empty_fragments_is_read` in tests/known_faults.rs |
//! | half a reply, a time-out, and the next call reads the rest as its own | `the_rest_of_a_late_reply_is_not_read_as_the_next_reply` in tests/tcp.rs |
//! | … wherever it is cut | `the_late_rest_of_a_reply_is_not_read_as_the_next_reply` in tests/client/half.rs |
//! | strange xids stretch a total time-out of 1 s to 5 s | `replies_to_other_calls_do_not_extend_the_time_out` in tests/client/deadlines.rs |
//! | … of 1 s to 17 s | `replies_to_other_calls_do_not_extend_the_time_out` in tests/tcp.rs |
//! | one stale xid on UDP uses up a whole retry slot | `replies_to_other_calls_do_not_delay_a_retransmission` in tests/client/retries.rs |
//! | … or the next call | `a_stale_reply_does_not_affect_the_next_call` in tests/udp.rs |
//! | a time-out of zero sends nothing at all | `a_time_out_of_zero_sends_and_receives_once` in tests/tcp.rs |
//!
//! On a serial line:
//!
//! | fault | test |
//! |---|---|
//! | garbage costs good calls, or the link | `frames_between_garbage_are_found` in tests/framing/cobs.rs |
//! | a flipped bit gives a wrong result as success | `every_flipped_bit_is_detected` in tests/framing/cobs.rs |
//! | an unknown procedure is not answered | `an_unknown_procedure_is_refused` in tests/answer/refusals.rs |
//! | a frame cut short costs the next, or the link | `a_frame_cut_short_is_dropped` in tests/framing/cobs.rs |
//! | a frame too large costs the next, or the link | `too_large_frames_are_dropped_once` in tests/framing/cobs.rs |
//! | … and is dropped in silence | `a_too_large_call_is_refused_and_the_next_is_served` in tests/answer/serve.rs |

#[path = "support/sockets.rs"]
mod sockets;
#[allow(dead_code)] // One type that nests is enough here.
#[path = "support/types.rs"]
mod types;

use std::fs;
use std::io::Write;
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::path::Path;
use std::thread;

use oncilla::xdr::List;
use oncilla_host::Server;
use sockets::*;
use types::Chain;

/// Returns the rows of the tables above: the name of a test, and its file.
fn tests() -> impl Iterator<Item = (&'static str, &'static str)> {
    let rows = include_str!("known_faults.rs").lines().map_while(|line| line.strip_prefix("//!"));
    rows.filter_map(|row| row.trim().strip_prefix("| ")?.strip_suffix(" |")?.rsplit_once("| `"))
        .map(|(_, test)| test.split_once("` in ").expect("a test and its file"))
}

#[test]
fn every_fault_has_its_test() {
    assert_eq!(tests().count(), 32, "the number of rows");
    for (test, file) in tests() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(
            text.contains(&format!("#[test]\nfn {test}()")),
            "{file} has no test {test}; name another in the table"
        );
    }
}

const ADD: &[u8] = &[0, 0, 0, 2, 0, 0, 0, 3];
const FIVE: &[u8] = &[0, 0, 0, 5];

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

/// A server, its address on UDP, and a connection to it.
fn served() -> (Served, SocketAddr, TcpStream) {
    let server = Server::new().unwrap().tcp("127.0.0.1:0").unwrap().udp("127.0.0.1:0").unwrap();
    let udp = server.udp_addresses()[0];
    let served = Served::on(server);
    let stream = served.raw();
    (served, udp, stream)
}

/// Sends one message by TCP and by UDP; expects this reply to both, and that a good call works afterwards.
fn answers(message: &[u8], expected: &[u8]) {
    let (_served, udp, mut stream) = served();
    stream.write_all(&record(message)).unwrap();
    assert_eq!(read_record(&mut stream).unwrap(), expected);
    check_alive(&mut stream);

    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket.connect(udp).unwrap();
    for (message, expected) in [(message, expected), (&call(8, procedure(2), ADD), &reply(8, FIVE))] {
        socket.send(message).unwrap();
        let mut received = [0; 1000];
        let length = socket.recv(&mut received).unwrap();
        assert_eq!(received[..length], *expected);
    }
}

#[test]
fn a_call_of_another_rpc_version_is_refused_and_the_link_works() {
    for version in [0, 1, 3, u32::MAX] {
        let mut message = call(7, procedure(2), ADD);
        message[8..12].copy_from_slice(&version.to_be_bytes());
        // Denied, RPC_MISMATCH, 2 to 2.
        answers(&message, &words(&[7, 1, 1, 0, 2, 2]));
    }
}

#[test]
fn a_malformed_credential_does_not_close_the_connection() {
    let user = |name: u32, groups: u32| {
        let body = [words(&[0, name]), vec![b'm'; name as usize], words(&[1, 2, groups]), words(&[3; 17])].concat();
        // The flavor, the stated size of the body, the body, and an empty verifier.
        [words(&[1, body.len() as u32]), body, words(&[0, 0])].concat()
    };
    let bodies = [user(4, 17), user(4, 16), user(256, 17), user(4, u32::MAX), words(&[1, 404, 0, 0, 0])];
    let header = call(7, procedure(2), &[])[..24].to_vec();
    for credential in &bodies[..4] {
        // Denied, AUTH_ERROR, AUTH_BADCRED.
        answers(&[&header, &**credential, ADD].concat(), &words(&[7, 1, 1, 1, 1]));
    }
    // Longer than the message, which is therefore cut short: GARBAGE_ARGS.
    answers(&[&header[..], &bodies[4]].concat(), &words(&[7, 1, 0, 0, 0, 4]));
}

oncilla::program! {
    /// Procedures with lists and nested types.
    mod lists = 0x2000_0115, version 1 {
        fn count(list: List<u32, 16>) -> u32 = 1;
        fn follow(chain: Chain) = 2;
    }
}

struct Lists;

impl lists::Service for Lists {
    fn count(&mut self, list: List<u32, 16>) -> u32 {
        list.len() as u32
    }
    fn follow(&mut self, _: Chain) {}
}

static LISTS: oncilla::Table<Lists> = oncilla::table![lists::program()];

#[test]
fn a_list_of_a_hundred_thousand_nodes_does_not_overflow_the_stack() {
    let mut server = Server::new().unwrap().call_max(1 << 20).tcp("127.0.0.1:0").unwrap();
    let (address, stopper) = (server.tcp_addresses()[0], server.stopper());
    // So small that far fewer nodes would overflow it.
    let thread = thread::Builder::new().stack_size(256 << 10);
    let serving = thread.spawn(move || server.serve(&LISTS, &mut Lists)).unwrap();
    let id = |procedure| oncilla::ProcedureId { program: lists::PROGRAM, version: 1, procedure };
    let list = |length: u32| [words(&[1, 7]).repeat(length as usize), words(&[0])].concat();
    let chain = |length: usize| [words(&[1]).repeat(length), words(&[0])].concat();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut ask = |procedure, arguments: &[u8]| {
        stream.write_all(&record(&call(7, id(procedure), arguments))).unwrap();
        read_record(&mut stream).unwrap()
    };
    let garbage = words(&[7, 1, 0, 0, 0, 4]);
    assert_eq!(ask(1, &list(16)), reply(7, &words(&[16])));
    assert_eq!(ask(2, &chain(10)), reply(7, &[]));
    for length in [17, 100, 100_000] {
        assert_eq!(ask(1, &list(length)), garbage, "a list of {length}");
        assert_eq!(ask(1, &list(16)), reply(7, &words(&[16])));
    }
    for length in [1_000, 100_000] {
        assert_eq!(ask(2, &chain(length)), garbage, "a chain of {length}");
        assert_eq!(ask(2, &chain(10)), reply(7, &[]));
    }
    stopper.stop();
    serving.join().unwrap().unwrap();
}

/// Returns the largest amount of memory that the process has reserved, in bytes.
fn most_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("the system tells in /proc/self/status");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmPeak:")).expect("with a line VmPeak");
    peak.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
}

#[test]
fn a_fragment_of_two_gibibytes_is_not_allocated() {
    let (served, _, mut other) = served();
    check_alive(&mut other);
    let before = most_memory();
    let clients: Vec<TcpStream> = [0x7fff_ffff_u32, 0xffff_ffff]
        .into_iter()
        .map(|mark| {
            let mut client = served.raw();
            client.write_all(&mark.to_be_bytes()).unwrap();
            client.write_all(&call(1, procedure(2), ADD)).unwrap();
            check_alive(&mut other);
            client
        })
        .collect();
    drop(clients);
    let more = most_memory() - before;
    // Every thread of the other tests reserves memory, too.
    assert!(more < 0x7000_0000, "{more} bytes");
}

#[test]
fn a_reply_with_empty_fragments_is_read() {
    let nothing = fragment(&[], false);
    for repeat in [1, 1000] {
        let nothing = nothing.repeat(repeat);
        let script = |mut server: TcpStream| {
            let message = read_record(&mut server).unwrap();
            let reply = reply(xid(&message), &[0, 0, 0, 7]);
            let (head, results) = reply.split_at(24);
            // Empty fragments before, within and after it, and a record that consists of them.
            let parts = [&nothing[..], &fragment(&[], true), &nothing, &fragment(head, false), &nothing];
            server.write_all(&parts.concat()).unwrap();
            server.write_all(&[&fragment(results, false)[..], &nothing, &fragment(&[], true)].concat()).unwrap();
        };
        scripted(script, |mut client| assert_eq!(probe::Client::new(&mut client).count().unwrap(), 7));
    }
}
