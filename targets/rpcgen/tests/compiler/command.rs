//! The command.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } =
        Command::new(env!("CARGO_BIN_EXE_oncilla-rpcgen")).args(arguments).output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

#[test]
fn rust_goes_to_standard_output_or_to_a_file() {
    let file = "tests/accepted/null_procedure.x";
    let (code, rust, errors) = run(&[file]);
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("command.rs");
    let (code, nothing, _) = run(&[file, "-o", target.to_str().unwrap()]);
    assert_eq!((code, nothing.as_str()), (Some(0), ""));
    assert_eq!(fs::read_to_string(target).unwrap(), rust);
}

#[test]
fn exit_codes_say_what_went_wrong() {
    let code = |arguments: &[&str]| run(arguments).0;
    assert_eq!(code(&["tests/refused/quadruple.x"]), Some(1));
    assert_eq!(code(&[]), Some(2));
    assert_eq!(code(&["--bytes", "0", "tests/accepted/unions.x"]), Some(2));
    assert_eq!(code(&["--bound", "no_count", "tests/accepted/unions.x"]), Some(2));
    assert_eq!(code(&["--bound", "no.such=1", "tests/accepted/unions.x"]), Some(2));
    assert_eq!(code(&["--extern", "no_path", "tests/accepted/unions.x"]), Some(2));
    assert_eq!(code(&["--extern", "no_path=", "tests/accepted/unions.x"]), Some(2));
    assert_eq!(code(&["--extern", "no_such=u32", "tests/accepted/unions.x"]), Some(2));
    assert_eq!(code(&["-D", "1=2", "tests/accepted/unions.x"]), Some(2));
    assert_eq!(code(&["-D", "A B", "tests/accepted/unions.x"]), Some(2));
    assert_eq!(code(&["--oneway", "NO_SUCH_PROCEDURE", "tests/accepted/programs.x"]), Some(2));
    assert_eq!(code(&["--oneway", "CLOCK_NOW", "tests/accepted/programs.x"]), Some(2));
    assert_eq!(code(&["tests/nowhere.x"]), Some(3));
    assert_eq!(code(&["tests/accepted/unions.x", "-o", "/nowhere/unions.rs"]), Some(3));
}

#[test]
fn notes_and_errors_go_to_standard_error() {
    let (_, _, notes) = run(&["tests/accepted/lines_for_c.x"]);
    assert!(notes.contains("note: a line for the C compiler is skipped"), "{notes}");
    assert_eq!(run(&["-q", "tests/accepted/lines_for_c.x"]).2, "");
    let (_, rust, errors) = run(&["tests/refused/quadruple.x"]);
    assert!(rust.is_empty() && errors.contains("tests/refused/quadruple.x:1:12"), "{errors}");
}

#[test]
fn nobody_has_to_read_standard_error() {
    for (file, expected) in
        [("tests/refused/quadruple.x", 1), ("tests/nowhere.x", 3), ("tests/accepted/lines_for_c.x", 0)]
    {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = Command::new(env!("CARGO_BIN_EXE_oncilla-rpcgen"));
        let status = command.arg(file).stdout(Stdio::null()).stderr(writer).status().unwrap();
        assert_eq!(status.code(), Some(expected), "{file}");
    }
}

#[test]
fn options_reach_the_compiler() {
    let options =
        ["--data", "borrowed", "--bytes", "77", "--elements", "66", "--nodes", "55", "-D", "A=4", "-I", "tests"];
    let bound = ["--bound", "t.b=44"];
    let more = ["--strings-as-bytes", "--idempotent", "READ", "--oneway", "DROP", "--extern", "outer=crate::Outer"];
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("options.x");
    fs::write(
        &file,
        "#include <accepted/include/shared.x>
        struct s { string a<>; int b<>; shared c[A]; outer d; };
        struct t { int b<>; };
        struct n { int a; n *next; };
        struct l { n *n; };
        program P { version V { s READ(l) = 1; void DROP(void) = 2; } = 1; } = 1;",
    )
    .unwrap();
    let (code, rust, errors) = run(&[&[file.to_str().unwrap()], &options[..], &bound[..], &more[..]].concat());
    assert_eq!(code, Some(0), "{errors}");
    for part in [
        "pub a: &'a [u8] [..UNBOUNDED_BYTES]",
        "= 77;",
        "= 66;",
        "= 55;",
        "heapless::Vec<i32, 44>",
        "[Shared; 4]",
        "= 1, idempotent;",
        "= 2, oneway;",
        "use crate::Outer;",
    ] {
        assert!(rust.contains(part), "{part} is not in {rust}");
    }
}

#[test]
fn data_may_be_on_the_heap() {
    let (code, rust, notes) = run(&["--data", "heap", "--limit", "9000", "tests/heap/machines.x"]);
    assert_eq!((code, notes.as_str()), (Some(0), ""));
    assert!(rust.contains("pub const MESSAGE_LIMIT: usize = 9000;") && rust.contains("= String;"), "{rust}");
    let (code, _, notes) = run(&["--data", "heap", "tests/heap/machines.x"]);
    assert!(code == Some(0) && notes.contains("state `--limit BYTES`"), "{notes}");
    assert_eq!(run(&["--limit", "0", "tests/heap/machines.x"]).0, Some(2));
}

#[test]
fn python_is_another_language() {
    let (code, python, errors) = run(&["--language", "python", "--oneway", "DROP", "tests/accepted/null_procedure.x"]);
    assert_eq!((code, python.as_str()), (Some(2), ""), "{errors}");
    let (code, python, errors) = run(&["-l", "python", "tests/accepted/null_procedure.x"]);
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    assert!(python.starts_with("# Generated from null_procedure.x by oncilla-rpcgen."), "{python}");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("command.py");
    let (code, nothing, _) = run(&["-l", "python", "tests/accepted/null_procedure.x", "-o", target.to_str().unwrap()]);
    assert_eq!((code, nothing.as_str()), (Some(0), ""));
    assert_eq!(fs::read_to_string(target).unwrap(), python);
    assert_eq!(run(&["-l", "python", "tests/refused/quadruple.x"]).0, Some(1));
}

#[test]
fn options_for_other_languages_do_not_apply_to_python() {
    let options: [&[&str]; 14] = [
        &["--data", "heap"],
        &["--strings-as-bytes"],
        &["--bytes", "7"],
        &["--elements", "7"],
        &["--nodes", "7"],
        &["--levels", "7"],
        &["--levels-of", "node=7"],
        &["--limit", "7"],
        &["--bound", "node=7"],
        &["--describe", "bare"],
        &["--extern", "outer=u32"],
        &["--idempotent", "GET"],
        &["--assumed"],
        &["--prefix", "a_"],
    ];
    for option in options {
        let (code, python, error) = run(&[option, &["-l", "python", "tests/accepted/unions.x"]].concat());
        let expected =
            format!("error: {} does not apply to Python; leave it out with `--language python`\n", option[0]);
        assert_eq!((code, python.as_str(), error), (Some(2), "", expected));
    }
}

#[test]
fn help_tells_of_everything() {
    let (code, help, _) = run(&["--help"]);
    assert_eq!(code, Some(0));
    insta::assert_snapshot!("help", help);
}

#[test]
fn c_is_several_files() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("command-c");
    fs::create_dir_all(&folder).unwrap();
    let header = folder.join("things.h");
    let of =
        |file: &str, options: &[&str]| run(&[&["-l", "c", file, "-o", header.to_str().unwrap()], options].concat());
    let (code, nothing, errors) = of("tests/accepted/arguments_of_rpcgen.x", &["--bytes", "20"]);
    assert_eq!((code, nothing.as_str(), errors.as_str()), (Some(0), "", ""));
    for file in ["things.h", "things.c", "things_client.c", "things_server.c"] {
        let text = fs::read_to_string(folder.join(file)).unwrap();
        assert!(text.starts_with("/* Generated from arguments_of_rpcgen.x by oncilla-rpcgen."), "{text}");
        assert!(file == "things.h" || text.contains("#include \"things.h\""), "{text}");
    }
    assert_eq!(of("tests/accepted/arguments_of_rpcgen.x", &[]).0, Some(1), "a bound is missing");
    for option in [&["--data", "heap"][..], &["--levels", "3"], &["--extern", "a=u32"], &["--describe", "bare"]] {
        let (code, _, error) = of("tests/accepted/unions.x", option);
        let says =
            error.contains(option[0]) && error.ends_with("does not apply to C; leave it out with `--language c`\n");
        assert!(code == Some(2) && says, "{error}");
    }
    let (code, _, error) = run(&["-l", "c", "tests/accepted/unions.x"]);
    assert!(code == Some(2) && error.contains("state the header by `-o NAME.h`"), "{error}");
    let (code, _, error) = run(&["--prefix", "a_", "tests/accepted/unions.x"]);
    assert!(code == Some(2) && error.contains("--prefix applies to C"), "{error}");
    assert_eq!(of("tests/accepted/unions.x", &["--prefix", "1"]).0, Some(2));
}
