//! What `oncilla_rpcgen::compare` calls compatible really is: random values of one type are decoded as the other.

use oncilla_dynamic::{Interface, Type};
use oncilla_rpcgen::{Agreement, Comparison, Preprocessor, check, compare, parse_text};

use crate::sample::Random;

/// The number of random values of each type.
const SAMPLES: usize = 10;

/// Types that differ in one thing or in all. Random values have at most 8 bytes and elements.
const TYPES: [&str; 44] = [
    "typedef int t;",
    "typedef unsigned int t;",
    "typedef short t;",
    "typedef unsigned short t;",
    "typedef char t;",
    "typedef unsigned char t;",
    "typedef hyper t;",
    "typedef unsigned hyper t;",
    "typedef float t;",
    "typedef double t;",
    "typedef bool t;",
    "enum t { A = 0, B = 1 };",
    "enum t { A = 0, B = 1, C = 2 };",
    "enum t { A = 0, C = 2 };",
    "enum t { B = 0, A = 1 };",
    "typedef string t<3>;",
    "typedef string t<7>;",
    "typedef string t<>;",
    "typedef opaque t<3>;",
    "typedef opaque t<7>;",
    "typedef opaque t[4];",
    "typedef opaque t[5];",
    "typedef int t[2];",
    "typedef int t<2>;",
    "typedef int t<6>;",
    "typedef short t<2>;",
    "typedef int *t;",
    "typedef hyper *t;",
    "typedef int t<1>;",
    "struct t { int a; string b<3>; };",
    "struct t { int a; string b<7>; };",
    "struct t { short a; string b<7>; };",
    "struct u { int a; }; struct t { u u; string b<7>; };",
    "struct t { string b<3>; int a; };",
    "struct t { int a; string b<3>; int c; };",
    "union t switch (int k) { case 0: int a; case 1: void; };",
    "union t switch (int k) { case 0: int a; case 1: void; case 2: hyper c; };",
    "union t switch (int k) { case 0: short a; default: void; };",
    "union t switch (bool k) { case FALSE: int a; case TRUE: void; };",
    "enum e { X = 0, Y = 1 }; union t switch (e k) { case X: int a; default: void; };",
    "enum e { X = 0, Y = 1 }; union t switch (e k) { case X: int a; case Y: void; };",
    "struct t { int value; t *next; };",
    "struct t { short value; t *next; };",
    "struct t { int value; t *left; t *right; };",
];

/// Where the type is used, by its name `t`.
const USES: [&str; 5] = [
    "",
    "typedef t used<4>;",
    "struct used { int before; t *value; int after; };",
    "union used switch (int kind) { case 1: t value; default: void; };",
    "struct inner { t t; int n; }; struct used { inner both[2]; };",
];

fn compared(old: &str, new: &str) -> Comparison {
    let [old, new] = [old, new].map(|text| parse_text("a.x", text, &Preprocessor::default()).tree);
    compare(&check(&old, [], &mut Vec::new()), &check(&new, [], &mut Vec::new()))
}

/// Checks that values of one type are those of another, byte for byte.
fn arrive(of: Type<'_>, other: Type<'_>, random: &mut Random, what: &str) {
    for _ in 0..SAMPLES {
        let value = of.random(&mut || random.next());
        let bytes = of.encode(&value).unwrap();
        let read = other.decode(&bytes).unwrap_or_else(|error| panic!("{what}: {value} is refused: {error}"));
        assert_eq!(other.encode(&read).unwrap(), bytes, "{what}: {value} is read as {read}");
    }
}

#[test]
fn compatible_types_exchange_values() {
    let (mut random, mut agreeing, mut broken) = (Random(11), 0, 0);
    for usage in USES {
        let name = if usage.is_empty() { "t" } else { "used" };
        // A procedure with the type as its argument: old clients send old values, new clients new ones.
        let text = |of: &str| {
            format!("{of} {usage} program P {{ version V {{ void TAKE({name}) = 1; }} = 1; }} = 0x20000001;")
        };
        let texts = TYPES.map(text);
        let interfaces = texts.clone().map(|text| Interface::parse(&text).unwrap());
        for (old_text, old) in texts.iter().zip(&interfaces) {
            for (new_text, new) in texts.iter().zip(&interfaces) {
                let comparison = compared(old_text, new_text);
                let (was, is) = (old.type_(name).unwrap(), new.type_(name).unwrap());
                let what = format!("{old_text} and {new_text}");
                if comparison.old_clients() == Agreement::Full {
                    arrive(was, is, &mut random, &what);
                    agreeing += usize::from(old_text != new_text);
                }
                if comparison.old_servers() == Agreement::Full {
                    arrive(is, was, &mut random, &what);
                }
                broken += usize::from(comparison.old_clients() == Agreement::Broken);
            }
        }
    }
    // 44 types in 5 uses; most pairs have nothing in common.
    assert!(agreeing > 200 && broken > 5000, "{agreeing} pairs agree, {broken} are broken");
}
