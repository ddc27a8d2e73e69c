//! Texts that are easy to write and expensive to compile, each in any size.

use std::fmt::Write as _;

/// What a text is called, and how it is made of about so many lines.
pub type Shape = (&'static str, fn(usize) -> String);

/// One for each way that a text can make more work than it has bytes.
pub const SHAPES: [Shape; 33] = [
    ("constants, each of the next", |n| {
        lines(n, |i| format!("const A{i} = A{};", i + 1)) + &format!("const A{n} = 1;")
    }),
    ("members over a chain of constants", |n| {
        let chain = lines(n, |i| format!("const A{i} = A{};", i + 1));
        format!("{chain}const A{n} = 1; enum e {{ E = A0{} }};", parts(n, |i| format!(", E{i}")))
    }),
    ("members, each of the one before", |n| {
        format!("enum e {{ E0 = 0{} }};", parts(n, |i| format!(", E{} = E{i}", i + 1)))
    }),
    ("constants in a circle", |n| lines(n, |i| format!("const A{i} = A{};", (i + 1) % n))),
    ("sums in lines for C", |n| lines(n, |i| format!("%#define A{i} A{0}+A{0}", i + 1)) + "const X = A0;"),
    ("an unknown constant, far away", |n| lines(n, |i| format!("const A{i} = A{};", i + 1))),
    ("definitions that explode", |n| lines(n, |i| format!("#define A{i} A{0} A{0}", i + 1)) + "const X = A0;"),
    ("a long definition in many conditions", |n| {
        let long = parts(n, |_| " 1".into());
        format!("#define A {long}\n{}", lines(n, |_| "#if A\n#endif".into()))
    }),
    ("typedefs, each of the next", |n| {
        lines(n, |i| format!("typedef t{} t{i};", i + 1)) + &format!("typedef int t{n};")
    }),
    ("structs, each in the next", |n| {
        lines(n, |i| format!("struct s{i} {{ s{} a; string b<>; }};", i + 1)) + &format!("struct s{n} {{ int a; }};")
    }),
    ("unions, each in the next", |n| {
        let union = |i| format!("union u{i} switch (int k) {{ case 1: u{} a; case 2: string b<>; }};", i + 1);
        lines(n, union) + &format!("struct u{n} {{ int a; }};")
    }),
    ("arrays, each in the next", |n| {
        lines(n, |i| format!("typedef a{} a{i}<>;", i + 1)) + &format!("typedef int a{n};")
    }),
    ("structs in a circle", |n| lines(n, |i| format!("struct s{i} {{ s{} a; }};", (i + 1) % n))),
    ("structs that all lead back to the first", |n| {
        lines(n, |i| format!("struct s{i} {{ s{} a; s0 b; }};", i + 1)) + &format!("struct s{n} {{ int a; }};")
    }),
    ("structs of one circle of pointers", |n| {
        lines(n, |i| format!("struct s{i} {{ s{} *a; s0 *b; int c; }};", (i + 1) % n))
    }),
    ("structs that all hold all before them", |n| {
        let n = n.isqrt() * 2;
        lines(n, |i| format!("struct s{i} {{ {} int z; }};", parts(i, |k| format!("s{k} f{k}; "))))
    }),
    ("structs in structs where a name is missing", |n| parts(n, |i| format!("struct s{i} {{ "))),
    ("bodies without names in each other", |n| parts(n, |_| "typedef struct { ".into())),
    ("brackets that open", |n| parts(n, |_| "{(<[".into())),
    ("brackets in a condition", |n| format!("#if {}\n#endif\n", parts(n, |_| "(!".into()))),
    ("errors, one a line", |n| lines(n, |i| format!("const A{i} = ;"))),
    ("errors, all in one line", |n| parts(n, |i| format!("const A{i} = ; "))),
    ("texts, all in one line", |n| parts(n, |i| format!("const A{i} = \"\"; "))),
    ("one long word", |n| format!("const {} = ;", parts(n, |_| "abcdefghij".into()))),
    ("one long number", |n| format!("const A = {};", parts(n, |_| "0123456701".into()))),
    ("many definitions in a namespace of a long name", |n| {
        format!("namespace {} {{ {} }}", "a".repeat(n * 10), lines(n, |i| format!("typedef int t{i};")))
    }),
    ("a name of many namespaces", |n| format!("const A = {}b;", parts(n * 10, |_| "a::".into()))),
    ("many members of an enum of a long name", |n| {
        format!("enum {} {{ E{} }};", "a".repeat(n * 10), parts(n, |i| format!(", E{i}")))
    }),
    ("a long text behind a definition, many times", |n| {
        format!("#define T \"{}\"\n{}", "a".repeat(n * 10), lines(n, |i| format!("const A{i} = T;")))
    }),
    ("a union with a case for each of many members", |n| {
        let members = parts(n, |i| format!("{}E{i} = {i}", if i == 0 { "" } else { ", " }));
        format!("enum e {{ {members} }};\nunion u switch (e k) {{ {} }};", lines(n, |i| format!("case E{i}: void;")))
    }),
    ("names that are one in Rust", |n| {
        // x_1__1_1, x__1_1_1 …: underscores say nothing in Rust.
        let name = |i: usize| parts(14, |bit| if i >> bit & 1 == 0 { "_1".into() } else { "__1".into() });
        lines(n, |i| format!("typedef int x{};", name(i)))
    }),
    ("members that share a long beginning", |n| {
        let prefix = "a_".repeat(n.isqrt());
        format!(
            "enum e {{ {} }};",
            parts(n.isqrt(), |i| format!("{}{prefix}x{i} = {i}", if i == 0 { "" } else { ", " }))
        )
    }),
    ("comments", |n| lines(n, |_| "/* a *//**/ // b".into())),
];

fn parts(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect()
}

fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut text, number| {
        let _ = writeln!(text, "{}", line(number));
        text
    })
}
