//! Calls that wait for a device that is away.

use std::time::Duration;

use oncilla_fleet::wire::Progress;
use oncilla_fleet_tests::broker::{Broker, Settings};
use oncilla_fleet_tests::meter::meter_1;
use oncilla_fleet_tests::park::Park;

use super::support::{LIMIT, fleet, gateway, until, wait_for};

const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn queued_calls_are_executed_in_order_when_the_device_returns() {
    let broker = Broker::start(&Settings { persistent: true, ..Settings::default() }).unwrap();
    let park = Park::start(1, 1000, |_| false).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let journal = |name: &str| format!("[queue]\njournal = {:?}\n", folder.path().join(name));
    let mut first = gateway("first", broker.port(), &park, &journal("first"));
    wait_for(broker.port(), "oven-0", "online");
    park.away(0).unwrap();
    wait_for(broker.port(), "oven-0", "away");
    let fleet = fleet(broker.port());
    let queue = fleet.queue("oven-0", HOUR).unwrap();
    let tickets: Vec<_> =
        (0..10).map(|call| queue.call(|oven| meter_1::Client::new(oven).note(call)).unwrap()).collect();
    for ticket in &tickets {
        assert_eq!(ticket.state(LIMIT).unwrap().unwrap().state, Progress::Queued);
    }
    // One that expires before the device returns.
    let short = fleet.queue("oven-0", Duration::from_secs(1)).unwrap();
    let late = short.call(|oven| meter_1::Client::new(oven).note(500)).unwrap();
    assert_eq!(late.end(LIMIT).unwrap().state, Progress::Expired);
    // The gateway is restarted meanwhile: its journal has them.
    first.stop();
    drop(first);
    let _second = gateway("first", broker.port(), &park, &journal("first"));
    park.back(0).unwrap();
    for (call, ticket) in tickets.iter().enumerate() {
        let state = ticket.end(LIMIT).unwrap();
        assert_eq!(state.state, Progress::Done, "{state:?}");
        let results = ticket.wait(LIMIT, |oven| meter_1::Client::new(oven).note(call as u64));
        assert_eq!(results.unwrap(), 1);
    }
    assert_eq!(park.ledger().order(0), (0..10).collect::<Vec<_>>());
    assert_eq!(park.ledger().times(500), 0);
}

#[test]
fn of_two_gateways_one_executes_a_queued_call_and_both_know() {
    let broker = Broker::start(&Settings { persistent: true, ..Settings::default() }).unwrap();
    let park = Park::start(2, 1000, |_| false).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let start = |name: &str| {
        let journal = format!("[queue]\njournal = {:?}\n", folder.path().join(name));
        gateway(name, broker.port(), &park, &journal)
    };
    let mut first = start("first");
    let second = start("second");
    (0..2).for_each(|number| drop(wait_for(broker.port(), &format!("oven-{number}"), "online")));
    let fleet = fleet(broker.port());
    let queues = [0, 1].map(|number| fleet.queue(&format!("oven-{number}"), HOUR).unwrap());
    let mut tickets = Vec::new();
    for call in 0..200 {
        tickets.push(queues[call as usize % 2].call(|oven| meter_1::Client::new(oven).note(call)).unwrap());
        if call == 100 {
            first.stop();
        }
    }
    for ticket in &tickets {
        let state = ticket.end(LIMIT).unwrap();
        assert_eq!(state.state, Progress::Done, "{state:?}");
    }
    assert_eq!(park.ledger().twice(), 0);
    assert!((0..200).all(|call| park.ledger().times(call) == 1));
    until("nothing is left", || second.metrics.text().contains("oncilla_gateway_queued 0"));
}
