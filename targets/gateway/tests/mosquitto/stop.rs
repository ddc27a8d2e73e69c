//! Stopping in order, and brokers that come and go.

use oncilla_fleet_tests::meter::meter_1;
use oncilla_fleet_tests::park::Park;

use super::support::{broker, fleet, gateway, run, start, until, wait_for};
use oncilla_fleet_tests::broker::{Broker, Settings};

#[test]
fn a_gateway_that_stops_finishes_its_calls_and_says_so() {
    let broker = broker();
    let park = Park::start(1, 100, |_| false).unwrap();
    let mut gateway = gateway("hall", broker.port(), &park, "");
    wait_for(broker.port(), "oven-0", "online");
    let fleet = fleet(broker.port());
    let outcome = std::thread::scope(|scope| {
        let mut device = fleet.device("oven-0").unwrap();
        let call = scope.spawn(move || meter_1::Client::new(&mut device).slow(1, 500));
        until("it is executed", || park.ledger().times(1) == 1);
        gateway.stop();
        call.join().unwrap()
    });
    assert_eq!(outcome.unwrap(), 1);
    let presence = wait_for(broker.port(), "oven-0", "away");
    assert_eq!(presence["reason"], "its gateway stops");
    let state = run("mosquitto_sub", broker.port(), &["-t", "plant/gateway/hall", "-C", "1", "-W", "5"]);
    assert!(String::from_utf8_lossy(&state.stdout).contains("\"offline\""));
}

#[test]
fn a_broker_that_was_killed_finds_all_again() {
    let mut broker = broker();
    let park = Park::start(3, 100, |_| false).unwrap();
    let gateway = gateway("hall", broker.port(), &park, "");
    wait_for(broker.port(), "oven-2", "online");
    broker.kill().unwrap();
    until("the gateway notices", || gateway.metrics.text().contains("broker_connected 0"));
    broker.restart().unwrap();
    // This broker stores nothing: all is published again.
    (0..3).for_each(|number| drop(wait_for(broker.port(), &format!("oven-{number}"), "online")));
    let fleet = fleet(broker.port());
    let mut oven = fleet.device("oven-2").unwrap();
    assert_eq!(meter_1::Client::new(&mut oven).note(1).unwrap(), 1);
}

#[test]
fn a_broker_that_wants_a_password_gets_it_also_when_it_was_wrong_at_first() {
    let users = vec![("hall".to_owned(), "secret".to_owned())];
    let broker = Broker::start(&Settings { users, ..Settings::default() }).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    std::fs::write(&file, "wrong").unwrap();
    let port = broker.port();
    let gateway = start(&format!(
        "fleet = \"plant\"\ngateway = \"hall\"\n[broker]\naddress = \"mqtt://127.0.0.1:{port}\"\nuser = \"hall\"\n\
         password-file = {file:?}\n[health]\nlisten = \"127.0.0.1:0\"\n"
    ));
    until("it is refused", || broker.log().contains("not authori"));
    let at = gateway.health.clone().unwrap();
    assert!(!oncilla_gateway::health::ask(&at).unwrap().0);
    std::fs::write(&file, "secret\n").unwrap();
    until("it is accepted", || oncilla_gateway::health::ask(&at).unwrap().0);
    assert!(gateway.metrics.text().contains("oncilla_gateway_broker_connected 1"));
}
