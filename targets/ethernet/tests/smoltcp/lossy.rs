//! Frames that are lost on the way.

use std::time::Duration;

use oncilla::{CallError, Retry};
use proptest::prelude::*;

use crate::{World, at, board::PORT, tcp, tcp_client, trial, udp, udp_client};

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// What TCP is for.
    #[test]
    fn on_tcp_every_call_is_answered(faults in 0..15u8, seed in 1..u32::MAX) {
        let world = World::seeded(2, faults, seed);
        let mut socket = tcp(world.host);
        socket.connect(at(PORT), world.host.now().after(Duration::from_secs(300))).unwrap();
        let mut client = tcp_client(socket);
        client.set_timeout(Duration::from_secs(600));
        for number in 1..=20u32 {
            let bytes = vec![number as u8; 60 * number as usize];
            match trial::Client::new(&mut client).echo(&bytes) {
                Ok(came) => prop_assert_eq!(came, &bytes),
                // A call takes longer than a message may, or all of smoltcp's tries were lost: the board ends the connection.
                Err(CallError::Link(_) | CallError::Closed) if faults > 0 => return Ok(()),
                Err(error) => prop_assert!(false, "{:?}", error),
            }
        }
    }

    /// Every call is executed once at most, and once if its reply came.
    #[test]
    fn on_udp_no_call_is_executed_twice(faults in 0..25u8, seed in 1..u32::MAX) {
        let world = World::seeded(1, faults, seed);
        let mut client = udp_client(udp(world.host));
        client.set_timeout(Duration::from_secs(5));
        client.set_retry(Retry::every(Duration::from_millis(100)));
        let mut answered = 0;
        for _ in 1..=50 {
            match trial::Client::new(&mut client).add(1) {
                Ok(sum) => {
                    answered += 1;
                    prop_assert_eq!(sum, world.device.borrow().sum);
                }
                Err(CallError::TimedOut { .. }) => {}
                Err(error) => prop_assert!(false, "{:?}", error),
            }
        }
        let executed = world.device.borrow().additions;
        prop_assert!(answered <= executed && executed <= 50, "{} answered, {} executed", answered, executed);
        prop_assert!(faults > 0 || answered == 50);
        // Fifty tries of a call, of which each arrives in one of three cases or more often.
        prop_assert!(answered >= 45, "{} answered", answered);
    }
}
