//! Gateways that die: others serve their devices, and no call is executed twice.

use std::collections::BTreeSet;
use std::time::Duration;

use oncilla_fleet_tests::meter::meter_1;
use oncilla_fleet_tests::park::Park;
use oncilla_fleet_tests::proxy::Proxy;

use super::support::{broker, fleet, gateway, until, wait_for};

#[test]
fn another_gateway_serves_the_devices_of_one_that_is_gone() {
    let broker = broker();
    let park = Park::start(4, 10_000, |_| false).unwrap();
    let proxy = Proxy::before(([127, 0, 0, 1], broker.port()).into()).unwrap();
    // The first one reaches the broker through the proxy, which will stall.
    let _first = gateway("first", proxy.port(), &park, "");
    (0..4).for_each(|number| drop(wait_for(broker.port(), &format!("oven-{number}"), "online")));
    let _second = gateway("second", broker.port(), &park, "");
    let fleet = fleet(broker.port());
    let mut oven = fleet.device("oven-0").unwrap();
    assert_eq!(meter_1::Client::new(&mut oven).note(0).unwrap(), 1);
    proxy.stall(Duration::from_secs(6));
    let mut ok = 0;
    for call in 1..400 {
        oven.set_timeout(Duration::from_millis(300));
        ok += u32::from(meter_1::Client::new(&mut oven).note(call).is_ok());
        if ok >= 20 {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(ok >= 20, "the second gateway did not take over");
    let gateways = || -> BTreeSet<String> {
        let devices = fleet.devices().unwrap();
        devices.into_iter().map(|(_, presence)| presence.gateway.to_string()).collect()
    };
    until("the second has all", || gateways() == BTreeSet::from(["second".to_owned()]));
    // When the network is back, what was in it does not arrive twice, and the first one leaves the devices alone.
    std::thread::sleep(Duration::from_secs(4));
    assert_eq!(gateways(), BTreeSet::from(["second".to_owned()]));
    assert_eq!(park.ledger().twice(), 0);
}
