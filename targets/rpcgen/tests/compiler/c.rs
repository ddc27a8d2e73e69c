//! C that is made of files that keep the rules. The crate `oncilla-capi` runs it, also with libtirpc.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, thread};

use oncilla_rpcgen::{COutput, Data, Error, Options};

use crate::files;

/// Bounds for what the files leave open.
fn bounded(data: Data) -> Options {
    Options::new().unbounded_bytes(33).unbounded_elements(4).list_nodes(5).data(data)
}

fn c(text: &str) -> COutput {
    bounded(Data::Owned).generate_c_text("test.x", "test", text).unwrap_or_else(|error| panic!("{error}"))
}

fn refused(options: &Options, text: &str) -> String {
    options.generate_c_text("test.x", "test", text).unwrap_err().to_string()
}

/// Files that show each construct.
const SHOWN: [&str; 9] = [
    "arguments_of_rpcgen",
    "arrays",
    "bool_union",
    "comments",
    "linked_list_by_value",
    "names_upon_names",
    "optional",
    "strings_and_opaque",
    "unions",
];

#[test]
fn the_generated_c_is_the_known_one() {
    for path in files::accepted().into_iter().filter(|path| SHOWN.contains(&files::stem(path))) {
        let name = files::stem(&path);
        let output = bounded(Data::Owned).generate_c(&path, name).unwrap_or_else(|error| panic!("{error}"));
        let files = [Some(output.header), Some(output.codec), output.client, output.server];
        insta::assert_snapshot!(format!("{name}_c"), files.into_iter().flatten().collect::<Vec<_>>().join("\n"));
    }
    let output = bounded(Data::Borrowed).generate_c("tests/accepted/strings_and_opaque.x", "strings").unwrap();
    insta::assert_snapshot!("strings_and_opaque_c_borrowed", output.header + "\n" + &output.codec);
}

/// Accepted files that contain themselves in another way than as a list, or that are too large.
const REFUSED: [&str; 7] =
    ["machines", "next_first", "nis_callback", "recursive", "recursive_bodies", "recursive_union", "tree"];

const WARNINGS: [&str; 6] = ["-Wall", "-Wextra", "-Wconversion", "-Wpedantic", "-Werror", "-fsyntax-only"];
const COMPILERS: [(&str, &[&str], &str); 3] =
    [("gcc", &["-std=c99"], "gcc"), ("g++", &["-x", "c++", "-std=c++11"], "g++"), ("clang", &["-std=c99"], "clang")];

/// C of all files, those of the system included.
#[test]
fn c99_and_cxx_compile_it_without_a_warning() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("generated-c");
    fs::create_dir_all(&folder).unwrap();
    let mut sources: Vec<PathBuf> = Vec::new();
    for path in [files::accepted(), files::specified(), files::on_heap(), files::system()].concat() {
        let is_ours = path.starts_with("tests");
        for (data, end) in [(Data::Owned, "owned"), (Data::Borrowed, "borrowed")] {
            // The others differ from these only in what they repeat.
            if data == Data::Borrowed && !is_ours {
                continue;
            }
            let name = format!("{}_{end}", files::stem(&path));
            let output = match bounded(data).generate_c(&path, &name) {
                Err(error) if REFUSED.contains(&files::stem(&path)) => {
                    assert!(matches!(error, Error::Wrong(_)), "{error}");
                    continue;
                }
                output => output.unwrap_or_else(|error| panic!("{error}")),
            };
            fs::write(folder.join(format!("{name}.h")), output.header).unwrap();
            let parts = [("", Some(output.codec)), ("_client", output.client), ("_server", output.server)];
            for (part, text) in parts.into_iter().filter_map(|(part, text)| Some((part, text?))) {
                let source = folder.join(format!("{name}{part}.c"));
                fs::write(&source, text).unwrap();
                sources.push(source);
            }
        }
    }
    let text = "program P { version P_1 { void NOTE(int) = 1; int GET(void) = 2; void ALL(void) = 3; } = 1; } = 1;";
    let output = bounded(Data::Owned).oneway("NOTE").oneway("ALL").idempotent("GET");
    let output = output.generate_c_text("one_way.x", "one_way", text).unwrap();
    fs::write(folder.join("one_way.h"), output.header).unwrap();
    for (name, text) in [("one_way_client.c", output.client), ("one_way_server.c", output.server)] {
        fs::write(folder.join(name), text.unwrap()).unwrap();
        sources.push(folder.join(name));
    }
    assert!(sources.len() > 200, "{} sources", sources.len());
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("../capi/include");
    thread::scope(|scope| {
        for (compiler, language, package) in COMPILERS {
            let (sources, include) = (&sources, &include);
            scope.spawn(move || {
                let mut command = Command::new(compiler);
                command.args(language).args(WARNINGS).arg("-I").arg(include).args(sources);
                let output = command
                    .output()
                    .unwrap_or_else(|error| panic!("cannot run {compiler}: {error}; apt install {package}"));
                let said = String::from_utf8_lossy(&output.stderr);
                assert!(output.status.success() && said.is_empty(), "{compiler} {language:?}: {said}");
            });
        }
    });
}

#[test]
fn what_has_no_bound_is_refused_with_what_to_write() {
    let text = "struct node { string text<>; node *next; }; program P { version V { void A(string) = 1; } = 1; } = 1;";
    let error = refused(&Options::new(), text);
    for says in [
        "`node` has no bound, which C needs",
        "how many nodes at most?",
        "`node.text` has no bound, which C needs",
        "state a bound in the file, or by `--bound node.text=COUNT`, or `--bytes COUNT` for all items without one",
        "`A.1` has no bound, which C needs",
        "3 errors",
    ] {
        assert!(error.contains(says), "{says}: {error}");
    }
    let options = Options::new().bound("node", 3).unbounded_bytes(9);
    assert!(options.generate_c_text("test.x", "test", text).is_ok());
}

#[test]
fn a_tree_is_refused_with_its_place() {
    let error = refused(&bounded(Data::Owned), "struct tree { int value; tree *left; tree *right; };");
    assert!(
        error.contains("`tree` contains itself, which has no bound in C") && error.contains("test.x:1:8"),
        "{error}"
    );
}

#[test]
fn a_value_larger_than_a_message_is_refused() {
    let error = refused(&bounded(Data::Owned), "typedef opaque most<0xffffffff>; struct all { most a[4]; };");
    assert!(error.contains("a value of `all` takes up to 17179869200 bytes"), "{error}");
    let error = refused(&bounded(Data::Heap), "const A = 1;");
    assert!(error.contains("C allocates nothing"), "{error}");
}

#[test]
fn names_of_c_get_an_underscore_and_all_names_a_prefix() {
    let header =
        c("struct class { int int_; bool new; int SIZE; }; const SIZE = 3; const NULL = 4; enum e { value = 1 };")
            .header;
    let lines =
        ["typedef struct class_ {", "    bool new_;", "    int32_t SIZE_;", "#define NULL_ 4", "    value_ = 1"];
    lines.iter().for_each(|line| assert!(header.contains(line), "{line}: {header}"));
    let text = "const MAX = 3; enum e { ONE = 1 }; struct s { e a<MAX>; }; program P { version P_1 { s GET(s) = 1; } = 1; } = 1;";
    let output = bounded(Data::Owned).prefix("my_").generate_c_text("test.x", "test", text).unwrap();
    let lines = [
        "#define MY_MAX 3",
        "typedef enum my_e {",
        "    MY_ONE = 1",
        "my_e items[MY_MAX];",
        "#define MY_S_SIZE_MAX 16u",
        "#define MY_P_1_GET 1u",
        "oncilla_status my_s_encode(oncilla_writer *writer, const my_s *value);",
        "oncilla_status my_p_1_get(oncilla_client *client, const my_s *argument, my_s *result);",
        "oncilla_status my_p_1_serve_get(void *context, const oncilla_request *request, const my_s *argument, my_s *result);",
        "extern const oncilla_table my_p_1_table;",
    ];
    lines.iter().for_each(|line| assert!(output.header.contains(line), "{line}: {}", output.header));
}

#[test]
fn nothing_in_a_file_ends_a_comment_or_a_text() {
    let header = c("// a */ b /* c \\\nconst A = \"x\\\"; // ??/\nconst B = 1;").header;
    assert!(header.contains(" * a * / b / * c\n *\n * ? ?/\n */"), "{header}");
    assert!(header.contains("\"x\\\\\""), "{header}");
}

#[test]
fn a_call_may_be_one_way_and_a_procedure_idempotent() {
    let text = "program P { version P_1 { void NOTE(int) = 1; int GET(void) = 2; } = 1; } = 0x20000001;";
    let output = bounded(Data::Owned).oneway("NOTE").idempotent("GET").generate_c_text("test.x", "test", text).unwrap();
    let (client, server) = (output.client.unwrap(), output.server.unwrap());
    assert!(client.contains("oncilla_client_cast(client, P_1_PROGRAM, P_1_VERSION, P_1_NOTE, &arguments)"), "{client}");
    assert!(server.contains("return status == ONCILLA_OK ? ONCILLA_NO_REPLY : status;"), "{server}");
    assert!(server.contains("{P_1_NOTE, 0, P_1_NOTE_RESULTS_MAX, run_p_1_note}"), "{server}");
    assert!(server.contains("{P_1_GET, ONCILLA_IDEMPOTENT, P_1_GET_RESULTS_MAX, run_p_1_get}"), "{server}");
}
