//! The interfaces of the tests.

use std::path::Path;

use oncilla_dynamic::Interface;

/// Parses a file of the repository.
pub fn file(path: &str) -> Interface {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    Interface::parse_file(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// An interface with one procedure, `p.echo`, that takes and returns a type.
pub fn echo(definitions: &str, type_: &str) -> Interface {
    let program = format!("program P {{ version V {{ {type_} P_ECHO({type_} value) = 1; }} = 1; }} = 0x20000042;");
    Interface::parse(&format!("{definitions}\n{program}")).unwrap_or_else(|error| panic!("{error}"))
}
