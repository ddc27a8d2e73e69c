//! Calls in a queue.

use std::time::Duration;

use oncilla::{CallError, LinkError};
use oncilla_fleet::Error;
use oncilla_fleet::wire::Progress;

use super::{connect, plant, thermostat};

const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn a_queued_call_has_a_ticket_with_states_and_results() {
    let (broker, _gateway) = plant(&["oven-7"]);
    let fleet = connect(&broker);
    let queue = fleet.queue("oven-7", Duration::from_secs(60)).unwrap();
    let ticket = queue.call(|oven| thermostat::Client::new(oven).read(3)).unwrap();
    assert_eq!(ticket.wait(PATIENCE, |oven| thermostat::Client::new(oven).read(3)), Ok(30));
    assert_eq!(ticket.end(PATIENCE).unwrap().state, Progress::Done);
    // Another program asks by the ticket's text.
    let other = connect(&broker);
    let same = other.ticket(&ticket.to_string()).unwrap();
    let state = same.state(PATIENCE).unwrap().unwrap();
    assert_eq!((state.state, state.program), (Progress::Done, 0x2000_0042));
    assert!(other.ticket("oven-7/alice").unwrap_err().to_string().contains("DEVICE/USER/ID"));
    let unknown = other.ticket("oven-7/alice/00ff").unwrap();
    assert_eq!(unknown.state(Duration::from_millis(200)), Ok(None));
}

#[test]
fn expiry_and_a_missing_queue_are_errors() {
    let (broker, _gateway) = plant(&["oven-late"]);
    let fleet = connect(&broker);
    let make = |oven: &mut oncilla_fleet::OneCall| thermostat::Client::new(oven).read(3);
    let ticket = fleet.queue("oven-late", Duration::from_secs(60)).unwrap().call(make).unwrap();
    let error = ticket.wait(PATIENCE, make).unwrap_err();
    assert!(matches!(error, CallError::Link(LinkError::Transport(Error::Expired { .. }))), "{error:?}");
    let nowhere = fleet.queue("fridge", Duration::from_secs(60)).unwrap().call(make).unwrap_err();
    assert!(nowhere.to_string().contains("no gateway takes calls for fridge"), "{nowhere}");
}
