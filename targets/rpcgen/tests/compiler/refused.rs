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
