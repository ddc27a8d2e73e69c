//! Python that is made of files that keep the rules. `cargo xtask test --only python` imports and checks it.

use oncilla_rpcgen::Options;

use crate::files;

fn python(text: &str) -> String {
    Options::new().generate_python_text("test.x", text).unwrap_or_else(|error| panic!("{error}")).python
}

/// Returns the lines that begin with one of these words, without blanks before them.
fn lines<'p>(python: &'p str, begins: &[&str]) -> Vec<&'p str> {
    python.lines().map(str::trim).filter(|line| begins.iter().any(|word| line.starts_with(word))).collect()
}

#[test]
fn the_generated_python_is_the_known_one() {
    for path in files::accepted().into_iter().chain(files::specified()) {
        let output = Options::new().generate_python(&path).unwrap_or_else(|error| panic!("{error}"));
        insta::assert_snapshot!(format!("{}_python", files::stem(&path)), output.python);
    }
}

#[test]
fn keywords_and_what_python_reserves_get_an_underscore() {
    let python = python(
        "const None = 1;
         enum pass { mro = 1, value = 2, _private = 3, __hidden = 4, lambda = 5 };
         struct none { int class; int __hidden; int None; };
         program P { version V { int IMPORT(int self, int timeout, int from) = 1; void __HIDE(void) = 2; } = 1; } = 1;",
    );
    assert_eq!(
        lines(&python, &["None2: Final", "class ", "class_"]),
        [
            "None2: Final = 1",
            "class Pass(IntEnum):",
            "class None_(oncilla_rpc.Record):",
            "class_: int",
            "class V(oncilla_rpc.Client):"
        ]
    );
    let members = ["mro_ = 1", "value_ = 2", "x_private = 3", "x__hidden = 4", "lambda_ = 5", "x__hidden: int"];
    assert_eq!(lines(&python, &["mro_", "value_", "x_", "lambda_"]), members);
    // A class has the name already.
    assert_eq!(lines(&python, &["None_: int", "None__: int"]), ["None__: int"]);
    let arguments = ["def import_(", "self2: int,", "timeout2: int,", "from_: int,"];
    assert_eq!(lines(&python, &["def import", "self2:", "timeout2:", "from_:"]), arguments);
    assert_eq!(lines(&python, &["def x"]), ["def x__hide("]);
}

#[test]
fn an_annotation_means_the_type_though_a_name_hides_it() {
    let python = python(
        "struct page { opaque bytes<4>; opaque rest<4>; int Line; Line line; };
         struct Line { int length; };
         struct many { int list<>; int more<>; };
         program P { version V { bool BOOL(bool value) = 1; } = 1; } = 1;",
    );
    assert_eq!(
        lines(&python, &["import b", "bytes:", "rest:", "Line_", "line:", "list:", "more:", "value:", ") ->"]),
        [
            "import builtins",
            "bytes: builtins.bytes",
            "rest: builtins.bytes",
            "Line_: int",
            "line: Line",
            "list: builtins.list[int]",
            "more: builtins.list[int]",
            "value: builtins.bool,",
            ") -> builtins.bool:",
        ]
    );
}

#[test]
fn nothing_in_a_file_ends_a_docstring() {
    let python = python("/* \"\"\" \\ */ const A = 1; /* \"quoted\" */ const B = \"a\\\"; /* \"\"\" */");
    assert!(python.contains("\\\"\\\"\\\" \\\\"), "{python}");
}

#[test]
fn a_type_of_rust_is_none_of_python() {
    let error = Options::new().generate_python_text("test.x", "struct s { other a; };").unwrap_err().to_string();
    assert!(error.contains("the type `other` is unknown"), "{error}");
}
