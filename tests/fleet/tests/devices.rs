//! The simulated devices themselves: what a fleet's tests stand on.

use std::{thread, time::Duration};

use oncilla::CallError;
use oncilla_fleet_tests::{
    meter::{meter_1, meter_2},
    park::Park,
    proxy::Proxy,
};
use oncilla_host::tcp;

#[test]
fn each_device_counts_its_calls() {
    let park = Park::start(20, 100, |device| device < 10).unwrap();
    for (number, address) in park.addresses().iter().enumerate() {
        let mut client = tcp(address).unwrap();
        let mut meter = meter_1::Client::new(&mut client);
        assert_eq!(meter.number().unwrap() as usize, number);
        assert_eq!(meter.note(number as u64).unwrap(), 1);
        assert_eq!(park.ledger().order(number), [number as u64]);
    }
    let mut client = tcp(park.addresses()[3]).unwrap();
    assert_eq!(meter_1::Client::new(&mut client).note(3).unwrap(), 2);
    assert_eq!((park.ledger().twice(), park.ledger().strange()), (1, 0));
    assert_eq!(meter_1::Client::new(&mut client).note(100).unwrap(), 0);
    assert_eq!(park.ledger().strange(), 1);
}

#[test]
fn old_devices_have_one_version() {
    let park = Park::start(2, 1, |device| device == 0).unwrap();
    let echoed = |device: usize| {
        let mut client = tcp(park.addresses()[device]).unwrap();
        meter_2::Client::new(&mut client).echo(b"data").map(<[u8]>::to_vec)
    };
    assert_eq!(echoed(1).unwrap(), b"data");
    assert!(matches!(echoed(0), Err(CallError::Refused(oncilla::Refusal::ProgramMismatch { low: 1, high: 1 }))));
}

#[test]
fn devices_restart_and_go_away() {
    let park = Park::start(2, 10, |_| true).unwrap();
    let address = park.addresses()[1];
    let mut client = tcp(address).unwrap();
    park.reset(1).unwrap();
    assert!(meter_1::Client::new(&mut client).note(0).is_err());
    assert_eq!(park.ledger().times(0), 0);
    assert_eq!(meter_1::Client::new(&mut tcp(address).unwrap()).note(1).unwrap(), 1);
    park.away(1).unwrap();
    assert!(tcp(address).is_err());
    assert!(tcp(park.addresses()[0]).is_ok());
    park.back(1).unwrap();
    assert_eq!(meter_1::Client::new(&mut tcp(address).unwrap()).note(2).unwrap(), 1);
}

#[test]
fn a_stalled_network_delivers_later() {
    let park = Park::start(1, 10, |_| true).unwrap();
    let proxy = Proxy::before(park.addresses()[0]).unwrap();
    let mut client = tcp(("127.0.0.1", proxy.port())).unwrap();
    assert_eq!(meter_1::Client::new(&mut client).note(0).unwrap(), 1);
    thread::scope(|scope| {
        let stalled = scope.spawn(|| proxy.stall(Duration::from_secs(2)));
        // The gate closes at once, and this call is made after that.
        thread::sleep(Duration::from_millis(500));
        client.set_timeout(Duration::from_millis(200));
        assert!(matches!(meter_1::Client::new(&mut client).note(1), Err(CallError::TimedOut { .. })));
        stalled.join().unwrap();
        client.set_timeout(Duration::from_secs(20));
        assert_eq!(meter_1::Client::new(&mut client).note(2).unwrap(), 1);
    });
    assert_eq!(park.ledger().order(0), [0, 1, 2]);
}
