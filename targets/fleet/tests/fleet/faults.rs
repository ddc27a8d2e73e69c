//! Lost connections, dead gateways, a dead broker.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use oncilla::{CallError, LinkError};
use oncilla_fleet::mqtt::BrokerError;
use oncilla_fleet::wire::{Executed, Topic};
use oncilla_fleet::{Error, Event, Fleet, Settings};

use super::gateway::{Action, name};
use super::{connect, plant, plant_of, tenfold, thermostat, wait_until};

#[test]
fn a_call_fails_at_once_when_its_gateway_dies() {
    let (broker, gateway) = plant_of(&["oven-7"], |_, _, _| Action::Nothing);
    let fleet = connect(&broker);
    let mut oven = fleet.device("oven-7").unwrap();
    oven.set_timeout(Duration::from_secs(3600));
    thread::scope(|scope| {
        let calling = scope.spawn(|| thermostat::Client::new(&mut oven).read(0).unwrap_err());
        wait_until(|| gateway.calls() == 1);
        let offline = br#"{"state":"offline","session":"0000000000000000"}"#.to_vec();
        gateway.publish(&Topic::Gateway { gateway: name("west") }, offline);
        let error = calling.join().unwrap();
        assert!(error.to_string().contains("the gateway west of oven-7 went away"), "{error}");
    });
    let away = thermostat::Client::new(&mut oven).read(0).unwrap_err();
    assert!(away.to_string().contains("its gateway is offline"), "{away}");
}

#[test]
fn a_reply_arrives_after_the_clients_connection_was_lost_and_made_again() {
    // The device replies only when the connection was cut.
    let cut = Arc::new(Mutex::new(()));
    let held = Arc::clone(&cut);
    let (broker, gateway) = plant_of(&["oven-7"], move |_, call, _| {
        drop(held.lock());
        tenfold(call)
    });
    let fleet = connect(&broker);
    let events = fleet.watch().unwrap();
    let mut oven = fleet.device("oven-7").unwrap();
    oven.set_timeout(Duration::from_secs(30));
    let locked = cut.lock().unwrap();
    thread::scope(|scope| {
        let calling = scope.spawn(|| thermostat::Client::new(&mut oven).read(7));
        wait_until(|| gateway.calls() == 1);
        // The broker has acknowledged the call before the gateway had it, or soon after.
        thread::sleep(Duration::from_millis(100));
        fleet.cut();
        wait_until(|| events.try_iter().any(|event| matches!(event, Event::Lost(_))));
        drop(locked);
        assert_eq!(calling.join().unwrap(), Ok(70));
    });
    assert_eq!(gateway.calls(), 1);
    // And the next call works on the new connection.
    assert_eq!(thermostat::Client::new(&mut oven).read(8), Ok(80));
}

#[test]
fn cuts_under_load_lose_no_call_without_telling_and_execute_none_twice() {
    let executed = Arc::new(Mutex::new(std::collections::HashMap::<u32, usize>::new()));
    let counted = Arc::clone(&executed);
    let (broker, _gateway) = plant_of(&["oven-7"], move |_, call, _| {
        let number = u32::from_be_bytes(call.arguments()[..4].try_into().unwrap());
        *counted.lock().unwrap().entry(number).or_default() += 1;
        tenfold(call)
    });
    let fleet = connect(&broker);
    let (done, failed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for caller in 0..4_u32 {
            let (fleet, done, failed, executed) = (&fleet, &done, &failed, &executed);
            scope.spawn(move || {
                let mut oven = fleet.device("oven-7").unwrap();
                oven.set_timeout(Duration::from_secs(20));
                for round in 0..300 {
                    let number = 1000 * caller + round;
                    let outcome = thermostat::Client::new(&mut oven).read(number);
                    let times = executed.lock().unwrap().get(&number).copied().unwrap_or(0);
                    match outcome {
                        Ok(result) => {
                            assert_eq!((result, times), (10 * number, 1));
                            done.fetch_add(1, Ordering::SeqCst);
                        }
                        Err(CallError::Link(LinkError::Transport(error))) => {
                            assert!(error.is_of_broker(), "{error}");
                            assert!(times == 0 || error.executed() == Executed::Perhaps, "{error}: {times}");
                            failed.fetch_add(1, Ordering::SeqCst);
                        }
                        Err(error) => panic!("{error}"),
                    }
                }
            });
        }
        for _ in 0..6 {
            thread::sleep(Duration::from_millis(60));
            fleet.cut();
        }
    });
    assert_eq!(done.load(Ordering::SeqCst) + failed.load(Ordering::SeqCst), 1200);
    assert!(done.load(Ordering::SeqCst) > 1000, "{done:?} {failed:?}");
    assert!(executed.lock().unwrap().values().all(|&times| times == 1));
}

#[test]
fn a_dead_broker_is_the_brokers_trouble_and_a_new_one_is_used() {
    let (mut broker, gateway) = plant(&["oven-7"]);
    let fleet = connect(&broker);
    let mut oven = fleet.device("oven-7").unwrap();
    oven.set_timeout(Duration::from_millis(400));
    assert_eq!(thermostat::Client::new(&mut oven).read(1), Ok(10));
    broker.kill().unwrap();
    let mut read = || thermostat::Client::new(&mut oven).read(1).unwrap_err();
    let mut last = None;
    wait_until(|| match read() {
        CallError::Link(LinkError::Transport(error @ Error::Broker { executed: Executed::No, .. })) => {
            last = Some(error);
            true
        }
        _ => false,
    });
    let error = last.unwrap();
    assert!(error.is_of_broker() && error.to_string().ends_with("the call was not executed"), "{error}");
    broker.restart().unwrap();
    // Nothing was retained: the gateway of this test does not connect again.
    wait_until(|| {
        let error = read();
        error.to_string().contains("no matching subscribers")
    });
    drop(gateway);
}

#[test]
fn what_a_broker_refuses_is_stated() {
    let users = vec![("alice".to_owned(), "secret".to_owned())];
    let access = "user alice\ntopic read plant/#\ntopic write plant/call/+/+/alice\n".to_owned();
    let settings = oncilla_fleet_tests::broker::Settings { users, access: Some(access), ..Default::default() };
    let broker = oncilla_fleet_tests::broker::Broker::start(&settings).unwrap();
    let connect = |user: &str, password: &str| {
        let address = format!("mqtt://{user}@127.0.0.1:{}/plant", broker.port());
        let password = Some(password.as_bytes().to_vec());
        Fleet::with(Settings { password, ..Settings::new(address.parse().unwrap()) })
    };
    let error = connect("alice", "wrong").unwrap_err();
    assert!(error.to_string().contains("refused the connection"), "{error}");
    assert!(error.is_of_broker());
    let alice = connect("alice", "secret").unwrap();
    let denied = alice.set_cap(0x2000_0042, Some(1)).unwrap_err();
    assert!(
        matches!(&denied, Error::Broker { error: BrokerError::Denied { topic, code: 0x87 }, .. } if topic == "plant/cap/0x20000042"),
        "{denied:?}"
    );
    // A denied call does not cost the connection.
    let mut any = alice.any("ovens").unwrap();
    let error = thermostat::Client::new(&mut any).read(0).unwrap_err();
    assert!(
        error.to_string().contains("the broker denies plant/any/ovens/0x20000042/alice: not authorized"),
        "{error}"
    );
    assert_eq!(alice.device("oven-7").unwrap_err(), Error::Unknown { device: name("oven-7") });
}

#[test]
fn what_is_no_broker_is_stated() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let connect = || {
        let mut settings = Settings::new(format!("mqtt://127.0.0.1:{port}/plant").parse().unwrap());
        settings.connect_timeout = Duration::from_millis(300);
        Fleet::with(settings).unwrap_err().to_string()
    };
    thread::scope(|scope| {
        scope.spawn(|| {
            use std::io::Write;
            let (_mute, _) = listener.accept().unwrap();
            let (mut web, _) = listener.accept().unwrap();
            web.write_all(&[&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], &[b' '; 200]].concat()).unwrap();
            let (closing, _) = listener.accept().unwrap();
            drop(closing);
        });
        let errors = [connect(), connect(), connect()];
        assert!(errors[0].contains("did not answer in time"), "{errors:?}");
        assert!(errors[1].contains("does not speak MQTT 5"), "{errors:?}");
        assert!(errors[2].contains("lost"), "{errors:?}");
    });
    drop(listener);
    assert!(connect().contains("was not reached"));
    let error = Fleet::connect("http://127.0.0.1/plant").unwrap_err();
    assert!(error.to_string().contains("write mqtt://"), "{error}");
}
