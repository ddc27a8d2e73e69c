//! Templates are encoded without an error.

use oncilla_dynamic::{Bytes, Interface, Limits, Payload};
use serde_json::json;

use crate::round_trip::FILES;
use crate::types::{echo, file};

#[test]
fn every_template_is_encoded() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../rpcgen/tests/x");
    let rfcs = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let rfcs = rfcs.filter(|path| path.extension().is_some_and(|extension| extension == "x"));
    let interfaces = rfcs.map(|path| Interface::parse_file(path).unwrap()).chain(FILES.map(file));
    let mut seen = 0;
    for interface in interfaces {
        for interface in [interface.clone().bytes(Bytes::Base64), interface.payload(Payload::Postcard)] {
            for type_ in interface.types() {
                let template = type_.template().unwrap();
                let bytes = type_.encode(&template).unwrap_or_else(|error| panic!("{type_}: {error} in {template}"));
                assert!(bytes.len() as u64 >= type_.size().min);
                assert_eq!(type_.decode(&bytes).unwrap(), template, "{type_}");
            }
            for procedure in interface.procedures() {
                let template = procedure.template().unwrap();
                assert!(procedure.encode_arguments(&template).is_ok(), "{}: {template}", procedure.short_name());
                seen += 1;
            }
        }
    }
    assert!(seen > 200, "{seen}");
}

#[test]
fn a_template_has_first_members_and_cases() {
    let types = "enum color { GOLD = 3, RED = 1 };
        union shape switch (color tint) { case RED: int radius; case GOLD: void; };
        struct node { int value; node *next; };
        typedef int *maybe; typedef maybe *twice;
        struct all { color c; shape s; node chain; node *list; maybe m; twice t; opaque id[2]; float f; int a[2]; };";
    let template = echo(types, "all").procedure("echo").unwrap().template().unwrap();
    let all = json!({
        "c": "GOLD", "s": {"RED": 0}, "chain": [{"value": 0}], "list": [], "m": null, "t": [],
        "id": "0000", "f": 0.0, "a": [0, 0],
    });
    assert_eq!(template, json!({ "value": all }));
}

#[test]
fn a_template_takes_limited_memory() {
    let types = "typedef int row[4294967295]; typedef row table[4294967295];";
    let error = echo(types, "table").procedure("echo").unwrap().template().unwrap_err().to_string();
    assert_eq!(error, "expected a template that takes at most 16777216 bytes of memory, found more");
    let error = echo("typedef opaque data[4294967295];", "data").procedure("echo").unwrap().template().unwrap_err();
    assert!(error.to_string().contains("at most 16777216 bytes"), "{error}");
    // A chain of types that contain each other, which the depth of a file does not limit.
    let chain: String = (0..500).map(|number| format!("struct a{number} {{ a{} x; a0 *y; }};\n", number + 1)).collect();
    let interface = Interface::parse(&format!("{chain} struct a500 {{ int y; }};"));
    if let Ok(interface) = interface {
        let error = interface.type_("a0").unwrap().template().unwrap_err().to_string();
        assert_eq!(error, "expected a template with at most 100 levels of nested values, found more");
    }
    let limits = Limits { depth: 2, ..Limits::default() };
    let interface = echo("struct a { int x; }; struct b { a x; };", "b").limits(limits);
    assert!(interface.procedure("echo").unwrap().template().is_err());
}
