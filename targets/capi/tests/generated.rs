//! C that oncilla-rpcgen generates, beside C that rpcgen generates of the same file: byte for byte, and calls both ways.

#[path = "../../../tests/support/c_server.rs"]
mod c_server;
#[path = "../../../tests/support/libtirpc.rs"]
mod libtirpc;
mod random;
#[allow(dead_code, reason = "the other tests use the rest")]
mod support;

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Once;
use std::{fs, thread};

use c_server::CServer;
use oncilla_rpcgen::{Data, Interface, Options, Preprocessor, check, parse_file};
use random::Random;
use support::{WAYS, Way, command, compile_in, run};

/// The most bytes of `opaque endless<>`, and the nodes of a list.
const BYTES: u32 = 64;
const NODES: u32 = 40;

/// The types that `recode.h` names, in its order.
const TYPES: [&str; 15] = [
    "numbers",
    "octets",
    "arrays",
    "shape",
    "maybe",
    "list",
    "unions",
    "mixed",
    "word",
    "piece",
    "by_number",
    "by_natural",
    "by_color",
    "by_truth",
    "color",
];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn interop() -> PathBuf {
    repository().join("tests/interop")
}

/// The folder with the C of oncilla-rpcgen, generated before it is needed for the first time.
fn generated(data: Data) -> PathBuf {
    static GENERATED: [Once; 2] = [const { Once::new() }; 2];
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("generated-{data:?}"));
    GENERATED[usize::from(data == Data::Borrowed)].call_once(|| {
        fs::create_dir_all(&folder).unwrap();
        let options = Options::new().unbounded_bytes(BYTES).list_nodes(NODES).oneway("NOTE").data(data);
        let output = options.generate_c(interop().join("constructs.x"), "constructs").unwrap();
        fs::write(folder.join("constructs.h"), output.header).unwrap();
        fs::write(folder.join("constructs.c"), output.codec).unwrap();
        fs::write(folder.join("constructs_client.c"), output.client.unwrap()).unwrap();
        fs::write(folder.join("constructs_server.c"), output.server.unwrap()).unwrap();
    });
    folder
}

/// A program of generated C, of the sources in `generated` and these of this crate.
fn ours(name: &str, parts: &[&str], more: &[&str], data: Data, way: Way) -> PathBuf {
    let folder = generated(data);
    let parts = parts.iter().map(|part| folder.join(part).to_str().unwrap().to_owned());
    let sources: Vec<_> = parts.chain(more.iter().map(|&source| source.to_owned())).collect();
    let sources: Vec<_> = sources.iter().map(String::as_str).collect();
    compile_in(&format!("{name}-{data:?}"), &sources, &[&folder], way)
}

/// A program of rpcgen and libtirpc.
fn of_rpcgen(name: &str) -> Command {
    static COMPILED: Once = Once::new();
    let into = Path::new(env!("CARGO_TARGET_TMPDIR")).join("of-rpcgen");
    COMPILED.call_once(|| {
        fs::create_dir_all(&into).unwrap();
        let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/generated/recode_rpcgen.c");
        let recode = [own.to_str().unwrap(), "constructs_xdr.c"];
        let server = ["c/server.c", "c/describe.c", "constructs_xdr.c", "constructs_svc.c"];
        let client = ["c/client.c", "c/samples.c", "c/describe.c", "constructs_xdr.c", "constructs_clnt.c"];
        let programs: [(&str, &[&str]); 3] = [("recode", &recode), ("server", &server), ("client", &client)];
        libtirpc::compile(&interop(), "constructs", &into, &programs);
    });
    Command::new(into.join(name))
}

/// Passes the interface of `constructs.x` to `test`.
fn with_interface<R>(test: impl FnOnce(&Interface<'_>) -> R) -> R {
    let parsed = parse_file(interop().join("constructs.x"), &Preprocessor::default()).unwrap();
    let mut diagnostics = Vec::new();
    test(&check(&parsed.tree, [], &mut diagnostics))
}

/// Has a program decode and encode values. Returns the encoding of each, or `None` for one that it refused.
fn recode(mut program: Command, values: &[(u32, Vec<u8>)]) -> Vec<Option<Vec<u8>>> {
    let mut child = program.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut into, mut from) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let answers = thread::scope(|scope| {
        scope.spawn(move || {
            for (type_, value) in values {
                into.write_all(&type_.to_ne_bytes()).unwrap();
                into.write_all(&(value.len() as u32).to_ne_bytes()).unwrap();
                into.write_all(value).unwrap();
            }
        });
        let mut answers = Vec::new();
        for _ in values {
            let mut head = [0; 8];
            if from.read_exact(&mut head).is_err() {
                break;
            }
            let [accepted @ .., _, _, _, _] = head;
            let length = u32::from_ne_bytes(head[4..].try_into().unwrap());
            let mut bytes = vec![0; length as usize];
            from.read_exact(&mut bytes).unwrap();
            answers.push((u32::from_ne_bytes(accepted) == 1).then_some(bytes));
        }
        answers
    });
    let status = child.wait().unwrap();
    assert!(status.success(), "{program:?}: {status}");
    assert_eq!(answers.len(), values.len(), "{program:?} ended early");
    answers
}

/// Random values of every type.
fn values(random: &mut Random, interface: &Interface<'_>, each: usize) -> Vec<(u32, Vec<u8>)> {
    let types = TYPES.iter().zip(0..).flat_map(|(name, number)| std::iter::repeat_n((*name, number), each));
    types.map(|(name, number)| (number, random.value(interface, name))).collect()
}

#[test]
fn both_encode_random_values_to_the_same_bytes() {
    let values = with_interface(|interface| values(&mut Random::new(1), interface, 400));
    let of_rpcgen = recode(of_rpcgen("recode"), &values);
    for data in [Data::Owned, Data::Borrowed] {
        for way in WAYS {
            let few = if way == Way::Valgrind { 20 } else { 1 };
            let some: Vec<_> = values.iter().step_by(few).cloned().collect();
            let program = ours("recode", &["constructs.c"], &["capi/tests/generated/recode.c"], data, way);
            let ours = recode(command(&program, way), &some);
            for (((type_, value), ours), of_rpcgen) in some.iter().zip(ours).zip(of_rpcgen.iter().step_by(few)) {
                let name = TYPES[*type_ as usize];
                assert_eq!(ours.as_deref(), Some(&value[..]), "{name}, {data:?}, {way:?}");
                assert_eq!(of_rpcgen.as_deref(), Some(&value[..]), "{name} by rpcgen");
            }
        }
    }
}

/// What the generated decoder accepts of damaged values, rpcgen's accepts too, and it is the same value. The reverse does
/// not hold: libtirpc checks neither padding nor the range of small numbers.
#[test]
fn damaged_values_are_refused_or_read_as_rpcgen_reads_them() {
    let mut random = Random::new(2);
    let mut values = with_interface(|interface| values(&mut random, interface, 600));
    values.retain(|(_, value)| value.len() < 2000);
    values.iter_mut().for_each(|(_, value)| random.damage(value));
    let of_rpcgen = recode(of_rpcgen("recode"), &values);
    let mut counts = [0; 3];
    for data in [Data::Owned, Data::Borrowed] {
        let program = ours("recode", &["constructs.c"], &["capi/tests/generated/recode.c"], data, Way::Sanitized);
        let ours = recode(command(&program, Way::Sanitized), &values);
        for (((type_, value), ours), of_rpcgen) in values.iter().zip(ours).zip(&of_rpcgen) {
            let name = TYPES[*type_ as usize];
            match (&ours, of_rpcgen) {
                (Some(ours), of_rpcgen) => {
                    assert_eq!(ours, value, "{name}: accepted, and encoded otherwise");
                    assert!(of_rpcgen.is_some(), "{name}: refused by rpcgen's decoder: {value:?}");
                    // A text that is borrowed may have a zero within, at which rpcgen's ends.
                    assert!(
                        data == Data::Borrowed || of_rpcgen.as_ref() == Some(value),
                        "{name}: read otherwise: {value:?}"
                    );
                    counts[0] += 1;
                }
                (None, Some(_)) => counts[1] += 1,
                (None, None) => counts[2] += 1,
            }
        }
    }
    let [accepted, stricter, refused] = counts;
    assert!(accepted > 1000 && stricter > 100 && refused > 1000, "{counts:?}: the damage is not varied enough");
}

/// The procedures of `constructs.x` that echo, by number, with their types.
const ECHOES: [(u32, &str); 12] = [
    (2, "numbers"),
    (3, "octets"),
    (4, "arrays"),
    (5, "shape"),
    (6, "maybe"),
    (7, "list"),
    (8, "unions"),
    (9, "mixed"),
    (10, "word"),
    (11, "piece"),
    (12, "bulk"),
    (14, "word"),
];

/// A file of calls with random arguments for the generated client.
fn calls(name: &str, each: usize) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let mut file = Vec::new();
    with_interface(|interface| {
        let mut random = Random::new(3);
        for (procedure, type_) in ECHOES {
            // The words in which these are described have room for 8000 bytes.
            let each = if ["piece", "bulk"].contains(&type_) { each.min(20) } else { each };
            for _ in 0..each {
                let value = random.value(interface, type_);
                file.extend(procedure.to_ne_bytes());
                file.extend((value.len() as u32).to_ne_bytes());
                file.extend(value);
            }
        }
    });
    fs::write(&path, file).unwrap();
    path
}

const WORDS: &str = "capi/tests/generated/words.c";
const FD: &str = "capi/c/oncilla_fd.c";

#[test]
fn the_generated_client_calls_libtirpcs_server() {
    for way in WAYS {
        let each = if way == Way::Valgrind { 3 } else { 50 };
        let path = calls(&format!("calls-{way:?}"), each);
        let server = CServer::start(of_rpcgen("server"));
        let parts = ["constructs.c", "constructs_client.c"];
        let program = ours("client", &parts, &["capi/tests/generated/client.c", WORDS, FD], Data::Owned, way);
        let connection = TcpStream::connect(server.addresses[0]).unwrap();
        let descriptor = || OwnedFd::from(connection.try_clone().unwrap());
        let mut command = command(&program, way);
        command.arg(path).stdin(descriptor()).stdout(descriptor()).stderr(Stdio::piped());
        let said = String::from_utf8(run(&mut command, "valgrind").stderr).unwrap();
        let calls: usize = said.split_whitespace().next().unwrap().parse().unwrap();
        assert_eq!(calls, 10 * each + 2 * each.min(20), "{said}");
    }
}

#[test]
fn libtirpcs_client_calls_the_generated_server() {
    for way in WAYS {
        let parts = ["constructs.c", "constructs_server.c"];
        let program = ours("server", &parts, &["capi/tests/generated/server.c", WORDS, FD], Data::Owned, way);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut command = command(&program, way);
        let serving = thread::spawn(move || {
            let (connection, _) = listener.accept().unwrap();
            let descriptor = || OwnedFd::from(connection.try_clone().unwrap());
            run(command.stdin(descriptor()).stdout(descriptor()).stderr(Stdio::piped()), "valgrind")
        });
        // It compares each result, and the words in which the server describes what it has read, with what it sent.
        let output = run(of_rpcgen("client").args(["tcp", &port.to_string()]), "libtirpc3");
        let lines = String::from_utf8(output.stdout).unwrap().lines().count();
        assert_eq!(lines, 62, "one line for each sample of tests/interop");
        assert_eq!(String::from_utf8_lossy(&serving.join().unwrap().stderr), "success\n");
    }
}
