//! Messages that Python's protobuf library reads and writes.
//!
//! `cargo xtask test --only drpc` runs it, with an environment of Python that it makes.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use oncilla::Writer;
use oncilla_protobuf::{Library, Micropb, Prost};
use oncilla_protobuf_tests::shapes_device::acme::shapes::v1 as device;
use oncilla_protobuf_tests::shapes_host::acme::shapes::v1 as host;
use protox::prost::Message;

/// The variable with the Python interpreter that has protobuf.
const PYTHON: &str = "ONCILLA_DRPC_PYTHON";

struct Peer {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Peer {
    fn start() -> Self {
        let python = std::env::var_os(PYTHON).unwrap_or_else(|| panic!("{PYTHON} is not set; cargo xtask sets it"));
        let mut command = Command::new(python);
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peer.py"));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (to, from) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut peer = Self { child, to, from };
        // The options are in a folder of the compiler.
        let files = protox::compile(["proto/shapes.proto"], ["proto", "../../targets/protobuf-build/src"]).unwrap();
        writeln!(peer.to, "{}", hex(&files.encode_to_vec())).unwrap();
        peer
    }

    /// Returns the message that Python makes of a line.
    fn ask(&mut self, form: &str, name: &str, text: &str) -> Vec<u8> {
        writeln!(self.to, "{form} acme.shapes.v1.{name} {text}").unwrap();
        let mut line = String::new();
        self.from.read_line(&mut line).unwrap();
        let digits = line.strip_suffix('\n').unwrap_or_else(|| panic!("Python ended at {name} {text}"));
        let pairs = digits.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
        pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn encoded<L: Library<M>, M>(message: &M) -> Vec<u8> {
    let mut room = vec![0; L::size(message)];
    L::encode(message, &mut Writer::new(&mut room)).unwrap();
    room
}

/// Sends what both libraries write of a message, and compares what they read of Python's.
fn pass<D, H>(peer: &mut Peer, name: &str, json: &str, message: &H)
where
    Micropb: Library<D>,
    Prost: Library<H>,
    H: PartialEq + std::fmt::Debug,
{
    let made = peer.ask("json", name, json);
    assert_eq!(&<Prost as Library<H>>::decode(&made).unwrap(), message, "prost reads {name}");
    let device = encoded::<Micropb, D>(&<Micropb as Library<D>>::decode(&made).unwrap());
    assert_eq!(&<Prost as Library<H>>::decode(&device).unwrap(), message, "micropb reads {name}");
    for bytes in [encoded::<Prost, H>(message), device] {
        assert_eq!(peer.ask("bytes", name, &hex(&bytes)), made, "Python reads {name}");
    }
}

#[test]
fn python_reads_and_writes_the_same_messages() {
    let mut peer = Peer::start();
    let numbers = host::Numbers {
        a: i32::MIN,
        b: i64::MIN,
        c: u32::MAX,
        d: u64::MAX,
        e: -1,
        f: 1 << 40,
        g: true,
        h: 7,
        i: 1 << 63,
        j: -7,
        k: i64::MIN,
        l: -1.5,
        m: 1e300,
    };
    let json = r#"{"a": -2147483648, "b": "-9223372036854775808", "c": 4294967295, "d": "18446744073709551615", "e": -1,
        "f": "1099511627776", "g": true, "h": 7, "i": "9223372036854775808", "j": -7, "k": "-9223372036854775808",
        "l": -1.5, "m": 1e300}"#;
    pass::<device::Numbers, _>(&mut peer, "Numbers", &json.replace('\n', " "), &numbers);
    pass::<device::Numbers, _>(&mut peer, "Numbers", "{}", &host::Numbers::default());

    let inner = host::outer::Inner { kind: 1, value: Some(0) };
    let lists = host::Lists {
        numbers: vec![0, -1, 300],
        names: vec![String::new(), "ä".into()],
        unpacked: vec![1, 0],
        counts: [("a".to_owned(), 0), (String::new(), 5)].into(),
        inner: vec![inner, host::outer::Inner::default()],
    };
    let json = r#"{"numbers": [0, -1, 300], "names": ["", "ä"], "unpacked": [1, 0], "counts": {"a": 0, "": 5},
        "inner": [{"kind": "KIND_SOME", "value": 0}, {}]}"#;
    pass::<device::Lists, _>(&mut peer, "Lists", &json.replace('\n', " "), &lists);

    for (json, choice) in [
        (r#"{"inner": {"kind": "KIND_SOME", "value": 0}, "number": 0}"#, host::outer::Choice::Number(0)),
        (r#"{"inner": {"kind": "KIND_SOME", "value": 0}, "text": ""}"#, host::outer::Choice::Text(String::new())),
        (
            r#"{"inner": {"kind": "KIND_SOME", "value": 0}, "message": {}}"#,
            host::outer::Choice::Message(Default::default()),
        ),
    ] {
        pass::<device::Outer, _>(&mut peer, "Outer", json, &host::Outer { inner: Some(inner), choice: Some(choice) });
    }
}
