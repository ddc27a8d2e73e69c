//! Hostile messages and interfaces take neither time nor memory nor stack without a limit.

use oncilla_dynamic::{Interface, Limits};
use serde_json::json;

use crate::types::echo;

fn refused(interface: &Interface, bytes: &[u8]) -> String {
    interface.procedure("echo").unwrap().decode_results(bytes).unwrap_err().to_string()
}

#[test]
fn a_length_beyond_the_message_is_refused_before_memory_is_taken() {
    let long = [0xff; 4];
    for type_ in ["opaque", "string", "int", "empty"] {
        let interface = echo(&format!("struct empty {{ opaque none[0]; }}; typedef {type_} list<>;"), "list");
        let error = refused(&interface, &long);
        assert!(error.contains("a length of at most the 0 bytes that follow, found 4294967295"), "{error}");
    }
}

#[test]
fn values_without_bytes_end_at_the_limit_of_memory() {
    let types = "struct empty { opaque none[0]; }; typedef empty row[4294967295]; typedef row table[4294967295];";
    let error = refused(&echo(types, "table"), &[]);
    assert!(error.contains("a value that takes at most 16777216 bytes of memory"), "{error}");
}

#[test]
fn long_names_count() {
    let name = "n".repeat(200);
    let interface = echo(&format!("struct a {{ int {name}; }}; typedef a list<>;"), "list");
    let message = |length: u32| [length.to_be_bytes().to_vec(), vec![0; 4 * length as usize]].concat();
    assert!(interface.procedure("echo").unwrap().decode_results(&message(1000)).is_ok());
    let error = refused(&interface.clone().limits(Limits { memory: 100_000, ..Limits::default() }), &message(1000));
    assert!(error.contains("at most 100000 bytes of memory"), "{error}");
    assert!(refused(&interface, &message(100_000)).contains("at most 16777216 bytes of memory"));
}

#[test]
fn depth_is_limited_on_a_small_stack() {
    let interface = echo("struct tree { int key; tree *left; tree *right; };", "tree");
    let run = move || {
        let deep: Vec<u8> = [0u32, 1].into_iter().cycle().take(1_000_000).flat_map(u32::to_be_bytes).collect();
        let error = refused(&interface, &deep);
        assert!(error.contains("at most 100 levels of nested values"), "{error}");
        let mut value = json!({"key": 0});
        for _ in 0..60 {
            value = json!({"key": 0, "left": value});
        }
        let error = interface.procedure("echo").unwrap().encode_results(&value).unwrap_err().to_string();
        assert!(error.contains("at most 100 levels of nested values"), "{error}");
    };
    std::thread::Builder::new().stack_size(512 << 10).spawn(run).unwrap().join().unwrap();
}

#[test]
fn hostile_interfaces_are_refused_or_read_in_time() {
    // Too large, types that contain themselves, a chain of names that is as long as the text, and a bound of a bound.
    assert!(Interface::parse(&" ".repeat(2 << 20)).is_err());
    assert!(Interface::parse("struct a { b c; }; struct b { a c; };").is_err());
    assert!(Interface::parse("typedef a a;").is_err());
    assert!(Interface::parse("typedef b a; typedef a b;").is_err());
    assert!(Interface::parse("const A = B; const B = A; typedef int a[A];").is_err());
    assert!(Interface::parse("typedef opaque a[4294967296];").is_err());
    assert!(Interface::parse("#include \"/etc/passwd\"").is_err());
    // A chain of names: one that is short enough, and one that is as long as a text may be.
    let chained = |length: usize| {
        let chain: String = (0..length).map(|number| format!("typedef a{} a{number};\n", number + 1)).collect();
        let program = "program P { version V { a0 P_ECHO(a0) = 1; } = 1; } = 0x20000042;";
        Interface::parse(&format!("{chain} typedef int a{length}; {program}"))
    };
    let interface = chained(500).unwrap();
    assert_eq!(interface.procedure("echo").unwrap().decode_results(&[0, 0, 0, 7]), Ok(json!(7)));
    assert!(chained(15_000).is_err());
}

#[test]
fn deep_types_of_an_interface_need_no_stack() {
    let deep = format!("struct a {{ {} int x; {} }};", "struct {".repeat(200), "} y; ".repeat(200));
    let run = move || drop(Interface::parse(&deep));
    std::thread::Builder::new().stack_size(512 << 10).spawn(run).unwrap().join().unwrap();
}

#[test]
fn any_bytes_are_refused_or_come_back() {
    let interface = crate::types::file("tests/generated/recursive.x");
    let mut random = crate::sample::Random(3);
    for _ in 0..2000 {
        let length = random.below(100) as usize;
        let bytes: Vec<u8> = (0..length).map(|_| [0, 0, 0, 1, 7][random.below(5) as usize]).collect();
        for procedure in interface.procedures() {
            if let Ok(value) = procedure.decode_results(&bytes) {
                assert_eq!(procedure.encode_results(&value), Ok(bytes.clone()));
            }
        }
    }
}

#[test]
fn comments_of_files_are_harmless() {
    let path = std::env::temp_dir().join(format!("oncilla-comments-{}.x", std::process::id()));
    std::fs::write(&path, "/* \u{1b}]0;title\u{7} */ struct a { int b; /* \u{9b}1m */ };").unwrap();
    let interface = Interface::parse_file(&path);
    std::fs::remove_file(&path).unwrap();
    let interface = interface.unwrap();
    let type_ = interface.type_("a").unwrap();
    let oncilla_dynamic::Shape::Struct(fields) = type_.shape() else { panic!() };
    for documentation in [type_.documentation(), fields[0].documentation] {
        assert!(!documentation.is_empty() && !documentation.chars().any(char::is_control), "{documentation:?}");
    }
}

#[test]
fn an_interface_of_a_megabyte_is_read_with_all_its_types() {
    // A union with many cases and one comment, a struct with many fields, an enum with many members.
    let cases: String = (0..20_000).map(|number| format!("case {number}: ")).collect();
    let fields: String = (0..10_000).map(|number| format!("int f{number};")).collect();
    let members: String = (0..10_000).map(|number| format!("M{number},")).collect();
    let text = format!(
        "union u switch (int n) {{ /* {} */ {cases} int x; }}; struct s {{ {fields} }}; enum e {{ {members} LAST }};
         program P {{ version V {{ s P_ECHO(s) = 1; }} = 1; }} = 0x20000042;",
        "comment ".repeat(10_000)
    );
    let interface = Interface::parse(&text).unwrap();
    let procedure = interface.procedure("echo").unwrap();
    let template = procedure.template().unwrap();
    let bytes = procedure.encode_arguments(&template).unwrap();
    assert_eq!(bytes.len() as u64, procedure.arguments_size().min);
    assert_eq!(procedure.decode_arguments(&bytes).unwrap(), template);
    // Fields in another order, and most of them missing: one error, in time.
    assert!(procedure.encode_arguments(&json!({"arg1": {"f9999": 1}})).is_err());
    for type_ in interface.types() {
        assert!(type_.json_schema().to_string().len() < 4 << 20);
        assert!(!interface.guess(&type_.encode(&type_.template().unwrap()).unwrap()).is_empty());
    }
    let deep = procedure.arguments_from_words(&vec!["f1=1"; 1000]);
    assert!(deep.is_err());
}
