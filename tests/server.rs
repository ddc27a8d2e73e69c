//! A server for many clients on TCP: no client may delay or end the calls of another.

#[path = "support/sockets.rs"]
mod sockets;

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use oncilla_host::Server;
use sockets::*;

const ADD: &[u8] = &[0, 0, 0, 2, 0, 0, 0, 3];

/// Makes a few calls with this library's client.
fn calls_go_right(served: &Served) {
    let mut client = served.client();
    let mut probe = probe::Client::new(&mut client);
    for i in 0..20 {
        assert_eq!(probe.add(i, 1).unwrap(), i + 1);
    }
}

/// Ends a connection by a reset.
fn reset(stream: TcpStream) {
    socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
}

#[test]
fn twenty_early_resets_do_not_disturb_the_server() {
    let served = Served::new(|server| server);
    let mut other = served.raw();
    let call = record(&call(1, procedure(2), ADD));
    for sent in [0, 2, 30, call.len()].into_iter().cycle().take(20) {
        let mut client = served.raw();
        client.write_all(&call[..sent]).unwrap();
        reset(client);
        check_alive(&mut other);
    }
    calls_go_right(&served);
}

#[test]
fn half_a_header_and_then_silence_delays_no_other_client() {
    let served = Served::new(|server| server);
    let call = record(&call(1, procedure(2), ADD));
    // Within the record mark, at its end, within the header, and before the last byte.
    let silent: Vec<TcpStream> = [1, 4, 20, call.len() - 1]
        .into_iter()
        .map(|sent| {
            let mut client = served.raw();
            client.write_all(&call[..sent]).unwrap();
            client
        })
        .collect();
    calls_go_right(&served);
    // A client that continues in time is served.
    for (mut client, sent) in silent.into_iter().zip([1, 4, 20, call.len() - 1]) {
        client.write_all(&call[sent..]).unwrap();
        assert_eq!(read_record(&mut client).unwrap(), reply(1, &[0, 0, 0, 5]));
    }
}

#[test]
fn a_connection_silent_in_mid_message_is_closed() {
    let served = Served::new(|server| server.message_timeout(MOMENT));
    let call = record(&call(1, procedure(2), ADD));
    for sent in [1, 4, 20, call.len() - 1] {
        let mut client = served.raw();
        client.write_all(&call[..sent]).unwrap();
        assert!(is_closed(&mut client));
    }
    calls_go_right(&served);
}

#[test]
fn a_message_that_drips_does_not_hold_a_connection_for_ever() {
    let served = Served::new(|server| server.message_timeout(MOMENT));
    let mut client = served.raw();
    client.write_all(&(1u32 << 20).to_be_bytes()).unwrap();
    // At this rate the message would take days; the server closes the connection earlier.
    while client.write_all(&[0]).is_ok() {
        thread::sleep(MOMENT / 10);
    }
    calls_go_right(&served);
}

#[test]
fn a_connection_idle_between_messages_stays() {
    let served = Served::new(|server| server.message_timeout(MOMENT / 10));
    let mut client = served.raw();
    check_alive(&mut client);
    thread::sleep(MOMENT);
    check_alive(&mut client);
}

#[test]
fn a_client_that_never_reads_is_closed_and_delays_no_other_client() {
    let served = Served::new(|server| server.message_timeout(MOMENT).call_max(probe::CALL_MAX));
    let client = served.raw();
    let data = [&(1u32 << 20).to_be_bytes()[..], &vec![7; 1 << 20]].concat();
    let echo = record(&call(1, procedure(1), &data));
    thread::scope(|scope| {
        let mut writer = client.try_clone().unwrap();
        // It sends until the server has closed the connection.
        let flooding = scope.spawn(move || while writer.write_all(&echo).is_ok() {});
        while !flooding.is_finished() {
            calls_go_right(&served);
        }
    });
    calls_go_right(&served);
}

#[test]
fn a_client_that_reads_slowly_gets_every_reply() {
    let served = Served::new(|server| server.call_max(probe::CALL_MAX));
    let mut client = served.raw();
    let data = [&(1u32 << 20).to_be_bytes()[..], &vec![7; 1 << 20]].concat();
    let mut writer = client.try_clone().unwrap();
    thread::scope(|scope| {
        scope.spawn(move || {
            for xid in 0..20 {
                writer.write_all(&record(&call(xid, procedure(1), &data))).unwrap();
            }
        });
        // By now the server cannot send the replies, and reads no more calls from this client.
        thread::sleep(MOMENT);
        calls_go_right(&served);
        for number in 0..20 {
            assert_eq!(xid(&read_record(&mut client).unwrap()), number);
        }
    });
}

#[test]
fn empty_fragments_are_legal() {
    let served = Served::new(|server| server);
    let mut client = served.raw();
    client.write_all(&fragment(&[], false).repeat(10_000)).unwrap();
    check_alive(&mut client);
    // An empty record is no call, and is dropped.
    client.write_all(&fragment(&[], true).repeat(10_000)).unwrap();
    check_alive(&mut client);
}

#[test]
fn fragments_of_one_byte_are_legal() {
    let served = Served::new(|server| server);
    let mut client = served.raw();
    let crumbs = crumbs(&call(5, procedure(2), ADD));
    client.write_all(&crumbs).unwrap();
    assert_eq!(read_record(&mut client).unwrap(), reply(5, &[0, 0, 0, 5]));
    for byte in crumbs {
        client.write_all(&[byte]).unwrap();
    }
    assert_eq!(read_record(&mut client).unwrap(), reply(5, &[0, 0, 0, 5]));
    check_alive(&mut client);
}

#[test]
fn a_fragment_of_two_gibibytes_is_neither_stored_nor_waited_for() {
    let served = Served::new(|server| server.message_timeout(MOMENT));
    for mark in [0x7fff_ffff_u32, 0xffff_ffff] {
        let mut client = served.raw();
        client.write_all(&mark.to_be_bytes()).unwrap();
        client.write_all(&call(1, procedure(2), ADD)).unwrap();
        calls_go_right(&served);
        assert!(is_closed(&mut client));
    }
    calls_go_right(&served);
}

#[test]
fn a_reply_sent_to_a_server_is_not_answered() {
    let served = Served::new(|server| server);
    let mut client = served.raw();
    client.write_all(&record(&reply(1, &[0; 40]))).unwrap();
    client.write_all(&record(b"no message at all, but long enough")).unwrap();
    client.write_all(&record(b"short")).unwrap();
    // The first message that comes back is the reply to a call.
    check_alive(&mut client);
}

#[test]
fn calls_sent_all_at_once_are_answered_in_order() {
    let served = Served::new(|server| server.call_max(100));
    let mut client = served.raw();
    let calls: Vec<u8> = (0..1_000).flat_map(|xid| record(&call(xid, procedure(4), &[]))).collect();
    client.write_all(&calls).unwrap();
    for xid in 0..1_000 {
        assert_eq!(read_record(&mut client).unwrap(), reply(xid, &(xid + 1).to_be_bytes()));
    }
}

#[test]
fn a_client_that_shuts_down_its_sending_still_gets_its_replies() {
    let served = Served::new(|server| server);
    let mut client = served.raw();
    client.write_all(&record(&call(1, procedure(2), ADD)).repeat(3)).unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    for _ in 0..3 {
        assert_eq!(read_record(&mut client).unwrap(), reply(1, &[0, 0, 0, 5]));
    }
    assert_eq!(client.read(&mut [0]).unwrap(), 0);
}

/// How a client ends that has called without pause. Some 57 000 calls wait in the system's buffers, and Wine answers
/// about 1 200 of them in a second: there they are given up.
const END: Shutdown = if cfg!(windows) { Shutdown::Both } else { Shutdown::Write };

#[test]
fn a_client_that_calls_without_pause_does_not_shut_out_the_others() {
    let served = Served::new(|server| server);
    let done = AtomicBool::new(false);
    let mut flooder = served.raw();
    let mut reader = flooder.try_clone().unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            let calls = record(&call(1, procedure(2), ADD)).repeat(100);
            while !done.load(Ordering::Relaxed) {
                flooder.write_all(&calls).unwrap();
            }
            flooder.shutdown(END).unwrap();
        });
        scope.spawn(move || while reader.read(&mut [0; 1 << 16]).is_ok_and(|length| length > 0) {});
        for _ in 0..10 {
            calls_go_right(&served);
        }
        done.store(true, Ordering::Relaxed);
    });
}

#[test]
fn many_clients_at_once_are_all_served() {
    let served = Served::new(|server| server.connections(40));
    thread::scope(|scope| {
        for _ in 0..40 {
            scope.spawn(|| calls_go_right(&served));
        }
    });
    assert_eq!(served.stop().calls, 40 * 20);
}

#[test]
fn a_stop_closes_idle_and_silent_connections_and_returns_the_state() {
    let served = Served::new(|server| server);
    let (mut idle, mut silent) = (served.raw(), served.raw());
    check_alive(&mut idle);
    check_alive(&mut silent);
    silent.write_all(&[0x80, 0, 0]).unwrap();
    assert_eq!(served.stop().calls, 2);
    assert!(is_closed(&mut idle));
    assert!(is_closed(&mut silent));
}

#[test]
fn a_stop_before_serving_ends_the_next_serve() {
    let mut server = Server::new().unwrap().tcp("127.0.0.1:0").unwrap();
    let stopper = server.stopper();
    stopper.clone().stop();
    server.serve(&TABLE, &mut Service::default()).unwrap();
    // Only the next one.
    let served = Served::on(server);
    calls_go_right(&served);
    stopper.stop();
    assert_eq!(served.stop().calls, 20);
}

#[test]
fn a_server_listens_on_several_addresses() {
    let server = Server::new().unwrap().tcp("127.0.0.1:0").unwrap().tcp("127.0.0.1:0").unwrap();
    let addresses = server.tcp_addresses();
    let served = Served::on(server);
    for address in addresses {
        let mut client = oncilla_host::tcp(address).unwrap();
        assert_eq!(probe::Client::new(&mut client).add(1, 2).unwrap(), 3);
    }
    assert_eq!(served.stop().calls, 2);
}

#[test]
fn an_address_in_use_is_an_error_that_names_it() {
    let served = Served::new(|server| server);
    let error = Server::new().unwrap().tcp(served.address).unwrap_err();
    assert!(error.to_string().contains(&served.address.to_string()), "{error}");
}

#[test]
fn a_long_procedure_does_not_count_for_the_time_outs_of_other_clients() {
    // While it runs, two other clients have sent half a message, and then send the rest.
    let served = Served::new(|server| server.message_timeout(5 * MOMENT));
    let mut others = [served.raw(), served.raw()];
    let call = record(&call(1, procedure(2), ADD));
    for other in &mut others {
        check_alive(other);
        other.write_all(&call[..20]).unwrap();
    }
    thread::scope(|scope| {
        scope.spawn(|| probe::Client::new(&mut served.client()).sleep(10 * MOMENT.as_millis() as u32).unwrap());
        thread::sleep(MOMENT / 2);
        for other in &mut others {
            other.write_all(&call[20..]).unwrap();
        }
    });
    for other in &mut others {
        assert_eq!(read_record(other).unwrap(), reply(1, &[0, 0, 0, 5]));
    }
}
