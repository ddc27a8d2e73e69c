//! What is generated of files, and what is refused with its place.

use std::fs;
use std::path::{Path, PathBuf};

use oncilla_protobuf_build::{Error, Messages, Options};

/// The files of a folder, sorted.
fn files(folder: &str) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "proto"));
    files.sort();
    assert!(files.len() > 1, "{folder} has no files");
    files
}

fn name(path: &Path) -> String {
    path.file_stem().unwrap().to_string_lossy().into_owned()
}

/// The services in generated Rust. What the libraries generate is theirs.
fn services(rust: &str) -> String {
    let mut services = String::new();
    let mut end = None;
    for line in rust.lines() {
        if let Some(indent) = line.strip_suffix("::oncilla_protobuf::service! {") {
            end = Some(format!("{indent}}}"));
        }
        let inside = end.is_some();
        end = end.filter(|end| line != end);
        if inside {
            services += line;
            services.push('\n');
        }
    }
    services
}

#[test]
fn services_are_the_known_ones() {
    for path in files("tests/accepted") {
        for messages in [Messages::Micropb, Messages::Prost] {
            let rust = Options::new(messages).generate(&path).unwrap();
            assert!(!rust.contains("__oncilla_service"), "a service is missing in {}", path.display());
            insta::assert_snapshot!(format!("{}_{messages:?}", name(&path)).to_lowercase(), services(&rust));
        }
    }
}

#[test]
fn errors_are_the_known_ones() {
    for path in files("tests/refused") {
        let Err(Error::Wrong(report)) = Options::new(Messages::Micropb).generate(&path) else {
            panic!("{} is accepted, or has an error without a place", path.display())
        };
        insta::assert_snapshot!(name(&path), report.to_string());
    }
}

/// Messages on the heap need no bounds and may contain themselves.
#[test]
fn bounds_are_for_fixed_sizes_only() {
    for name in ["no_bounds", "contains_itself"] {
        Options::new(Messages::Prost).generate(format!("tests/refused/{name}.proto")).unwrap();
    }
}

#[test]
fn a_file_that_is_not_found_is_an_error() {
    let error = Options::new(Messages::Micropb).generate("tests/nowhere.proto").unwrap_err();
    assert!(error.to_string().contains("nowhere.proto"), "{error}");
    assert_eq!(format!("{error:?}"), error.to_string());
}

#[test]
fn the_build_script_states_what_the_file_does_not() {
    let options = Options::new(Messages::Micropb).program("Sensor", 5).version("Sensor", 6);
    let rust = options.procedure("Sensor.Read", 8).generate("tests/refused/no_program.proto").unwrap();
    let service = services(&rust);
    assert!(service.contains("pub mod sensor = 0x00000005, version 6, messages Micropb {"), "{service}");
    assert!(service.contains("fn read(Empty) -> Empty = 8;"), "{service}");

    let mut options = Options::new(Messages::Micropb);
    for field in ["name", "data", "names", "named", "Inner.text"] {
        options = options.max_bytes(&format!("Unbounded.{field}"), 77);
    }
    for field in ["names", "numbers", "counts"] {
        options = options.max_len(&format!("Unbounded.{field}"), 16);
    }
    let rust = options.generate("tests/refused/no_bounds.proto").unwrap();
    assert!(rust.contains("heapless::Vec<i32, 16>") && rust.contains("heapless::String<77>"), "{rust}");
}

/// A carriage return ends no comment in Rust, and a mark of direction makes the compiler refuse it.
#[test]
fn comments_are_shown_and_not_obeyed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("comments.proto");
    let text = "// Left\rright \u{202e}back.\nservice Empty {}\nmessage Nothing {}\n";
    fs::write(&path, format!("syntax = \"proto3\";\n{text}")).unwrap();
    let rust = Options::new(Messages::Prost).program("Empty", 1).generate(&path).unwrap();
    assert!(rust.contains("/// Left\\\\rright \\\\u{202e}back."), "{rust}");
    assert!(!rust.contains(['\r', '\u{202e}']), "{rust}");
}

#[test]
fn options_name_what_exists() {
    let named = [
        (Options::new(Messages::Prost).program("Nobody", 1), "the service Nobody"),
        (Options::new(Messages::Prost).version("Nobody", 1), "the service Nobody"),
        (Options::new(Messages::Prost).procedure("Plain.Nothing", 1), "the procedure Plain.Nothing"),
        (Options::new(Messages::Prost).max_bytes("Message.nothing", 1), "the field Message.nothing"),
        (Options::new(Messages::Prost).max_len("Nothing.bits", 1), "the field Nothing.bits"),
    ];
    for (options, what) in named {
        let error = options.generate("tests/accepted/no_package.proto").unwrap_err().to_string();
        assert!(error.contains(what), "{error}");
    }
}
