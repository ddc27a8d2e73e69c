//! Devices with malicious descriptions of themselves.

use std::net::SocketAddr;
use std::thread;

use oncilla::message::Call;
use oncilla::{Handled, Handler, Needs, ProcedureId};
use oncilla_host::{Server, Stopper};

use crate::support::run;

/// The program of self-description.
const DESCRIPTION: u32 = 0x3fff_de5c;
/// The largest piece of a description.
const PIECE: usize = 1024;

/// Reports any sizes, and sends any text.
#[derive(Clone)]
struct Description {
    /// The size, the packed size, and the packing: 0 plain, 1 zlib.
    info: [u32; 3],
    packed: Vec<u8>,
}

impl Description {
    fn plain(text: &str) -> Self {
        let size = u32::try_from(text.len()).unwrap();
        Self { info: [size, size, 0], packed: text.into() }
    }
}

impl Handler for Description {
    fn reply_max(&self) -> usize {
        PIECE + 128
    }
    fn needs(&self, _: ProcedureId) -> Needs {
        Needs { results_max: PIECE + 8, idempotent: true }
    }
    fn handle(&mut self, call: &Call<'_>, results: &mut [u8]) -> Handled {
        let id = call.id();
        let reply = match (id.program, id.procedure) {
            (DESCRIPTION, 1) => self.info.iter().flat_map(|word| word.to_be_bytes()).collect(),
            (DESCRIPTION, 2) => {
                let offset = call.arguments().first_chunk().map_or(0, |word| u32::from_be_bytes(*word)) as usize;
                let rest = self.packed.get(offset..).unwrap_or_default();
                let piece = &rest[..rest.len().min(PIECE)];
                let mut reply = u32::try_from(piece.len()).unwrap().to_be_bytes().to_vec();
                reply.extend(piece);
                reply.resize(reply.len().next_multiple_of(4), 0);
                reply
            }
            _ => Vec::new(),
        };
        results[..reply.len()].copy_from_slice(&reply);
        Handled::Results(reply.len())
    }
}

/// A device on TCP. It stops when it is dropped.
struct Device(SocketAddr, Stopper, Option<thread::JoinHandle<()>>);

impl Device {
    fn start(description: Description) -> Self {
        let mut server = Server::new().unwrap().tcp("127.0.0.1:0").unwrap();
        let (address, stopper) = (server.tcp_addresses()[0], server.stopper());
        let serving = thread::spawn(move || server.serve_by(1, description).unwrap());
        Self(address, stopper, Some(serving))
    }

    fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let target = format!("tcp://{}", self.0);
        run(["-t", &target].iter().chain(arguments).copied())
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        self.1.stop();
        let served = self.2.take().unwrap().join();
        assert!(served.is_ok() || thread::panicking());
    }
}

/// Describes a device, which must be refused. Returns the error.
fn refused(description: Description, arguments: &[&str]) -> String {
    let (code, out, err) = Device::start(description).run(arguments);
    assert!(code == 1 || code == 2, "{code}: {err}");
    assert_eq!(out, "");
    assert!(!err.contains("panicked") && err.len() < 20_000, "{err}");
    err
}

#[test]
fn wrong_sizes_are_refused() {
    let text = "const A = 1;";
    let with = |info: [u32; 3]| Description { info, ..Description::plain(text) };
    let error = refused(with([100_000_000, 12, 1]), &["describe"]);
    assert!(error.contains("a description of 100000000 bytes; at most 1048576 are read"), "{error}");
    for info in [[12, 100, 0], [100, 12, 0], [12, 12, 1], [12, 12, 7], [u32::MAX; 3]] {
        refused(with(info), &["describe"]);
    }
}

#[test]
fn a_zlib_bomb_is_limited_to_its_stated_size() {
    // A gigabyte of zeros begins like this; the rest is repeated.
    let zeros =
        [&[0x78, 0x9c, 0xec, 0xc1, 0x01, 0x01, 0, 0, 0, 0x80, 0x90, 0xfe, 0xaf, 0xee, 0x08, 0x0a][..], &[0; 4000]]
            .concat();
    let packed_size = u32::try_from(zeros.len()).unwrap();
    refused(Description { info: [1 << 20, packed_size, 1], packed: zeros }, &["describe"]);
}

#[test]
fn the_sizes_in_a_text_are_limited() {
    for text in [
        "const A = B; const B = A;",
        "typedef a b; typedef b a;",
        "struct a { a whole; };",
        "struct a { b part; }; struct b { a whole; };",
        "#include \"/etc/passwd\"\n",
        "#define A B B B B B B B B\n#define B C C C C C C C C\n#define C D D D D D D D D\n#define D E E E E E E E E\n\
         #define E F F F F F F F F\n#define F A A A A A A A A\nconst X = A;",
        &"struct a {".repeat(10_000),
        &"(".repeat(100_000),
        &"const A = 1;".repeat(50_000),
    ] {
        refused(Description::plain(text), &["describe"]);
        refused(Description::plain(text), &["call", "a.b"]);
    }
    // A type of 2^60 numbers has a description, and no value.
    let mut doubled = "typedef int a0[2];".to_owned();
    (1..60).for_each(|level| doubled.push_str(&format!("typedef a{} a{level}[2];", level - 1)));
    doubled.push_str("program P { version V { void SET(a59 all) = 1; } = 1; } = 1;");
    let device = Device::start(Description::plain(&doubled));
    let (code, table, _) = device.run(&["describe", "--table"]);
    assert_eq!(code, 0);
    assert!(table.contains("4611686018427387904"), "{table}");
    for arguments in [["call", "p.set", "--template"], ["call", "p.set", "[]"], ["encode", "a59", "[]"]] {
        let (code, out, err) = device.run(&arguments);
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}: {err}");
    }
    // Thousands of types are shown, each in its line.
    let many: String = (0..5_000).map(|number| format!("/* {number} */\ntypedef int type_{number}<4>;\n")).collect();
    let device = Device::start(Description::plain(&many));
    assert_eq!(device.run(&["describe", "--types"]).1.lines().count(), 5_001);
    assert!(device.run(&["describe", "type_4999"]).1.contains("typedef int type_4999<4>;"));
}

#[test]
fn control_characters_do_not_reach_a_terminal() {
    let text = "/* \u{1b}[2J\u{1b}]0;owned\u{7} \u{202e}reversed */\nprogram P { version V {\n/* \u{1b}[2J \u{9b}2J */\n\
                int READ(int a) = 1; } = 1; } = 0x20000042;\n/* \u{1b}[31m */ struct s { int x; /* \u{1b}c */ };";
    let device = Device::start(Description::plain(text));
    for arguments in [
        &["describe"][..],
        &["describe", "--table"],
        &["describe", "--types"],
        &["describe", "p.read"],
        &["describe", "s"],
        &["--json", "describe"],
        &["--color", "always", "describe", "--table"],
        &["call", "p.raed"],
        &["call", "p.read", "x"],
        &["-vv", "call", "p.read", "0"],
    ] {
        let (_, out, err) = device.run(arguments);
        let shown = [&*out, &*err].concat();
        for harm in ["\u{1b}[2J", "\u{1b}]", "\u{1b}c", "\u{1b}[31m", "\u{7}", "\u{9b}", "\u{202e}"] {
            assert!(!shown.contains(harm), "{arguments:?}: {harm:?} in {shown:?}");
        }
    }
    refused(Description::plain("const \u{1b}[2J = 1;"), &["describe"]);
    let error = refused(Description::plain("const A = \u{1b}[2J;"), &["describe"]);
    assert!(!error.contains('\u{1b}'), "{error:?}");
}
