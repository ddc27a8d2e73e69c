//! Captures are read as they were written, with cut, mixed, lost and random packets.

mod damaged;

use std::time::Duration;

use etherparse::{Ipv4Header, PacketBuilder, TcpHeader, ip_number};
use oncilla::ProcedureId;
use oncilla::message::{CallHeader, OpaqueAuth, write_reply};

use super::file::Packet;
use super::{Carrier, FileError, Message, Network, Packets, Place, Time, Writer};

const LARGEST: usize = 1 << 20;
const ETHERNET: i32 = 1;
const RAW: i32 = 101;

fn call(xid: u32, arguments: usize) -> Vec<u8> {
    let id = ProcedureId { program: 100_000, version: 2, procedure: 3 };
    let header = CallHeader { xid, id, credential: OpaqueAuth::NONE, verifier: OpaqueAuth::NONE };
    let mut message = vec![7; 40 + arguments];
    header.write(&mut message).unwrap();
    message
}

fn reply(xid: u32, results: usize) -> Vec<u8> {
    let mut message = vec![9; 32 + results];
    let length = write_reply(xid, Ok(()), &mut message).unwrap();
    message.truncate(length + results);
    message
}

fn socket(text: &str) -> Place {
    Place::Socket(text.parse().unwrap())
}

fn at(milliseconds: u64) -> Time {
    Time::new(Duration::from_millis(1_700_000_000_000 + milliseconds))
}

/// Reads a capture, also one that ends too early.
fn read(capture: &[u8]) -> (Vec<Message>, Result<(), FileError>) {
    let mut messages = Vec::new();
    let mut network = Network::new(LARGEST);
    let end = (|| {
        let mut packets = Packets::new(capture)?;
        while packets.next(|packet| network.push(&packet, &mut |message| messages.push(message)))? {}
        Ok(())
    })();
    network.finish(&mut |message| messages.push(message));
    (messages, end)
}

fn write(messages: &[Message]) -> Vec<u8> {
    let mut capture = Vec::new();
    let mut writer = Writer::new(&mut capture).unwrap();
    messages.iter().for_each(|message| writer.message(message).unwrap());
    writer.flush().unwrap();
    capture
}

/// Messages of all carriers, small and large.
fn messages() -> Vec<Message> {
    let pairs = [
        (Carrier::Udp, socket("127.0.0.1:5000"), socket("127.0.0.1:111")),
        (Carrier::Udp, socket("[::1]:5000"), socket("[fd00::7]:111")),
        (Carrier::Tcp, socket("127.0.0.1:5000"), socket("127.0.0.1:111")),
        (Carrier::Tcp, socket("[::1]:5000"), socket("[fd00::7]:111")),
    ];
    let mut messages = Vec::new();
    for (carrier, client, server) in pairs {
        for (index, size) in [0, 4, 1000, 50_000, 200_000].into_iter().enumerate() {
            if carrier == Carrier::Tcp || size < 60_000 {
                let time = at(messages.len() as u64);
                let index = index as u32;
                let (from, to) = (client.clone(), server.clone());
                messages.push(Message { time, from, to, carrier, bytes: call(index, size), missing: 0, key: None });
                let (from, to) = (server.clone(), client.clone());
                messages.push(Message { time, from, to, carrier, bytes: reply(index, size), missing: 0, key: None });
            }
        }
    }
    messages
}

#[test]
fn what_is_written_is_read() {
    let messages = messages();
    let (read, end) = read(&write(&messages));
    end.unwrap();
    assert_eq!(read, messages);
}

#[test]
fn messages_of_serial_ports_are_written_as_datagrams_and_large_ones_as_tcp() {
    let [a, b] = ["/dev/ttyUSB0", "/dev/ttyUSB1"].map(|name| Place::Port(name.into()));
    let message = |from: &Place, to: &Place, bytes| Message {
        time: at(1),
        from: from.clone(),
        to: to.clone(),
        carrier: Carrier::Serial,
        bytes,
        missing: 0,
        key: None,
    };
    let all = [message(&a, &b, call(1, 8)), message(&b, &a, reply(1, 8)), message(&b, &a, reply(2, 100_000))];
    let capture = write(&all);
    let (read, end) = read(&capture);
    end.unwrap();
    let places = [socket("192.0.2.1:49111"), socket("192.0.2.2:49111")];
    assert_eq!(
        read.iter().map(|message| &message.bytes).collect::<Vec<_>>(),
        all.each_ref().map(|message| &message.bytes)
    );
    assert_eq!((&read[0].from, &read[0].to, read[0].carrier), (&places[0], &places[1], Carrier::Udp));
    assert_eq!((&read[2].from, &read[2].to, read[2].carrier), (&places[1], &places[0], Carrier::Tcp));
    let names = String::from_utf8_lossy(&capture);
    assert!(names.contains("192.0.2.1 is /dev/ttyUSB0; 192.0.2.2 is /dev/ttyUSB1"));
}

/// The messages in packets of one link type.
fn in_packets<'p>(link: i32, packets: impl IntoIterator<Item = &'p [u8]>) -> Vec<(Vec<u8>, usize)> {
    let mut network = Network::new(LARGEST);
    let mut found = Vec::new();
    let mut take = |message: Message| found.push((message.bytes, message.missing));
    for (index, bytes) in packets.into_iter().enumerate() {
        network.push(&Packet { time: at(index as u64), link, bytes }, &mut take);
    }
    network.finish(&mut take);
    found
}

fn ip_udp(payload: &[u8]) -> Vec<u8> {
    let mut packet = Vec::new();
    PacketBuilder::ipv4([127, 0, 0, 1], [127, 0, 0, 1], 9).udp(5000, 111).write(&mut packet, payload).unwrap();
    packet
}

#[test]
fn every_link_is_known() {
    let message = call(1, 8);
    let ip = ip_udp(&message);
    let cooked = [&[0; 14], &[8, 0][..], &ip].concat();
    let cooked_2 = [&[8, 0][..], &[0; 18], &ip].concat();
    let null = [&[2, 0, 0, 0][..], &ip].concat();
    let vlan = [&[0; 12], &[0x81, 0, 0, 5, 8, 0][..], &ip].concat();
    let ethernet = [&[0; 12], &[8, 0][..], &ip].concat();
    let links = [
        (RAW, &ip),
        (228, &ip),
        (113, &cooked),
        (276, &cooked_2),
        (0, &null),
        (108, &null),
        (1, &vlan),
        (1, &ethernet),
    ];
    for (link, packet) in links {
        assert_eq!(in_packets(link, [&**packet]), [(message.clone(), 0)], "{link}");
        // Cut by the capture: the rest is counted.
        let cut = &packet[..packet.len() - 3];
        assert_eq!(in_packets(link, [cut]), [(message[..45].to_vec(), 3)], "{link}");
    }
    assert_eq!(in_packets(105, [&*ip]), []);
}

#[test]
fn fragments_of_ip_are_joined_in_any_order() {
    let message = call(1, 3000);
    let whole = ip_udp(&message);
    let payload = &whole[20..];
    let fragment = |from: usize, to: usize| {
        let mut header =
            Ipv4Header::new((to - from) as u16, 9, ip_number::UDP, [127, 0, 0, 1], [127, 0, 0, 1]).unwrap();
        header.identification = 77;
        header.more_fragments = to < payload.len();
        header.fragment_offset = ((from / 8) as u16).try_into().unwrap();
        header.header_checksum = header.calc_header_checksum();
        let mut packet = Vec::new();
        header.write(&mut packet).unwrap();
        packet.extend(&payload[from..to]);
        packet
    };
    let fragments = [fragment(0, 1480), fragment(1480, 2960), fragment(2960, payload.len())];
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let packets = order.map(|index| &*fragments[index]);
        assert_eq!(in_packets(RAW, packets), [(message.clone(), 0)], "{order:?}");
    }
    assert_eq!(in_packets(RAW, [&*fragments[0], &fragments[2]]), []);
}

/// Segments of one direction.
struct Sender {
    next: u32,
}

impl Sender {
    fn segment(&mut self, payload: &[u8], flags: &str) -> Vec<u8> {
        let mut header = TcpHeader::new(5000, 111, self.next, 1000);
        (header.syn, header.fin, header.rst) = (flags.contains('S'), flags.contains('F'), flags.contains('R'));
        self.next = self.next.wrapping_add(payload.len() as u32 + u32::from(header.syn));
        let mut packet = Vec::new();
        let builder = PacketBuilder::ethernet2([0; 6], [1; 6]).ipv4([127, 0, 0, 1], [127, 0, 0, 2], 9);
        builder.tcp_header(header).write(&mut packet, payload).unwrap();
        packet
    }
}

fn record(message: &[u8]) -> Vec<u8> {
    [&(message.len() as u32 | 1 << 31).to_be_bytes(), message].concat()
}

#[test]
fn segments_are_put_in_order_and_losses_cost_what_was_lost() {
    let calls: Vec<_> = (0..6).map(|xid| call(xid, 500)).collect();
    let stream: Vec<u8> = calls.iter().flat_map(|call| record(call)).collect();
    // Sequence numbers wrap around.
    let mut sender = Sender { next: u32::MAX - 700 };
    let mut packets = vec![sender.segment(&[], "S")];
    packets.extend(stream.chunks(250).map(|piece| sender.segment(piece, "")));
    packets.push(sender.segment(&[], "F"));
    let order = |order: &[usize]| in_packets(ETHERNET, order.iter().map(|&index| &*packets[index]));
    let all: Vec<_> = calls.iter().map(|call| (call.clone(), 0)).collect();
    let forward: Vec<_> = (0..packets.len()).collect();
    assert_eq!(order(&forward), all);
    // In another order, and twice.
    let mut mixed = forward.clone();
    mixed[1..14].reverse();
    mixed.splice(14..14, [3, 4, 5]);
    assert_eq!(order(&mixed), all);
    // Without the beginning of the connection, from the middle of a message on.
    assert_eq!(order(&forward[2..]).len(), 0, "no piece begins a record");
    let mut sender = Sender { next: 7 };
    let whole: Vec<_> = calls.iter().map(|call| sender.segment(&record(call), "")).collect();
    assert_eq!(in_packets(ETHERNET, whole[2..].iter().map(|packet| &**packet)), all[2..]);
    // One is lost, and the others wait for it until the end.
    let lost = [&whole[..2], &whole[3..]].concat();
    assert_eq!(in_packets(ETHERNET, lost.iter().map(|packet| &**packet)), [&all[..2], &all[3..]].concat());
}

/// A capture with everything, in which bytes are changed.
fn capture() -> Vec<u8> {
    let mut messages = messages();
    messages.retain(|message| message.bytes.len() < 2000);
    write(&messages)
}

/// The same as pcap, whose packets are not in blocks.
fn old_capture(message: &[u8]) -> Vec<u8> {
    let header =
        [&0xa1b2_c3d4_u32.to_le_bytes()[..], &[2, 0, 4, 0], &[0; 8], &[0, 0, 4, 0], &RAW.to_le_bytes()].concat();
    let packet = ip_udp(message);
    let length = (packet.len() as u32).to_le_bytes();
    [&*header, &[1, 0, 0, 0, 2, 0, 0, 0], &length, &length, &packet].concat()
}

#[test]
fn pcap_is_read_and_its_end_is_noticed() {
    let message = call(5, 4);
    let capture = old_capture(&message);
    let (found, end) = read(&capture);
    end.unwrap();
    assert_eq!(found[0].bytes, message);
    assert_eq!(found[0].time, Time::new(Duration::new(1, 2000)));
    assert!(matches!(read(&capture[..capture.len() - 1]).1, Err(FileError::Cut)));
    for other in [b"".as_slice(), b"#!/bin/sh\n", &[0; 100], b"\x0a\x0d\x0d\x0a"] {
        assert!(matches!(read(other).1, Err(FileError::NoCapture)), "{other:?}");
    }
    // A packet of 4 GiB.
    let mut large = capture.clone();
    large[32..36].fill(0xff);
    assert!(matches!(read(&large).1, Err(FileError::Large | FileError::Cut)));
}
