//! Comparing two versions of an interface: each rule by a small pair.

use oncilla_rpcgen::Agreement::{self, Broken, Full, OldValues};
use oncilla_rpcgen::{Comparison, Part, check, compare, parse_text};

/// Returns an interface with types, and a procedure that takes and returns one.
fn with(types: &str, argument: &str, result: &str) -> String {
    format!("{types} program P {{ version V {{ {result} CALL({argument}) = 1; }} = 1; }} = 0x20000001;")
}

fn compared(old: &str, new: &str) -> Comparison {
    let [old, new] = [old, new].map(|text| parse_text("a.x", text, &Default::default()));
    let mut diagnostics = Vec::new();
    let (was, is) = (check(&old.tree, [], &mut diagnostics), check(&new.tree, [], &mut diagnostics));
    let reports = [old.report.to_string(), new.report.to_string()];
    assert!(old.report.errors().chain(new.report.errors()).next().is_none(), "{reports:?}");
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    compare(&was, &is)
}

/// Returns whether new servers serve old clients, and new clients call old servers.
fn verdict(old: &str, new: &str) -> (Agreement, Agreement) {
    let comparison = compared(old, new);
    (comparison.old_clients(), comparison.old_servers())
}

/// Compares two types, as arguments and as results.
fn of_types(old: (&str, &str), new: (&str, &str)) -> [(Agreement, Agreement); 2] {
    [
        verdict(&with(old.0, old.1, "void"), &with(new.0, new.1, "void")),
        verdict(&with(old.0, "void", old.1), &with(new.0, "void", new.1)),
    ]
}

/// A type that takes more values than before: the values of the old one arrive.
const WIDER: [(Agreement, Agreement); 2] = [(Full, OldValues), (OldValues, Full)];
/// A type that takes fewer.
const NARROWER: [(Agreement, Agreement); 2] = [(Broken, Full), (Full, Broken)];
const SAME: [(Agreement, Agreement); 2] = [(Full, Full); 2];
const OTHER: [(Agreement, Agreement); 2] = [(Broken, Broken); 2];

#[test]
fn types_are_compared_by_their_values_on_the_wire() {
    let string = |bound: &str| format!("typedef string t{bound};");
    for (old, new, expected) in [
        ("typedef int t;", "typedef long t;", SAME),
        ("typedef unsigned int t;", "typedef uint32_t t;", SAME),
        ("typedef short t;", "typedef int t;", WIDER),
        ("typedef int t;", "typedef short t;", NARROWER),
        ("typedef unsigned char t;", "typedef unsigned int t;", WIDER),
        ("typedef unsigned short t;", "typedef int t;", WIDER),
        ("typedef int t;", "typedef unsigned int t;", OTHER),
        ("typedef int t;", "typedef hyper t;", OTHER),
        ("typedef hyper t;", "typedef double t;", OTHER),
        ("typedef float t;", "typedef int t;", OTHER),
        ("typedef bool t;", "typedef int t;", WIDER),
        ("typedef int t;", "typedef bool t;", NARROWER),
        ("typedef bool t;", "enum t { NO = 0, YES = 1 };", SAME),
        ("enum t { A = 1 };", "typedef int t;", WIDER),
        (&*string("<16>"), &*string("<17>"), WIDER),
        (&*string("<16>"), &*string("<15>"), NARROWER),
        (&*string("<16>"), &*string("<>"), WIDER),
        (&*string("<16>"), "typedef opaque t<16>;", WIDER),
        (&*string("<16>"), "typedef opaque t<8>;", OTHER),
        ("typedef opaque t<16>;", "typedef opaque t[16];", OTHER),
        ("typedef opaque t[8];", "typedef opaque t[16];", OTHER),
        ("typedef int t[2];", "typedef int t[3];", OTHER),
        ("typedef int t<2>;", "typedef int t<3>;", WIDER),
        ("typedef int t<2>;", "typedef short t<2>;", NARROWER),
        // The wider array of a narrower type.
        ("typedef int t<2>;", "typedef short t<3>;", [(Broken, OldValues), (OldValues, Broken)]),
        ("typedef int *t;", "typedef int t<1>;", SAME),
        ("typedef int *t;", "typedef int t<2>;", WIDER),
        ("typedef int *t;", "typedef int t;", OTHER),
        ("typedef netobj t;", "typedef opaque t<1024>;", SAME),
    ] {
        assert_eq!(of_types((old, "t"), (new, "t")), expected, "{old} {new}");
    }
}

#[test]
fn enums_and_unions() {
    let state = "enum e { A = 1, B = 2 };";
    let more = "enum e { A = 1, B = 2, C = 3 };";
    let one = "union t switch (e k) { case A: int a; case B: void; };";
    let int = "union t switch (int k) { case 1: int a; case 2: void; };";
    let default = "union t switch (int k) { case 1: int a; default: void; };";
    let in_enum = |enumeration: &str, union: &str| format!("{enumeration} {union}");
    for (old, new, expected) in [
        (state, more, WIDER),
        (more, state, NARROWER),
        (state, "enum e { A = 1, OTHER = 2 };", SAME),
        (state, "enum e { A = 2, B = 1 };", OTHER),
        (state, "enum e { A = 1, B = 3 };", OTHER),
    ] {
        assert_eq!(of_types((old, "e"), (new, "e")), expected, "{old} {new}");
    }
    for (old, new, expected) in [
        (&*in_enum(state, one), &*in_enum(more, one), SAME),
        (&*in_enum(state, one), int, SAME),
        (&*in_enum(state, one), &*in_enum(state, "union t switch (e k) { case A: int a; };"), NARROWER),
        (&*in_enum(state, one), &*in_enum(state, "union t switch (e k) { case A: int a; case B: int b; };"), OTHER),
        (&*in_enum(state, one), &*in_enum("enum e { A = 2, B = 1 };", one), OTHER),
        (int, "union t switch (unsigned int k) { case 1: int a; case 2: void; };", OTHER),
        (int, "union t switch (int k) { case 1: int a; case 2: void; case 3: int c; };", WIDER),
        (int, default, WIDER),
        (default, int, NARROWER),
        (default, "union t switch (int k) { case 1: int a; case 2: void; default: void; };", SAME),
        (default, "union t switch (int k) { case 1: int a; case 2: int b; default: void; };", OTHER),
        (default, "union t switch (int k) { case 1: hyper a; default: void; };", OTHER),
        (
            "union t switch (bool k) { case TRUE: int a; default: void; };",
            "union t switch (bool k) { case TRUE: int a; case FALSE: void; };",
            SAME,
        ),
        (
            "union t switch (bool k) { case TRUE: int a; default: void; };",
            "union t switch (int k) { case 1: int a; default: void; };",
            WIDER,
        ),
        // Optional data is a union on a bool (RFC 4506 §4.19), but is not compared as one.
        ("union t switch (bool k) { case TRUE: int a; case FALSE: void; };", "typedef int *t;", OTHER),
    ] {
        assert_eq!(of_types((old, "t"), (new, "t")), expected, "{old} {new}");
    }
}

#[test]
fn structs_are_their_fields() {
    let old = "struct t { int a; string b<4>; };";
    for (new, expected) in [
        ("struct t { int a; string b<4>; };", SAME),
        ("struct t { int a; string renamed<4>; };", SAME),
        ("struct t { int a; string b<5>; };", WIDER),
        ("struct t { string b<4>; int a; };", OTHER),
        ("struct t { int a; string b<4>; int c; };", OTHER),
        ("struct t { int a; };", OTHER),
        ("struct u { int a; }; struct t { u u; string b<4>; };", SAME),
        ("struct u { int a; string b<4>; }; typedef u t;", SAME),
    ] {
        assert_eq!(of_types((old, "t"), (new, "t")), expected, "{new}");
    }
    // Two fields of one type changed places: the bytes fit, and mean something else.
    let [old, new] = ["struct t { int low; int high; };", "struct t { int high; int low; };"];
    assert_eq!(of_types((old, "t"), (new, "t")), OTHER);
}

#[test]
fn recursive_types_end() {
    let list = |value: &str| format!("struct node {{ {value} value; node *next; }};");
    let tree = |value: &str| format!("struct node {{ {value} value; node *left; node *right; }};");
    let mutual =
        |value: &str| format!("struct a {{ b *b; }}; struct b {{ {value} value; node *n; }}; struct node {{ a a; }};");
    for of in [&list as &dyn Fn(&str) -> String, &tree, &mutual] {
        let (short, int, hyper) = (of("short"), of("int"), of("hyper"));
        assert_eq!(of_types((&int, "node"), (&int, "node")), SAME);
        assert_eq!(of_types((&short, "node"), (&int, "node")), WIDER);
        assert_eq!(of_types((&int, "node"), (&hyper, "node")), OTHER);
    }
}

#[test]
fn arguments_may_become_a_struct() {
    let old = with("", "int a, hyper b", "void");
    for (types, arguments, expected) in [
        ("struct s { int a; hyper b; };", "s both", (Full, Full)),
        ("", "int a, hyper renamed", (Full, Full)),
        ("", "int, hyper", (Full, Full)),
        ("", "int a, hyper b, int c", (Broken, Broken)),
        ("", "int a", (Broken, Broken)),
        ("", "void", (Broken, Broken)),
        ("", "int", (Broken, Broken)),
        ("struct s { int a; int b; };", "s both", (Broken, Broken)),
    ] {
        assert_eq!(verdict(&old, &with(types, arguments, "void")), expected, "{arguments}");
    }
    assert_eq!(verdict(&old, &with("", "int a, hyper b", "int")), (Broken, Broken));
}

#[test]
fn programs_versions_and_procedures() {
    let old = "program P { version V { int READ(void) = 1; void DROP(int) = 2; } = 1; } = 0x20000001;";
    for (new, expected) in [
        (old, (Full, Full)),
        ("program Q { version W { int GET(void) = 1; void DROP(int) = 2; } = 1; } = 0x20000001;", (Full, Full)),
        (
            "program P { version V { int READ(void) = 1; void DROP(int) = 2; int NEW(int) = 3; } = 1; } = 0x20000001;",
            (Full, Full),
        ),
        (
            "program P { version V { void NULL(void) = 0; int READ(void) = 1; void DROP(int) = 2; } = 1; } = 0x20000001;",
            (Full, Full),
        ),
        (
            "program P { version V { int READ(void) = 1; void DROP(int) = 2; } = 1; version W { int READ(int) = 1; } = 2; } = 0x20000001;",
            (Full, Full),
        ),
        ("program P { version V { int READ(void) = 1; } = 1; } = 0x20000001;", (Broken, Full)),
        ("program P { version W { int READ(int) = 1; } = 2; } = 0x20000001;", (Broken, Broken)),
        ("program P { version V { int READ(void) = 1; void DROP(int) = 2; } = 2; } = 0x20000001;", (Broken, Broken)),
        ("program P { version V { int READ(void) = 3; void DROP(int) = 2; } = 1; } = 0x20000001;", (Broken, Broken)),
        ("program P { version V { int READ(void) = 2; void DROP(int) = 1; } = 1; } = 0x20000001;", (Broken, Broken)),
        ("program P { version V { int READ(void) = 1; void DROP(int) = 2; } = 1; } = 0x20000002;", (Broken, Broken)),
        ("const NOTHING = 1;", (Broken, Full)),
    ] {
        assert_eq!(verdict(old, new), expected, "{new}");
    }
}

#[test]
fn files_without_programs_are_compared_by_the_names_of_types() {
    assert_eq!(verdict("struct s { int a; };", "struct s { hyper a; };"), (Broken, Broken));
    assert_eq!(verdict("struct s { int a; };", "struct s { int a; }; typedef int t;"), (Full, Full));
    assert_eq!(verdict("typedef string s<4>;", "typedef string s<5>;"), (OldValues, OldValues));
}

#[test]
fn a_difference_is_stated_once_with_all_procedures() {
    let file = |value: &str| {
        format!(
            "struct sample {{\n    {value} value;\n}};
             program P {{ version V {{ sample READ(void) = 1; void STORE(sample) = 2; sample SWAP(sample) = 3; }} = 1; }} = 0x20000001;"
        )
    };
    let comparison = compared(&file("int"), &file("hyper"));
    let [difference] = comparison.differences.as_slice() else { panic!("{comparison:?}") };
    assert_eq!(difference.message, "`sample.value` is `hyper`, was `int`");
    let uses: Vec<_> = difference.uses.iter().map(|(name, part)| (name.as_str(), *part)).collect();
    let expected =
        [("READ", Part::Results), ("STORE", Part::Arguments), ("SWAP", Part::Arguments), ("SWAP", Part::Results)];
    assert_eq!(uses, expected);
    let old = parse_text("a.x", file("int"), &Default::default());
    let (_, line, column) = old.report.sources.line_and_column(difference.old.unwrap());
    assert_eq!((line, column), (2, 9));
}
