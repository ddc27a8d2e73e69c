//! The device by micropb, called by a host by prost.

use oncilla::{CallError, Direct, Refusal, Table};
use oncilla_three::host::{Data, Pair, Sum, three};
use oncilla_three::{Device, three as device};

static TABLE: Table<Device> = oncilla::table![device::program()];

#[test]
fn the_host_calls_the_device() {
    let mut device = Device;
    let mut direct = Direct::<_, 256>::new(&TABLE, &mut device);
    let mut client = three::Client::new(&mut direct);
    assert_eq!(client.null(), Ok(()));
    assert_eq!(client.add(&Pair { a: i32::MAX, b: 1 }), Ok(Sum { sum: i32::MIN }));
    assert_eq!(client.add(&Pair::default()), Ok(Sum { sum: 0 }));
    let data = Data { data: (0..64).collect() };
    assert_eq!(client.echo(&data), Ok(data));
}

#[test]
fn more_than_the_bound_is_refused() {
    let mut device = Device;
    let mut direct = Direct::<_, 256>::new(&TABLE, &mut device);
    let refused = three::Client::new(&mut direct).echo(&Data { data: vec![7; 65] });
    assert!(matches!(refused, Err(CallError::Refused(Refusal::GarbageArguments))), "{refused:?}");
}
