//! Messages of every shape pass between the two libraries unchanged.

use oncilla::{Direct, Table, Writer};
use oncilla_protobuf::{Library, Micropb, Prost};
use oncilla_protobuf_tests::shapes_device::acme::shapes::v1 as device;
use oncilla_protobuf_tests::shapes_device::{acme::common as device_common, google::protobuf as device_google};
use oncilla_protobuf_tests::shapes_host::acme::shapes::v1 as host;
use oncilla_protobuf_tests::shapes_host::{acme::common as host_common, google::protobuf as host_google};

/// The device: returns what comes, and keeps the last time.
#[derive(Default)]
struct Device {
    seconds: i64,
}

impl device::every::Service for Device {
    fn numbers(&mut self, request: device::Numbers) -> device::Numbers {
        request
    }

    fn lists(&mut self, request: device::Lists) -> device::Lists {
        request
    }

    fn get_unit(&mut self, _: device_google::Empty) -> device_common::Unit {
        let mut unit = device_common::Unit::default();
        unit.set_name("K".try_into().unwrap());
        unit
    }

    fn note(&mut self, request: device_google::Timestamp) {
        self.seconds = request.seconds;
    }

    fn nested(&mut self, request: device::Outer_::Inner) -> device::Outer {
        let mut outer = device::Outer::default();
        outer.set_inner(request);
        outer.choice = Some(device::Outer_::Choice::Message(request));
        outer
    }
}

static TABLE: Table<Device> = oncilla::table![device::every::program()];

const LARGEST: host::Numbers = host::Numbers {
    a: i32::MIN,
    b: i64::MIN,
    c: u32::MAX,
    d: u64::MAX,
    e: i32::MIN,
    f: i64::MIN,
    g: true,
    h: u32::MAX,
    i: u64::MAX,
    j: i32::MIN,
    k: i64::MIN,
    l: f32::MIN_POSITIVE,
    m: f64::MAX,
};

fn lists() -> host::Lists {
    let inner = host::outer::Inner { kind: host::outer::Kind::Some.into(), value: Some(0) };
    host::Lists {
        numbers: vec![0, -1, i32::MAX, 1],
        names: vec![String::new(), "a".into(), "eight by".into()],
        unpacked: vec![0, u32::MAX],
        counts: [("a".to_owned(), -1), ("b".to_owned(), 0)].into(),
        inner: vec![inner, host::outer::Inner::default()],
    }
}

#[test]
fn a_host_calls_a_device() {
    let mut device = Device::default();
    let mut direct = Direct::<_, 1024>::new(&TABLE, &mut device);
    let mut client = host::every::Client::new(&mut direct);
    for numbers in [host::Numbers::default(), LARGEST] {
        assert_eq!(client.numbers(&numbers).unwrap(), numbers);
    }
    assert_eq!(client.lists(&host::Lists::default()).unwrap(), host::Lists::default());
    assert_eq!(client.lists(&lists()).unwrap(), lists());
    let unit = client.get_unit(&host_google::Empty {}).unwrap();
    assert_eq!(unit, host_common::Unit { name: "K".into(), exponent: None });
    assert_eq!(unit.exponent(), -3);
    let inner = host::outer::Inner { kind: 0, value: Some(0) };
    let choice = Some(host::outer::Choice::Message(inner));
    assert_eq!(client.nested(&inner).unwrap(), host::Outer { inner: Some(inner), choice });
    client.note(&host_google::Timestamp { seconds: -1, nanos: 1 }).unwrap();
    assert_eq!(device.seconds, -1);
}

#[test]
fn numbers_of_the_file_are_those_of_the_table() {
    let procedures: Vec<_> = TABLE.procedures().map(|id| (id.program, id.version, id.procedure)).collect();
    let expected = [0, 1, 20, 3, 4, 5].map(|number| (0x2000_0047, 2, number));
    assert_eq!(procedures, expected);
    assert_eq!(device::every::NAMES.procedure(20), Some("lists"));
    let idempotent = |procedure| {
        let id = oncilla::ProcedureId { program: 0x2000_0047, version: 2, procedure };
        TABLE.procedure(id).unwrap().is_idempotent()
    };
    assert_eq!([1, 20, 3, 4, 5].map(idempotent), [true, false, false, false, false]);
}

/// The largest messages are as large as the constants state.
#[test]
fn sizes_are_known_at_compile_time() {
    let largest = <Prost as Library<host::Numbers>>::size(&LARGEST);
    // `l` and `m` have their sizes always, and `a` and `e` take ten and five bytes.
    assert_eq!(<Micropb as Library<device::Numbers>>::MAX_SIZE, largest);
    let room = |bytes: usize| {
        let mut room = vec![0; bytes];
        let mut writer = Writer::new(&mut room);
        <Prost as Library<host::Numbers>>::encode(&LARGEST, &mut writer).map(|()| writer.length())
    };
    assert_eq!(room(largest), Ok(largest));
    assert!(room(largest - 1).is_err());
    assert_eq!(device::every::SLOT_MAX, <Micropb as Library<device::Lists>>::MAX_SIZE);
}

/// Each byte of a message that is left out, and each that has another value, is an error or another message of both
/// libraries, and never a panic.
#[test]
fn both_libraries_take_the_same_bytes() {
    let mut bytes = vec![0; 1024];
    let mut writer = Writer::new(&mut bytes);
    <Prost as Library<host::Lists>>::encode(&lists(), &mut writer).unwrap();
    let length = writer.length();
    bytes.truncate(length);
    let mut taken = 0;
    for cut in 0..length {
        let (micropb, prost) = decoded(&bytes[..cut]);
        assert_eq!(micropb, prost, "cut at {cut}");
        taken += usize::from(prost);
    }
    assert!(taken > 3, "only {taken} cut messages are messages");
}

fn decoded(bytes: &[u8]) -> (bool, bool) {
    let micropb = <Micropb as Library<device::Lists>>::decode(bytes);
    let prost = <Prost as Library<host::Lists>>::decode(bytes);
    (micropb.is_ok(), prost.is_ok())
}
