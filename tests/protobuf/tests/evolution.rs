//! An old and a new version of a service call each other, with messages of both libraries.

use oncilla::{CallError, Direct, Refusal, Table};
use oncilla_protobuf_tests::{new_device, new_host, old_device, old_host};

/// The state of each server: the last channel and settings that came.
#[derive(Default)]
struct State<C, S> {
    channel: C,
    settings: S,
}

const MILLIDEGREES: i32 = -21_500;

/// Implements the old service.
macro_rules! old_service {
    ($module:ident) => {
        impl $module::thermostat::Service for State<$module::Channel, $module::Settings> {
            fn read(&mut self, request: $module::Channel) -> $module::Reading {
                self.channel = request;
                $module::Reading { millidegrees: MILLIDEGREES, unit: "°C".try_into().unwrap() }
            }

            fn configure(&mut self, request: $module::Settings) -> $module::Settings {
                self.settings = request.clone();
                request
            }
        }
    };
}

/// Implements the new service. `$reading` adds what only one library writes so.
macro_rules! new_service {
    ($module:ident, $limits:expr) => {
        impl $module::thermostat::Service for State<$module::Channel, $module::Settings> {
            fn read(&mut self, request: $module::Channel) -> $module::Reading {
                self.channel = request;
                let mut reading = $module::Reading {
                    millidegrees: MILLIDEGREES,
                    unit: "°C".try_into().unwrap(),
                    time: u64::MAX,
                    history: [1, -2, 3].as_slice().try_into().unwrap(),
                    raw: [0, 255].as_slice().try_into().unwrap(),
                    ..Default::default()
                };
                $limits(&mut reading);
                reading
            }

            fn configure(&mut self, request: $module::Settings) -> $module::Settings {
                self.settings = request.clone();
                request
            }

            fn reset(&mut self, request: $module::Channel) -> $module::Reading {
                self.read(request)
            }
        }
    };
}

old_service!(old_device);
old_service!(old_host);
new_service!(new_device, |reading: &mut new_device::Reading| {
    reading.set_limits(new_device::Limits { low: -1.5, high: 1e300 });
});
new_service!(new_host, |reading: &mut new_host::Reading| {
    reading.limits = Some(new_host::Limits { low: -1.5, high: 1e300 });
});

/// A test of a new client on an old server: what the server does not know is skipped, and has its default in the reply.
macro_rules! new_calls_old {
    ($test:ident, $new:ident on $old:ident, $mode:ident, $cool:expr, $period:expr, $limits:expr) => {
        #[test]
        fn $test() {
            type Server = State<$old::Channel, $old::Settings>;
            static TABLE: Table<Server> = oncilla::table![$old::thermostat::program()];
            let mut server = Server::default();
            let mut direct = Direct::<_, 70_000>::new(&TABLE, &mut server);
            let mut client = $new::thermostat::Client::new(&mut direct);

            let channel = $new::Channel { number: 7, raw: true, key: u32::MAX };
            let reading = client.read(&channel).unwrap();
            assert_eq!((reading.millidegrees, reading.unit.as_str()), (MILLIDEGREES, "°C"));
            assert_eq!((reading.time, reading.history.len(), reading.raw.len()), (0, 0, 0));
            assert!($limits(&reading), "{reading:?}");

            let mut settings = $new::Settings { name: "hall".try_into().unwrap(), mode: $cool, ..Default::default() };
            $period(&mut settings);
            let came = client.configure(&settings).unwrap();
            // The old server keeps the number of a value that it does not know, and loses a field.
            assert_eq!((came.name.as_str(), came.mode), ("hall", $cool));
            assert_eq!(came, $new::Settings { name: "hall".try_into().unwrap(), mode: $cool, ..Default::default() });

            let refused = client.reset(&channel);
            assert!(matches!(refused, Err(CallError::Refused(Refusal::ProcedureUnavailable))), "{refused:?}");
            assert!(refused.unwrap_err().is_unserved());
            assert_eq!(server.channel.number, 7);
            assert_eq!(server.settings.mode, $mode(2));
        }
    };
}

/// A test of an old client on a new server: the new fields have their defaults in the server, and the client skips them.
macro_rules! old_calls_new {
    ($test:ident, $old:ident on $new:ident, $heat:expr) => {
        #[test]
        fn $test() {
            type Server = State<$new::Channel, $new::Settings>;
            static TABLE: Table<Server> = oncilla::table![$new::thermostat::program()];
            let mut server = Server::default();
            let mut direct = Direct::<_, 70_000>::new(&TABLE, &mut server);
            let mut client = $old::thermostat::Client::new(&mut direct);

            let reading = client.read(&$old::Channel { number: 7 }).unwrap();
            assert_eq!((reading.millidegrees, reading.unit.as_str()), (MILLIDEGREES, "°C"));
            let settings = $old::Settings { name: "hall".try_into().unwrap(), mode: $heat };
            assert_eq!(client.configure(&settings).unwrap(), settings);

            assert_eq!(server.channel, $new::Channel { number: 7, raw: false, key: 0 });
            let mut expected = $new::Settings { name: "hall".try_into().unwrap(), ..Default::default() };
            expected.mode = server.settings.mode;
            assert_eq!(server.settings, expected);
        }
    };
}

fn number(mode: i32) -> i32 {
    mode
}

/// Sets the period, which only the new version has.
fn period_of_host(settings: &mut new_host::Settings) {
    settings.period = Some(1);
}

fn period_of_device(settings: &mut new_device::Settings) {
    settings.set_period(1);
}

fn no_limits_of_host(reading: &new_host::Reading) -> bool {
    reading.limits.is_none()
}

fn no_limits_of_device(reading: &new_device::Reading) -> bool {
    reading.limits().is_none()
}

new_calls_old! {
    a_new_host_calls_an_old_device, new_host on old_device, old_mode_of_device, 2, period_of_host, no_limits_of_host
}
new_calls_old! {
    a_new_device_calls_an_old_host, new_device on old_host, number, new_device::Mode(2), period_of_device,
    no_limits_of_device
}
new_calls_old! { a_new_host_calls_an_old_host, new_host on old_host, number, 2, period_of_host, no_limits_of_host }
new_calls_old! {
    a_new_device_calls_an_old_device, new_device on old_device, old_mode_of_device, new_device::Mode(2),
    period_of_device, no_limits_of_device
}
old_calls_new! { an_old_host_calls_a_new_device, old_host on new_device, 1 }
old_calls_new! { an_old_device_calls_a_new_host, old_device on new_host, old_device::Mode(1) }
old_calls_new! { an_old_host_calls_a_new_host, old_host on new_host, 1 }
old_calls_new! { an_old_device_calls_a_new_device, old_device on new_device, old_device::Mode(1) }

fn old_mode_of_device(mode: i32) -> old_device::Mode {
    old_device::Mode(mode)
}
