//! Protobuf messages, of both libraries in step, and a table whose arguments and results they are.

use oncilla::message::{CALL_HEADER, CallHeader, OpaqueAuth, Reply};
use oncilla::{ProcedureId, Refusal, Table, Writer, answer};
use oncilla_protobuf::{Library, Micropb, Prost};
use oncilla_protobuf_tests::shapes_device::acme::{common as device_common, shapes::v1 as device};
use oncilla_protobuf_tests::shapes_device::google::protobuf as device_google;
use oncilla_protobuf_tests::shapes_host::acme::{common as host_common, shapes::v1 as host};
use oncilla_protobuf_tests::shapes_host::google::protobuf as host_google;

/// The bytes of a message.
fn encoded<L: Library<M>, M>(message: &M) -> Vec<u8> {
    let size = L::size(message);
    let mut room = vec![0; size];
    let mut writer = Writer::new(&mut room);
    L::encode(message, &mut writer).expect("room for its size");
    assert_eq!(writer.length(), size);
    room
}

/// What micropb takes is a message of at most the largest size, which it takes again. What prost writes, micropb either
/// refuses for its bounds, or writes as an equal message: a list of numbers has two forms.
fn both<D, H>(data: &[u8])
where
    Micropb: Library<D>,
    Prost: Library<H>,
    D: core::fmt::Debug,
    H: PartialEq + core::fmt::Debug,
{
    if let Ok(message) = <Micropb as Library<D>>::decode(data) {
        let bytes = encoded::<Micropb, D>(&message);
        assert!(bytes.len() <= <Micropb as Library<D>>::MAX_SIZE, "{message:?}");
        let again = <Micropb as Library<D>>::decode(&bytes).expect("its own bytes");
        assert_eq!(encoded::<Micropb, D>(&again), bytes, "{message:?}");
    }
    if let Ok(message) = <Prost as Library<H>>::decode(data) {
        let bytes = encoded::<Prost, H>(&message);
        match <Micropb as Library<D>>::decode(&bytes) {
            Ok(passed) => {
                let passed = <Prost as Library<H>>::decode(&encoded::<Micropb, D>(&passed)).expect("a message");
                // A number that is none differs from itself.
                let same = <Prost as Library<H>>::decode(&bytes).expect("its own bytes");
                assert!(passed == message || same != message, "{message:?} became {passed:?}");
            }
            Err(error) => assert_eq!(error.fault, oncilla::xdr::Fault::Bound, "{bytes:?}"),
        }
    }
}

/// Messages of every shape.
pub fn messages(data: &[u8]) {
    both::<device::Numbers, host::Numbers>(data);
    both::<device::Lists, host::Lists>(data);
    both::<device::Outer, host::Outer>(data);
    both::<device_common::Unit, host_common::Unit>(data);
    both::<device_google::Timestamp, host_google::Timestamp>(data);
}

/// A device that returns what comes.
struct Device;

impl device::every::Service for Device {
    fn numbers(&mut self, request: device::Numbers) -> device::Numbers {
        request
    }

    fn lists(&mut self, request: device::Lists) -> device::Lists {
        request
    }

    fn get_unit(&mut self, _: device_google::Empty) -> device_common::Unit {
        device_common::Unit::default()
    }

    fn note(&mut self, _: device_google::Timestamp) {}

    fn nested(&mut self, request: device::Outer_::Inner) -> device::Outer {
        let mut outer = device::Outer::default();
        outer.set_inner(request);
        outer
    }
}

static TABLE: Table<Device> = oncilla::table![device::every::program()];

/// A call of any procedure, in a buffer of any size: the first bytes choose them. A reply is a success that prost takes,
/// or one of the known refusals.
pub fn call(data: &[u8]) {
    let [procedure, room, arguments @ ..] = data else { return };
    let procedure = u32::from(*procedure % 24);
    let id = ProcedureId { program: device::every::PROGRAM, version: device::every::VERSION, procedure };
    let mut call = vec![0; CALL_HEADER];
    let header = CallHeader { xid: 7, id, credential: OpaqueAuth::NONE, verifier: OpaqueAuth::NONE };
    assert_eq!(header.write(&mut call), Some(CALL_HEADER));
    call.extend(arguments);
    let mut room = vec![0; if *room == 255 { TABLE.reply_max() } else { usize::from(*room) * 2 }];
    let Some(length) = answer(&TABLE, &mut Device, &call, &mut room) else { return };
    let reply = Reply::parse(&room[..length]).expect("a reply");
    match (procedure, reply.outcome) {
        (0, Ok(results)) => assert!(results.is_empty()),
        (1, Ok(results)) => drop(<Prost as Library<host::Numbers>>::decode(results).expect("numbers")),
        (20, Ok(results)) => drop(<Prost as Library<host::Lists>>::decode(results).expect("lists")),
        (3, Ok(results)) => drop(<Prost as Library<host_common::Unit>>::decode(results).expect("a unit")),
        (5, Ok(results)) => drop(<Prost as Library<host::Outer>>::decode(results).expect("nested messages")),
        (_, Err(Refusal::GarbageArguments | Refusal::SystemError | Refusal::ProcedureUnavailable)) => {}
        (_, other) => panic!("procedure {procedure} replies {other:?}"),
    }
}

/// What is right, and what is nearly so.
pub fn message_seeds() -> Vec<Vec<u8>> {
    let numbers = host::Numbers { a: -1, b: 1 << 40, e: -7, g: true, l: f32::NAN, ..Default::default() };
    let inner = host::outer::Inner { kind: 1, value: Some(0) };
    let lists = host::Lists {
        numbers: vec![1, -1, 300],
        names: vec!["a".into(), "ä".into()],
        unpacked: vec![1, 2],
        counts: [("a".to_owned(), 1), ("b".to_owned(), 0)].into(),
        inner: vec![inner],
    };
    let choice = Some(host::outer::Choice::Text("text".into()));
    vec![
        encoded::<Prost, _>(&numbers),
        encoded::<Prost, _>(&lists),
        encoded::<Prost, _>(&host::Outer { inner: Some(inner), choice }),
        encoded::<Prost, _>(&host_common::Unit { name: "K".into(), exponent: Some(-3) }),
        encoded::<Prost, _>(&host_google::Timestamp { seconds: -1, nanos: 1 }),
        // Fields that nobody has: of each type of the wire, and a group.
        vec![
            0xf8, 7, 1, 0xf9, 7, 1, 2, 3, 4, 5, 6, 7, 8, 0xfa, 7, 2, 1, 2, 0xfd, 7, 1, 2, 3, 4, 0xfb, 7, 8, 1, 0xfc, 7,
        ],
        // A length without end, and a number without end.
        [&[10][..], &[0xff; 11]].concat(),
    ]
}

pub fn call_seeds() -> Vec<Vec<u8>> {
    let seeds = message_seeds();
    let choices = [[0, 255], [1, 255], [20, 255], [3, 40], [4, 255], [5, 20], [9, 255]];
    choices.iter().flat_map(|choice| seeds.iter().map(move |seed| [&choice[..], seed].concat())).collect()
}
