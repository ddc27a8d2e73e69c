//! Rust that is made of files that keep the rules, as it was when somebody last looked at it.

use oncilla_rpcgen::{Data, Description, Options};

use crate::files;

#[test]
fn the_generated_rust_is_the_known_one() {
    for path in files::accepted().into_iter().chain(files::specified()) {
        let rust = |data| Options::new().data(data).generate(&path).unwrap_or_else(|error| panic!("{error}")).rust;
        let (owned, borrowed) = (rust(Data::Owned), rust(Data::Borrowed));
        insta::assert_snapshot!(files::stem(&path), owned);
        // Where nothing can be borrowed, there is no other one.
        if borrowed != owned {
            insta::assert_snapshot!(format!("{}_borrowed", files::stem(&path)), borrowed);
        }
    }
}

/// Files that show each type on the heap.
const ON_HEAP: [&str; 7] =
    ["arrays", "flavours", "linked_list_by_value", "optional", "recursive", "strings_and_opaque", "unions"];

#[test]
fn the_generated_rust_on_the_heap_is_the_known_one() {
    let shown = files::accepted().into_iter().filter(|path| ON_HEAP.contains(&files::stem(path)));
    let large = files::on_heap().into_iter().filter(|path| files::stem(path) != "nfs4");
    for path in shown.chain(large) {
        let output = Options::new().data(Data::Heap).generate(&path).unwrap_or_else(|error| panic!("{error}"));
        insta::assert_snapshot!(format!("{}_heap", files::stem(&path)), output.rust);
    }
}

#[test]
fn options_say_what_the_file_does_not() {
    let options =
        Options::new().unbounded_bytes(7).unbounded_elements(8).list_nodes(9).external("outer", "crate::Outer");
    let options = options.oneway("LOG").idempotent("GET").define("SIZE=12").define("WITH_MORE");
    let text = "
        struct node { string text<>; outer more<>; opaque some<SIZE>; node *next; };
        #ifdef WITH_MORE
        const MORE = 1;
        #endif
        program P { version V { void LOG(node) = 1; int GET(void) = 2; } = 1; } = 0x20000001;
    ";
    insta::assert_snapshot!("options", options.generate_text("options.x", text).unwrap().rust);
}

#[test]
fn a_type_of_rust_may_be_any() {
    let types = [
        ("a", "super::A"),
        ("b", "super::Other"),
        ("c", "heapless::String<100>"),
        ("d", "[u8; 4]"),
        ("e", "u32"),
        ("f", "super::generic::Pair<u8, super::A>"),
    ];
    let options = types.iter().fold(Options::new(), |options, (name, path)| options.external(*name, *path));
    let rust = options.generate_text("external.x", "struct s { a a; b b; c c; d d; e e; f f; };").unwrap().rust;
    let lines: Vec<_> = rust.lines().filter(|line| line.starts_with("use ") || line.starts_with("type ")).collect();
    let expected = [
        "use super::A;",
        "use super::Other as B;",
        "type C = heapless::String<100>;",
        "type D = [u8; 4];",
        "type E = u32;",
        "type F = super::generic::Pair<u8, super::A>;",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn each_thing_may_have_a_bound_of_its_own() {
    let text = "
        typedef string line<>;
        struct node { line text; node *next; };
        struct page { line lines<>; opaque rest<>; struct { int a<>; } inner<>; int same<>; };
        union part switch (int kind) { case 1: opaque data<>; default: int words<>; };
        program P { version V { string SAY(string, node *nodes, part) = 1; } = 1; } = 0x20000001;
    ";
    let bounds = [
        ("line", 1),
        ("node", 2),
        ("page.lines", 3),
        ("page.rest", 4),
        ("page.inner", 5),
        ("page.inner.a", 6),
        ("part.data", 7),
        ("part.words", 8),
        ("SAY", 9),
        ("SAY.1", 10),
    ];
    let options = bounds.iter().fold(Options::new(), |options, &(path, bound)| options.bound(path, bound));
    insta::assert_snapshot!("bounds", options.generate_text("bounds.x", text).unwrap().rust);
    let error = Options::new().bound("page.line", 3).generate_text("bounds.x", text).unwrap_err().to_string();
    let all =
        "line, node, page.lines, page.rest, page.inner, page.inner.a, page.same, part.data, part.words, SAY.1, SAY";
    let expected =
        "a bound is set for page.line, which does not exist or has a bound in the file; items without a bound: ";
    assert_eq!(error, format!("{expected}{all}"));
}

#[test]
fn a_text_is_packed_where_that_makes_it_smaller() {
    let bell = "/* Rings. */ program BELL { version BELL_1 { void RING(void) = 1; } = 1; } = 0x20000001;";
    let one = "/* One. */ const ONE = 1;";
    let described = [
        ("packed", bell, Description::Commented),
        ("packed_bare", bell, Description::Bare),
        ("plain", one, Description::Commented),
        ("plain_bare", one, Description::Bare),
    ];
    for (name, text, description) in described {
        let output = Options::new().describe(description).generate_text("described.x", text).unwrap();
        insta::assert_snapshot!(format!("described_{name}"), output.rust);
    }
}

#[test]
fn ends_of_lines_make_no_difference() {
    let text = std::fs::read_to_string("tests/accepted/conditions.x").unwrap();
    let rust = |text: String| Options::new().generate_text("conditions.x", text).unwrap().rust;
    assert_eq!(rust(text.replace('\n', "\r\n")), rust(text.clone()));
    let comments = std::fs::read_to_string("tests/accepted/comments.x").unwrap();
    assert_eq!(rust(comments.replace('\n', "\r\n")), rust(comments));
}

#[test]
fn strings_may_be_bytes() {
    let text = "typedef string name<8>; struct s { name a; string b<>; name c<2>; };";
    let options = Options::new().strings_as_bytes(true).data(Data::Borrowed);
    let rust = options.generate_text("bytes.x", text).unwrap().rust;
    let fields: Vec<_> =
        rust.lines().map(str::trim).filter(|line| line.starts_with("pub ") && line.contains(": ")).collect();
    let expected = [
        "pub const UNBOUNDED_BYTES: usize = 1024;",
        "pub a: &'a [u8] [..8],",
        "pub b: &'a [u8] [..UNBOUNDED_BYTES],",
        "pub c: heapless::Vec<heapless::Vec<u8, 8>, 2>,",
    ];
    assert_eq!(fields, expected);
}

#[test]
fn notes_tell_what_is_passed_by() {
    let output = Options::new().generate("tests/accepted/lines_for_c.x").unwrap();
    let notes: Vec<_> = output.report.notes().map(|note| note.render(&output.report.sources, false)).collect();
    insta::assert_snapshot!("notes", notes.join("\n"));
    let output = Options::new().generate("tests/accepted/procedure_zero.x").unwrap();
    let note = output.report.notes().next().expect("procedure 0 has arguments").message.as_str();
    assert_eq!(note, "`A` is left out, because procedure 0 has no arguments and no results");
}

#[test]
fn included_files_are_told_of() {
    let output = Options::new().generate("tests/accepted/include.x").unwrap();
    let paths: Vec<_> = output.report.sources.all().iter().map(|source| source.path.to_str().unwrap()).collect();
    let shared = "tests/accepted/include/shared.x";
    assert_eq!(paths, ["tests/accepted/include.x", shared, shared]);
}

#[test]
fn each_recursive_type_may_have_bounds_of_its_own() {
    let text = "
        struct tree { int key; tree *left; tree *right; };
        struct many { string name<4>; many children<>; };
        struct holder { tree one; many another; };
    ";
    let options = Options::new().list_nodes(30).tree_levels(5).bound("tree", 100).levels("tree", 12);
    let rust = options.bound("many.children", 3).generate_text("bounds.x", text).unwrap().rust;
    let expected = [
        "pub const UNBOUNDED_NODES: usize = 30;",
        "pub const UNBOUNDED_LEVELS: usize = 5;",
        "pub type WholeTree = oncilla::xdr::Tree<Tree, 100, 12>;",
        "pub type ManyTree = oncilla::xdr::Tree<Many, UNBOUNDED_NODES, UNBOUNDED_LEVELS>;",
        "pub children: oncilla::xdr::Links<Many, 3>,",
        "/// A root and at most 100 nodes below it, on at most 12 levels. It takes about 812 bytes of",
    ];
    for line in expected {
        assert!(rust.lines().any(|other| other.trim() == line), "{line}\n{rust}");
    }
    let error = Options::new().levels("holder", 3).generate_text("bounds.x", text).unwrap_err().to_string();
    assert!(error.starts_with("levels are set for holder, which is not a recursive type"), "{error}");
}
