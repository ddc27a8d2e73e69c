//! What a hostile text must not do: take for ever, end the process, or reach a terminal.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use oncilla_rpcgen::{Data, Error, Options, harmless, parse_file};

use crate::{files, shapes};

/// Against hanging. Each takes some milliseconds.
const HANG: Duration = Duration::from_secs(30);
/// A fifth of what a thread has by default, as whoever calls the compiler may be deep in its own stack.
const STACK: usize = 400 << 10;

/// Rust for a text, or the errors in it, shown.
fn compiled(options: Options, path: &str, text: &str) -> Result<String, String> {
    let (path, text, (done, result)) = (path.to_owned(), text.to_owned(), mpsc::channel());
    let compile = move || {
        let output = options.generate_text(&path, text);
        let _ = done.send(match output {
            Ok(output) => Ok(output.rust),
            Err(Error::Wrong(report)) => Err(report.to_string()),
            Err(error) => panic!("{error}"),
        });
    };
    thread::Builder::new().stack_size(STACK).spawn(compile).unwrap();
    result.recv_timeout(HANG).expect("it ends, and without a panic")
}

#[test]
fn work_is_linear_in_the_text() {
    for (name, shape) in shapes::SHAPES {
        for data in [Data::Owned, Data::Borrowed] {
            let text = shape(4_000);
            let result = compiled(Options::new().data(data), "shape.x", &text);
            let size = result.as_ref().map_or_else(String::len, String::len);
            assert!(size < 64 * text.len() + 100_000, "{name}: {} bytes become {size}", text.len());
        }
    }
}

#[test]
fn every_file_ends_in_rust_or_in_an_error() {
    for path in files::of("tests/hostile") {
        let text = std::fs::read_to_string(&path).unwrap();
        let result = compiled(Options::new(), path.to_str().unwrap(), &text);
        let shown = result.as_ref().unwrap_or_else(|errors| errors);
        assert_eq!(harmless(shown), *shown);
        if let Err(errors) = result {
            assert!(errors.contains(&format!("--> {}:", path.display())), "{errors}");
        }
    }
}

#[test]
fn a_constant_is_computed_once() {
    let rust = |file: &str| compiled(Options::new(), file, &std::fs::read_to_string(file).unwrap());
    let circle = rust("tests/hostile/constant_cycle.x").unwrap_err();
    assert!(circle.contains("`D` is defined by itself") && circle.contains("constant_cycle.x:2:11"), "{circle}");
    // 20 to the 7th.
    let exploded = rust("tests/hostile/constant_explosion.x").unwrap();
    assert!(exploded.contains("oncilla::xdr::Array<i32, 1280000000>"), "{exploded}");
    let chain: String = (0..80).map(|i| format!("%#define A{i} A{0}+A{0}\n", i + 1)).collect();
    let large = compiled(Options::new(), "large.x", &format!("{chain}%#define A80 1\nconst X = A0;")).unwrap_err();
    assert!(large.contains("`A16` takes more than 64 bits"), "{large}");
}

#[test]
fn a_tree_of_a_hostile_file_is_harmless() {
    for path in files::of("tests/hostile") {
        let text = parse_file(&path, &Default::default()).unwrap().tree.to_string();
        assert_eq!(harmless(&text), text, "{}", path.display());
    }
}

#[test]
fn a_text_that_cannot_be_shown_is_refused() {
    let shown = compiled(Options::new(), "text.x", "const A = \"a\u{202e}b\";").unwrap_err();
    assert!(
        shown.contains("a text contains a character that cannot be shown") && shown.contains("text.x:1:11"),
        "{shown}"
    );
    assert_eq!(harmless(&shown), shown);
}

#[test]
fn of_a_line_is_shown_what_fits() {
    let text = format!("const A = {}; const B = \u{1b}[2J;", "1".repeat(5_000));
    let shown = compiled(Options::new(), "wide\u{9b}.x", &text).unwrap_err();
    assert!(shown.lines().all(|line| line.chars().count() < 330), "{shown}");
    let source = shown.lines().filter(|line| line.starts_with("1 | "));
    assert!(source.clone().count() > 1 && source.into_iter().all(|line| line.chars().count() <= 106), "{shown}");
}

#[test]
fn a_long_name_is_not_in_the_names_of_all_others() {
    let long = "a".repeat(100_000);
    let many: String = (0..10_000).map(|i| format!("typedef int t{i};")).collect();
    let scope = compiled(Options::new(), "scope.x", &format!("namespace {long} {{ {many} }}")).unwrap_err();
    assert!(scope.contains("a word of 100000 characters") && scope.contains("scope.x:1:11"), "{scope}");
    let parts = "a::".repeat(100);
    let scope = compiled(Options::new(), "scope.x", &format!("namespace {parts}a {{ {many} }}")).unwrap_err();
    assert!(scope.contains("the full name of a namespace has 301 characters"), "{scope}");
    let many: String = (0..10_000).map(|i| format!("const A{i} = T;")).collect();
    let text = compiled(Options::new(), "text.x", &format!("#define T \"{long}\"\n{many}")).unwrap_err();
    assert!(text.contains("text.x:2:"), "{text}");
    let most = "a".repeat(255);
    assert!(compiled(Options::new(), "word.x", &format!("const {most} = 1;")).is_ok());
}

#[test]
fn what_is_no_file_is_not_included() {
    let shown = compiled(Options::new(), "zero.x", "#include \"/dev/zero\"\nconst A = 1;").unwrap_err();
    assert!(shown.contains("cannot read `/dev/zero`: not a regular file"), "{shown}");
}
