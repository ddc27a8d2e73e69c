//! Arbitrary bytes from a peer.

use std::time::Duration;

use oncilla::{Time, Transport};
use proptest::prelude::*;

use crate::{connected, tcp_client, trial, udp, udp_client, world};

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn after_any_datagrams_a_call_is_answered(datagrams in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..1472), 1..10)) {
        let world = world();
        let mut socket = udp(world.host);
        for datagram in &datagrams {
            let deadline = world.host.now().after(Duration::from_secs(1));
            prop_assert_eq!(socket.send(datagram, deadline), Ok(datagram.len()));
            world.wait(Duration::from_millis(2));
        }
        let mut client = udp_client(socket);
        assert_eq!(trial::Client::new(&mut client).echo(b"well").unwrap(), b"well");
    }

    #[test]
    fn after_any_bytes_on_a_connection_another_is_served(bytes in prop::collection::vec(any::<u8>(), 1..4000)) {
        let world = world();
        let mut socket = connected(world.host);
        let deadline = world.host.now().after(Duration::from_secs(1));
        let _ = socket.send(&bytes, deadline);
        let mut client = tcp_client(connected(world.host));
        assert_eq!(trial::Client::new(&mut client).echo(b"well").unwrap(), b"well");
        // Then one more connection than there are free sockets is served too.
        world.wait(Duration::from_secs(5));
        let _ = socket.send(&[], Time::ZERO);
        socket.end();
        world.wait(Duration::from_millis(50));
        let mut third = tcp_client(connected(world.host));
        assert_eq!(trial::Client::new(&mut third).echo(b"well").unwrap(), b"well");
    }
}
