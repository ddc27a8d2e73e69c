//! Calls of every device of a group.

use std::time::Duration;

use oncilla::{CallError, LinkError};
use oncilla_fleet::Error;

use super::gateway::{Action, Gateway, name};
use super::{connect, plant_of, tenfold, thermostat, wait_until};

#[test]
fn every_device_has_an_outcome() {
    let (broker, gateway) = plant_of(&["a", "b", "mute"], |device, call, _| match device {
        "mute" => Action::Nothing,
        "b" => Action::Refuse(oncilla::Refusal::ProcedureUnavailable),
        _ => tenfold(call),
    });
    let east = Gateway::start(broker.port(), "east", |_, call, _| tenfold(call));
    east.serve("c", 1);
    gateway.serve("away", 1);
    gateway.away("away");
    let fleet = connect(&broker);
    wait_until(|| fleet.devices().unwrap().len() == 5 && fleet.trouble(&name("away")).unwrap().is_some());
    wait_until(|| fleet.trouble(&name("c")).unwrap().is_none());
    let mut ovens = fleet.group("ovens").unwrap();
    ovens.set_timeout(Duration::from_millis(700));
    assert_eq!(ovens.devices().len(), 5);
    let outcomes = ovens.call(|oven| thermostat::Client::new(oven).read(4)).unwrap();
    assert_eq!(outcomes.len(), 5, "{outcomes:?}");
    assert_eq!(outcomes[&name("a")], Ok(40));
    assert_eq!(outcomes[&name("b")], Err(CallError::Refused(oncilla::Refusal::ProcedureUnavailable)));
    assert_eq!(outcomes[&name("c")], Ok(40));
    assert!(matches!(outcomes[&name("mute")], Err(CallError::TimedOut { .. })));
    assert!(matches!(outcomes[&name("away")], Err(CallError::Link(LinkError::Transport(Error::Away { .. })))));

    ovens.cast(|oven| thermostat::Client::new(oven).note(1)).unwrap();
    let calls = gateway.calls();
    wait_until(|| gateway.calls() > calls || east.calls() == 2);
}

#[test]
fn a_group_whose_gateway_dies_has_outcomes_at_once() {
    let (broker, gateway) = plant_of(&["a", "b"], |_, _, _| Action::Nothing);
    let fleet = connect(&broker);
    let mut ovens = fleet.group("ovens").unwrap();
    ovens.set_timeout(Duration::from_secs(3600));
    std::thread::scope(|scope| {
        let calling = scope.spawn(|| ovens.call(|oven| thermostat::Client::new(oven).read(4)).unwrap());
        wait_until(|| gateway.calls() == 2);
        let offline = br#"{"state":"offline","session":"0000000000000000"}"#.to_vec();
        let topic = oncilla_fleet::wire::Topic::Gateway { gateway: name("west") };
        gateway.publish(&topic, offline);
        let outcomes = calling.join().unwrap();
        assert_eq!(outcomes.len(), 2);
        for outcome in outcomes.values() {
            let lost = |error: &Error| matches!(error, Error::GatewayLost { .. });
            assert!(matches!(outcome, Err(CallError::Link(LinkError::Transport(error))) if lost(error)), "{outcome:?}");
        }
    });
}

#[test]
fn a_group_without_devices_is_an_error() {
    let (broker, _gateway) = plant_of(&["a"], |_, call, _| tenfold(call));
    let fridges = connect(&broker).group("fridges").unwrap();
    let error = fridges.call(|fridge| thermostat::Client::new(fridge).read(0)).unwrap_err();
    assert!(error.to_string().contains("the group fridges: no matching subscribers"), "{error}");
    let two = fridges.call(|fridge| {
        let _ = thermostat::Client::new(&mut *fridge).read(0);
        thermostat::Client::new(fridge).read(1)
    });
    assert_eq!(two.unwrap_err(), CallError::Link(LinkError::Transport(Error::NotOneCall)));
}
