//! Lost frames.

use std::time::Duration;

use oncilla::{CallError, Retry};
use proptest::prelude::*;

use crate::{World, at, board::PORT, tcp, tcp_client, trial, udp, udp_client};

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// TCP repairs every loss.
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
                // A call took longer than the message time-out, or all of smoltcp's attempts were lost. The board has
                // ended the connection.
                Err(CallError::Link(_) | CallError::Closed) if faults > 0 => return Ok(()),
                Err(error) => prop_assert!(false, "{:?}", error),
            }
        }
    }

    /// Every call is executed at most once, and exactly once if its reply arrived.
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
        // Fifty attempts of a call, each of which succeeds with a probability of at least one third.
        prop_assert!(answered >= 45, "{} answered", answered);
    }
}
