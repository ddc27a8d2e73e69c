//! Messages and services may have names that generated modules have themselves.

use oncilla::{Direct, Table};
use oncilla_protobuf_tests::names_device::acme::{self as device, Finish_, thermostat, thermostat2};
use oncilla_protobuf_tests::names_host::acme as host;

struct Device;

impl thermostat2::Service for Device {
    fn call(&mut self, client: device::Client) -> device::Service {
        device::Service { a: client.a }
    }

    fn begin(&mut self, start: device::start) -> Finish_::Inner {
        Finish_::Inner { a: start.a }
    }

    fn read(&mut self, reading: thermostat::Reading) -> device::Result {
        device::Result { a: reading.millidegrees }
    }
}

static TABLE: Table<Device> = oncilla::table![thermostat2::program()];

#[test]
fn names_that_are_taken_are_those_of_the_messages() {
    let mut device = Device;
    let mut direct = Direct::<_, 256>::new(&TABLE, &mut device);
    let mut client = host::thermostat2::Client::new(&mut direct);
    assert_eq!(client.call(&host::Client { a: 1 }).unwrap(), host::Service { a: 1 });
    assert_eq!(client.begin(&host::Start { a: 2 }).unwrap(), host::finish::Inner { a: 2 });
    assert_eq!(client.read(&host::thermostat::Reading { millidegrees: 3 }).unwrap(), host::Result { a: 3 });
}
