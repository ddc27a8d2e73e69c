//! Random calls of the suite: the command and generated code agree in all bytes.

use std::thread;

use oncilla::Caller;
use oncilla::xdr::{decode, encode};
use oncilla_dynamic::Interface;
use oncilla_host::{Server, Stopper};
use oncilla_suite::{self as suite, Parts, Suite, TABLE, bulk_1, suite_1, suite_3, types_1};
use serde::Serialize;
use serde_json::{Value, json};

use crate::support::{oncilla, outcome};

const SUITE_X: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/suite/suite.x");

const CALLS: usize = 1000;

/// A suite on TCP. It stops when it is dropped.
struct Serving(std::net::SocketAddr, Stopper, Option<thread::JoinHandle<()>>);

impl Serving {
    fn start() -> Self {
        let mut server = Server::new().unwrap().tcp("127.0.0.1:0").unwrap();
        let (address, stopper) = (server.tcp_addresses()[0], server.stopper());
        let serving = thread::spawn(move || server.serve(&TABLE, &mut Suite::new(Parts::NONE)).unwrap());
        Self(address, stopper, Some(serving))
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.1.stop();
        let served = self.2.take().unwrap().join();
        assert!(served.is_ok() || thread::panicking());
    }
}

/// Numbers that the same seed repeats.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
}

fn bytes(value: &impl Serialize) -> Vec<u8> {
    let mut room = vec![0; 4096];
    let used = encode(value, &mut room).unwrap();
    room.truncate(used);
    room
}

/// Calls procedures with one argument by generated code.
macro_rules! one_argument {
    ($client:expr, $name:expr, $message:expr, $($procedure:literal: $module:ident.$function:ident($type:ty),)*) => {
        match $name {
            $($procedure => {
                let argument: $type = decode($message).ok()?;
                // What is sent is what the interface encodes.
                assert_eq!(bytes(&argument), $message, "{}", $procedure);
                let mut client = $module::Client::new($client);
                let result = client.$function(argument);
                return Some(bytes(&result.unwrap_or_else(|error| panic!("{}: {error}", $procedure))));
            })*
            _ => {}
        }
    };
}

/// Makes a call by generated code and returns the encoded results. `None` if the bounds of generated code are
/// smaller: those of lists.
fn generated<C: Caller<Error: std::fmt::Debug + std::fmt::Display>>(
    client: &mut C,
    name: &str,
    arguments: &Value,
    message: &[u8],
) -> Option<Vec<u8>> {
    one_argument! { &mut *client, name, message,
        "suite.echo": suite_1.echo(&[u8]),
        "suite.rename": suite_1.rename(&str),
        "suite.add": suite_1.add(u32),
        "suite_types.negate": types_1.negate(bool),
        "suite_types.invert": types_1.invert(suite::Integers),
        "suite_types.spell": types_1.spell(suite::Color),
        "suite_types.turn_packed": types_1.turn_packed(suite::Packed),
        "suite_types.turn_octets": types_1.turn_octets(suite::Octets),
        "suite_types.rotate": types_1.rotate(suite::Triple),
        "suite_types.turn_wides": types_1.turn_wides(suite::Wides),
        "suite_types.sum_rows": types_1.sum_rows(suite::Rows),
        "suite_types.next": types_1.next(suite::Maybe),
        "suite_types.other_shape": types_1.other_shape(suite::Shape),
        "suite_types.make_record": types_1.make_record(u32),
        "suite_types.weigh": types_1.weigh(suite::Record<'_>),
        "suite_types.digest_chain": types_1.digest_chain(suite::Chain),
        "suite_bulk.echo": bulk_1.echo(&[u8]),
        "suite_bulk.checksum": bulk_1.checksum(&[u8]),
    }
    let signed = |name: &str| arguments[name].as_i64().unwrap();
    let result = match name {
        "suite.parts" => bytes(&suite_3::Client::new(client).parts().unwrap()),
        "suite.nothing" => bytes(&suite_3::Client::new(client).nothing().unwrap()),
        "suite.name" => bytes(&suite_1::Client::new(client).name().unwrap()),
        "suite.sum" => bytes(&suite_1::Client::new(client).sum().unwrap()),
        "suite.notes" => bytes(&suite_1::Client::new(client).notes().unwrap()),
        "suite.subtract" => {
            let (minuend, subtrahend) = (signed("minuend") as i32, signed("subtrahend") as i32);
            bytes(&suite_1::Client::new(client).subtract(minuend, subtrahend).unwrap())
        }
        "suite_types.opposite" => {
            let real = |name: &str| arguments[name].as_f64().unwrap();
            bytes(&types_1::Client::new(client).opposite(real("single") as f32, real("precise")).unwrap())
        }
        "suite_types.many" => {
            let packed: suite::Packed = decode(&message[message.len() - 8..]).unwrap();
            let text = arguments["text"].as_str().unwrap();
            let (broad, flag) = (arguments["broad"].as_u64().unwrap(), arguments["flag"].as_bool().unwrap());
            let (tiny, small) = (signed("tiny") as i8, signed("small") as i16);
            bytes(&types_1::Client::new(client).many(tiny, broad, flag, text, small, packed).unwrap())
        }
        _ => panic!("{name} is not a procedure of this test"),
    };
    Some(result)
}

#[test]
fn random_calls_have_the_results_of_generated_code() {
    let interface = Interface::parse_file(SUITE_X).unwrap();
    // Not those without a reply, and not the one that always fails.
    let left_out = ["suite.note", "suite.fail", "suite_callbacks.", "suite_host.", "suite_text."];
    let procedures: Vec<_> = interface
        .procedures()
        .filter(|procedure| !left_out.iter().any(|name| procedure.short_name().starts_with(name)))
        .chain([interface.procedure("suite.notes").unwrap()])
        .collect();
    let (by_generated, by_command) = (Serving::start(), Serving::start());
    let mut client = oncilla_host::tcp(by_generated.0).unwrap();
    let mut random = Random(0x0420_0dd5);
    let (mut input, mut expected, mut names) = (String::new(), Vec::new(), std::collections::BTreeSet::new());
    while expected.len() < CALLS {
        let procedure = procedures[(random.next() >> 11) as usize % procedures.len()];
        let fields = procedure.argument_fields();
        let arguments: serde_json::Map<_, _> =
            fields.map(|field| (field.name.to_owned(), field.type_.random(&mut || random.next() >> 11))).collect();
        let arguments = Value::Object(arguments);
        let message = procedure.encode_arguments(&arguments).unwrap();
        let Some(result) = generated(&mut client, procedure.short_name(), &arguments, &message) else { continue };
        names.insert(procedure.short_name());
        input.push_str(&json!({"call": procedure.short_name(), "arguments": arguments}).to_string());
        input.push('\n');
        let result: String = result.iter().map(|byte| format!("{byte:02x}")).collect();
        expected.push(json!({"line": expected.len() + 1, "result": result}));
    }
    assert_eq!(names.len(), 26, "{names:?}");

    let target = format!("tcp://{}", by_command.0);
    let call = ["-t", &target, "-x", SUITE_X, "call", "-", "--raw"];
    let (code, out, err) = outcome(oncilla(call).write_stdin(input.as_str()).output().unwrap());
    assert_eq!((code, err.as_str()), (0, ""));
    let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), CALLS);
    for ((line, expected), call) in lines.iter().zip(&expected).zip(input.lines()) {
        assert_eq!(line, expected, "{call}");
    }
}
