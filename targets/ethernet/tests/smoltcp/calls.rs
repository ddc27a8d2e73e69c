//! Calls that succeed.

use oncilla::{Client, Transport};

use crate::{connected, tcp_client, trial, udp, udp_client, world};

/// Bytes that are all different from their neighbours.
fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i * 7 + i / 256) as u8).collect()
}

fn every_length_comes_back<T: Transport<Error: std::fmt::Debug>>(mut client: Client<T, Vec<u8>>) {
    let mut trial = trial::Client::new(&mut client);
    for length in (0..=1200).step_by(13).chain([1199, 1200]) {
        assert_eq!(trial.echo(&bytes(length)).unwrap(), bytes(length), "{length} bytes");
    }
}

#[test]
fn every_length_comes_back_on_tcp() {
    every_length_comes_back(tcp_client(connected(world().host)));
}

#[test]
fn every_length_comes_back_on_udp() {
    every_length_comes_back(udp_client(udp(world().host)));
}

#[test]
fn a_reply_larger_than_the_window_arrives_in_pieces() {
    let world = world();
    let mut client = tcp_client(connected(world.host));
    assert_eq!(trial::Client::new(&mut client).large().unwrap(), [7; 2000]);
}

#[test]
fn two_connections_and_datagrams_are_served_in_turn() {
    let world = world();
    let mut one = tcp_client(connected(world.host));
    let mut other = tcp_client(connected(world.host));
    let mut third = udp_client(udp(world.host));
    let mut sum = 0;
    for number in 1..=50 {
        for count in 0..3 {
            let came = match count {
                0 => trial::Client::new(&mut one).add(number).unwrap(),
                1 => trial::Client::new(&mut other).add(number).unwrap(),
                _ => trial::Client::new(&mut third).add(number).unwrap(),
            };
            sum += number;
            assert_eq!(came, sum);
        }
    }
    assert_eq!(world.device.borrow().additions, 150);
}
