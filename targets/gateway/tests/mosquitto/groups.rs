//! Calls to all devices of a group, and to any one.

use std::collections::BTreeSet;

use oncilla_fleet_tests::meter::meter_1;
use oncilla_fleet_tests::park::Park;

use super::support::{Running, broker, fleet, gateway, run, until, wait_for};

#[test]
fn a_group_is_called_at_once_and_any_one_of_it_is_free() {
    let broker = broker();
    let park = Park::start(6, 1000, |_| false).unwrap();
    // Both may serve all: each device has one gateway.
    let mut gateways = ["hall", "yard"].map(|name| gateway(name, broker.port(), &park, ""));
    (0..6).for_each(|number| drop(wait_for(broker.port(), &format!("oven-{number}"), "online")));
    let fleet = fleet(broker.port());
    let group = fleet.group("ovens").unwrap();
    let outcomes = group.call(|oven| meter_1::Client::new(oven).number()).unwrap();
    let numbers: BTreeSet<_> = outcomes.into_values().map(Result::unwrap).collect();
    assert_eq!(numbers, (0..6).collect());
    let mut any = fleet.any("ovens").unwrap();
    for call in 0..60 {
        assert_eq!(meter_1::Client::new(&mut any).note(call).unwrap(), 1);
    }
    // The broker chooses the gateway, and the gateway a free device in turn.
    let served = (0..6).filter(|number| !park.ledger().order(*number).is_empty()).count();
    assert!(served > 1, "one device alone was called");
    // A cast to a group, by a client of mosquitto, which by mistake lets the broker keep it.
    let json =
        ["-q", "1", "-D", "publish", "content-type", "application/json", "-t", "plant/group/ovens/0x2000006a/-", "-r"];
    let text = r#"{"procedure": "meter.note", "arguments": {"call": 77}}"#;
    assert!(run("mosquitto_pub", broker.port(), &[&json[..], &["-m", text]].concat()).status.success());
    until("all execute it", || park.ledger().times(77) == 6);
    // It is not executed again by gateways that start later.
    gateways.iter_mut().for_each(Running::stop);
    let _other = gateway("other", broker.port(), &park, "");
    (0..6).for_each(|number| drop(wait_for(broker.port(), &format!("oven-{number}"), "online")));
    assert_eq!(meter_1::Client::new(&mut any).note(500).unwrap(), 1);
    assert_eq!(park.ledger().times(77), 6);
}
