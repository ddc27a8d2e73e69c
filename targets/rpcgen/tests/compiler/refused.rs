//! What is said of files that break the rules.

use oncilla_rpcgen::{Error, Options, Severity};

use crate::files;

#[test]
fn errors_are_the_known_ones() {
    for path in files::of("tests/refused") {
        let Err(Error::Wrong(report)) = Options::new().generate(&path) else {
            panic!("{} is accepted", path.display())
        };
        assert!(report.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error));
        insta::assert_snapshot!(files::stem(&path), report.to_string());
    }
}

#[test]
fn an_error_is_shown_as_it_is_by_debug_too() {
    let error = Options::new().generate("tests/refused/quadruple.x").unwrap_err();
    assert_eq!(format!("{error:?}"), error.to_string());
    let missing = Options::new().generate("tests/nowhere.x").unwrap_err();
    assert!(missing.to_string().starts_with("cannot read tests/nowhere.x: "), "{missing}");
    let folder = Options::new().generate("tests").unwrap_err();
    assert!(matches!(folder, Error::Read(..)), "{folder}");
}

#[test]
fn places_are_lines_and_columns() {
    let Err(Error::Wrong(report)) = Options::new().generate_text("a.x", "const A = 1;\n/* ü */ const 1;") else {
        panic!("accepted")
    };
    let error = report.errors().next().unwrap();
    let (path, line, column) = report.sources.line_and_column(error.place);
    assert_eq!((path.to_str(), line, column), (Some("a.x"), 2, 15));
    assert_eq!(report.sources.text(error.place), "1");
}

#[test]
fn a_type_of_the_file_is_not_defined_in_rust_too() {
    let options = Options::new().external("point", "crate::Point").external("other", "crate::Other");
    for text in ["struct point { int x; };", "typedef int point;", "enum point { A = 1 };"] {
        let Err(Error::Wrong(report)) = options.generate_text("a.x", format!("const B = 1;\n{text}")) else {
            panic!("accepted: {text}")
        };
        let shown = report.to_string();
        assert!(shown.contains("`point` is defined here and by `--extern`"), "{shown}");
        assert_eq!(report.errors().map(|error| report.sources.line_and_column(error.place).1).collect::<Vec<_>>(), [2]);
    }
    // It defines nothing.
    let other = Options::new().external("other", "crate::Other");
    other.generate_text("a.x", "typedef struct other other; struct s { other o; };").unwrap();
    let unused = other.generate_text("a.x", "struct s { int o; };").unwrap_err().to_string();
    assert_eq!(unused, "a Rust type is set for other, but the file uses no type of this name");
}
