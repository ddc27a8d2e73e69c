//! Payloads in postcard: generated types and this crate accept the same bytes, and encode the same.

use oncilla::{Codec, Direct, Postcard, Table, table, xdr};
use oncilla_dynamic::{CallError, Interface, Payload};
use oncilla_generated::{cases, dialect, heap, owned, recursive};
use oncilla_suite as suite;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::sample::{Random, sample};
use crate::types::{echo, file};

/// The number of right values for each type, and of damaged encodings of each.
const SAMPLES: usize = 30;
const DAMAGED: usize = 30;

fn encode(value: &impl Serialize) -> Vec<u8> {
    let mut room = vec![0; 400_000];
    let used = Postcard::encode(value, &mut room).unwrap();
    room.truncate(used);
    room
}

/// Encodes a message of XDR as postcard, by the generated type.
fn packed<'b, T: Deserialize<'b> + Serialize>(message: &'b [u8]) -> Option<Vec<u8>> {
    xdr::decode::<T>(message).ok().map(|value| encode(&value))
}

/// Decodes postcard and encodes it again, by the generated type.
fn recoded<'b, T: Deserialize<'b> + Serialize>(mut bytes: &'b [u8]) -> Option<Vec<u8>> {
    let value = Postcard::decode::<T>(&mut bytes).ok()?;
    bytes.is_empty().then(|| encode(&value))
}

struct Both {
    xdr: Interface,
    postcard: Interface,
}

impl Both {
    fn of(path: &str) -> Self {
        Self { xdr: file(path), postcard: file(path).payload(Payload::Postcard) }
    }

    /// Compares a type with the one that is generated.
    fn agree(&self, name: &str, pack: impl Fn(&[u8]) -> Option<Vec<u8>>, recode: impl Fn(&[u8]) -> Option<Vec<u8>>) {
        let (of_xdr, type_) = (self.xdr.type_(name).unwrap(), self.postcard.type_(name).unwrap());
        let (mut random, mut found, mut refused) = (Random(13), 0, 0);
        for _ in 0..SAMPLES {
            let Some((message, value)) = sample(&mut random, |bytes| of_xdr.decode(bytes)) else { continue };
            // The generated type may have bounds that the file does not state.
            let Some(right) = pack(&message) else { continue };
            assert_eq!(type_.encode(&value).as_ref(), Ok(&right), "{name}: {value}");
            assert_eq!(type_.decode(&right).as_ref(), Ok(&value), "{name}: {right:02x?}");
            found += 1;
            for _ in 0..DAMAGED {
                let mut bytes = right.clone();
                match random.below(5) {
                    0 => bytes.truncate(random.below(bytes.len() as u64 + 1) as usize),
                    1 => bytes.push(0),
                    2 => bytes.insert(random.below(bytes.len() as u64 + 1) as usize, 0x80),
                    _ if bytes.is_empty() => {}
                    _ => {
                        let place = random.below(bytes.len() as u64) as usize;
                        bytes[place] ^= 1 << random.below(8);
                    }
                }
                let value = type_.decode(&bytes);
                refused += usize::from(value.is_err());
                let again = value.as_ref().ok().map(|value| type_.encode(value).unwrap());
                assert_eq!(again, recode(&bytes), "{name}: {value:?} of {bytes:02x?}");
            }
        }
        assert!(found > SAMPLES / 4 && refused > 0, "{name}: {found} values, {refused} damaged ones refused");
    }
}

macro_rules! agree {
    ($both:expr, $($name:literal: $type:ty),* $(,)?) => {
        $($both.agree($name, |message| packed::<$type>(message), |bytes| recoded::<$type>(bytes));)*
    };
}

#[test]
fn the_types_of_the_suite() {
    let both = Both::of("tests/suite/suite.x");
    agree!(both, "notes": suite::Notes, "data": suite::Data<'_>, "name": suite::Name<'_>);
    agree!(both, "integers": suite::Integers, "reals": suite::Reals, "packed": suite::Packed, "octets": suite::Octets);
    agree!(both, "triple": suite::Triple, "wides": suite::Wides, "maybe": suite::Maybe, "shape": suite::Shape);
    agree!(both, "record": suite::Record<'_>, "errands": suite::Errands);
}

#[test]
fn every_construct() {
    let both = Both::of("tests/interop/constructs.x");
    agree!(both, "numbers": owned::Numbers, "arrays": owned::Arrays, "shape": owned::Shape, "maybe": owned::Maybe);
    agree!(both, "unions": owned::Unions, "word": owned::Word);
    let both = Both::of("tests/generated/dialect.x");
    agree!(both, "address": dialect::Address, "spelt": dialect::Spelt, "both": dialect::Both);
    agree!(both, "counted": dialect::Counted);
}

#[test]
fn numbers_of_few_bits_and_unions_on_each_type() {
    let both = Both::of("targets/rpcgen/tests/accepted/chars.x");
    agree!(both, "chars": cases::chars::Chars);
    let both = Both::of("targets/rpcgen/tests/accepted/discriminants.x");
    agree!(both, "by_hyper": cases::discriminants::ByHyper, "by_big": cases::discriminants::ByBig);
    agree!(both, "by_unsigned": cases::discriminants::ByUnsigned, "by_bool": cases::discriminants::ByBool);
    agree!(both, "by_both": cases::discriminants::ByBoth, "by_kind": cases::discriminants::ByKind);
}

#[test]
fn recursive_types_on_the_heap_and_in_trees() {
    let both = Both::of("tests/generated/recursive.x");
    agree!(both, "node": heap::recursive::NodeTree, "item": heap::recursive::ItemTree);
    agree!(both, "expression": heap::recursive::ExpressionTree, "folder": heap::recursive::FolderTree);
    agree!(both, "place_ptr": heap::recursive::PlacePtr, "holder": heap::recursive::Holder);
    agree!(both, "node": recursive::NodeTree, "expression": recursive::ExpressionTree);
    agree!(both, "folder": recursive::FolderTree);
}

oncilla::program! {
    mod motor = 0x2000_0062, version 1, payload Postcard {
        fn turn(degrees: i32, name: &str [..16]) -> [u64; 3] = 1;
    }
}

struct Motor;

impl motor::Service for Motor {
    fn turn(&mut self, degrees: i32, name: &str) -> [u64; 3] {
        [degrees.unsigned_abs().into(), name.len() as u64, u64::MAX]
    }
}

#[test]
fn a_server_in_rust_is_called() {
    static TABLE: Table<Motor> = table![motor::program()];
    let text = "typedef unsigned hyper log[3];
                program MOTOR { version MOTOR_1 { log MOTOR_TURN(int degrees, string name<16>) = 1; } = 1; } = 0x20000062;";
    let interface = Interface::parse(text).unwrap();
    let mut motor = Motor;
    let mut device = Direct::<_, 256>::new(&TABLE, &mut motor);
    let arguments = json!({"degrees": -90, "name": "left"});
    let error = interface.call(&mut device, "turn", &arguments).unwrap_err();
    assert!(matches!(error, CallError::Call(_) | CallError::Results(_)), "{error}");
    let log = interface.payload(Payload::Postcard).call(&mut device, "turn", &arguments).unwrap();
    assert_eq!(log, json!([90, 4, u64::MAX]));
}

#[test]
fn errors_have_the_place_in_the_message() {
    let interface = echo("struct a { int one; string two<3>; bool three; };", "a").payload(Payload::Postcard);
    let procedure = interface.procedure("echo").unwrap();
    let value = json!({"one": -1, "two": "abc", "three": true});
    assert_eq!(procedure.encode_results(&value).unwrap(), [1, 3, b'a', b'b', b'c', 1]);
    let error = |bytes: &[u8]| procedure.decode_results(bytes).unwrap_err().to_string();
    assert_eq!(error(&[1, 4]), "`two`: expected at most 3 bytes, found 4 at byte 1");
    assert_eq!(error(&[1, 0, 7]), "`three`: expected a bool, 0 or 1, found 7 at byte 2");
    assert_eq!(error(&[0x80]), "`one`: expected int in postcard, found the bytes end inside a value at byte 0");
    assert_eq!(error(&[1, 2, b'a']), "`two`: expected a length of at most the 1 bytes that follow, found 2 at byte 1");
}
