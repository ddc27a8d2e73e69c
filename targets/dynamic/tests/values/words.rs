//! Arguments from the words of a command line.

use oncilla_dynamic::{Bytes, Interface};
use serde_json::{Value, json};

use crate::types::file;

const TEXT: &str = "
    enum color { RED = 1, GOLD = 3 };
    union shape switch (color tint) { case RED: void; case GOLD: int radius; };
    struct place { string name<8>; int floor; };
    struct node { int value; node *next; };
    struct order { unsigned int count; place to; opaque key<4>; bool now; };
    typedef hyper *maybe; typedef maybe *twice;
    typedef opaque bytes<4>; typedef int ints<3>;
    program P { version V {
        void P_MIXED(unsigned hyper a, string b<9>, double c, bool d, color e, bytes f) = 1;
        void P_PARTS(place at, shape form, ints list, node *chain, maybe m, twice t) = 2;
        void P_ORDER(order) = 3;
        void P_NONE(void) = 4;
        void P_TREE(tree root) = 5;
    } = 1; } = 0x20000042;
    struct tree { int key; tree *left; tree *right; };
";

fn words(procedure: &str, words: &[&str]) -> Result<Value, String> {
    let interface = Interface::parse(TEXT).unwrap();
    let procedure = interface.procedure(procedure).unwrap();
    let value = procedure.arguments_from_words(words).map_err(|error| error.to_string())?;
    assert!(procedure.encode_arguments(&value).is_ok());
    Ok(value)
}

#[test]
fn words_are_values_by_their_type() {
    let value = json!({"a": 31, "b": "a \"b\"", "c": 1.5, "d": true, "e": "GOLD", "f": "00ff"});
    assert_eq!(words("mixed", &["0x1f", "a \"b\"", "1.5", "true", "GOLD", "0x00ff"]), Ok(value.clone()));
    assert_eq!(
        words("mixed", &["e=GOLD", "31", "c=1.5", "f=00FF", "b=a \"b\"", "true"]).map(|all| all["b"].clone()),
        Ok(json!("a \"b\""))
    );
    assert_eq!(words("mixed", &["31", "b=x=y", "2", "false", "3", ""]).map(|all| all["b"].clone()), Ok(json!("x=y")));
    // A text that looks like JSON or a number stays a text; numbers of 64 bits are exact.
    let all = words("mixed", &["18446744073709551615", "[1]", "-Infinity", "true", "0x3", "ff"]).unwrap();
    assert_eq!(
        (&all["a"], &all["b"], &all["c"], &all["e"]),
        (&json!(u64::MAX), &json!("[1]"), &json!("-Infinity"), &json!(3))
    );
}

#[test]
fn parts_have_paths() {
    let value = json!({
        "at": {"name": "hall", "floor": -2}, "form": {"GOLD": 7}, "list": [1, 2], "chain": [{"value": 5}, {"value": 6}],
        "m": 9, "t": [null],
    });
    let long = [
        "at.name=hall",
        "at.floor=-2",
        "form.GOLD=7",
        "list[0]=1",
        "list[1]=2",
        "chain[0].value=5",
        "chain[1].value=6",
        "m=9",
        "t=[null]",
    ];
    assert_eq!(words("parts", &long), Ok(value.clone()));
    let json = [
        r#"{"name": "hall", "floor": -2}"#,
        r#"{"GOLD": 7}"#,
        "[1, 2]",
        r#"[{"value": 5}, {"value": 6}]"#,
        "9",
        "[null]",
    ];
    assert_eq!(words("parts", &json), Ok(value.clone()));
    // A void arm by its name; parts after a whole value; the last word counts.
    let few = ["at={\"name\": \"x\", \"floor\": 0}", "at.name=y", "form.GOLD=7", "form=RED", "[]", "t=[]", "m=null"];
    let value = words("parts", &few).unwrap();
    assert_eq!(
        (&value["at"], &value["form"], &value["m"]),
        (&json!({"name": "y", "floor": 0}), &json!("RED"), &json!(null))
    );
    assert_eq!(
        words("tree", &["1", "left.left.key=3", "left.key=2"]).unwrap()["root"]["left"]["left"]["key"],
        json!(3)
    );
}

#[test]
fn the_fields_of_the_only_struct_are_arguments() {
    let value = json!({"arg1": {"count": 3, "to": {"name": "hall", "floor": 1}, "key": "ff", "now": true}});
    assert_eq!(words("order", &["3", r#"{"name": "hall", "floor": 1}"#, "ff", "true"]), Ok(value.clone()));
    assert_eq!(words("order", &["to.name=hall", "to.floor=1", "3", "now=true", "ff"]), Ok(value.clone()));
    assert_eq!(words("order", &[&value["arg1"].to_string()]), Ok(value.clone()));
    assert_eq!(words("order", &["arg1.count=3", "arg1.to.name=hall", "to.floor=1", "key=ff", "now=true"]), Ok(value));
    assert_eq!(words("none", &[]), Ok(json!({})));
}

#[test]
fn errors_have_the_path_and_a_suggestion() {
    for (procedure, given, error) in [
        ("mixed", &["A=1"][..], "expected a, b, c, d, e, f, found `A`; the most similar is `a`"),
        ("mixed", &["-1"], "`a`: expected an unsigned hyper from 0 to 18446744073709551615, found \"-1\""),
        ("mixed", &["1", "b", "x"], "`c`: expected a double, \"NaN\", \"Infinity\" or \"-Infinity\", found \"x\""),
        ("mixed", &["d=yes"], "`d`: expected true or false, found \"yes\""),
        (
            "mixed",
            &["1", "b", "1", "true", "GOL", ""],
            "`e`: expected a member of `color`, found \"GOL\"; the most similar is `GOLD`",
        ),
        ("mixed", &["1", "b", "1", "true", "RED", "0xf"], "`f`: expected hexadecimal digits, found \"f\""),
        ("mixed", &["1", "b", "1", "true", "RED"], "expected `f`, found nothing"),
        (
            "mixed",
            &["1", "b", "1", "true", "RED", "", "more"],
            "expected only a, b, c, d, e, f, found \"more\" as well",
        ),
        ("parts", &["at.nam=x"], "`at`: expected name, floor, found `nam`; the most similar is `name`"),
        ("parts", &["at.name.x=y"], "`at.name`: expected a value without parts, found `x`"),
        ("parts", &["at[0]=y"], "`at`: expected a value without elements, found [0]"),
        ("parts", &["form.GOL=y"], "`form`: expected a case of `shape`, found `GOL`; the most similar is `GOLD`"),
        ("parts", &["form.RED=1"], "`form.RED`: expected null, since the arm is void, found \"1\""),
        ("parts", &["list[1]=1"], "`list`: expected [0] as the next element, found [1]"),
        ("parts", &["list.a=1"], "`list`: expected an index, such as [0], found `a`"),
        ("order", &["cuont=1"], "expected count, to, key, now, found `cuont`; the most similar is `count`"),
        ("order", &["3"], "`arg1`: expected `to`, found nothing"),
        ("none", &["a=1"], "expected no arguments, found `a`"),
        ("none", &["1"], "expected no arguments, found \"1\" as well"),
    ] {
        assert_eq!(words(procedure, given), Err(error.to_owned()));
    }
    let error = words("parts", &["at={\"name\""]).unwrap_err();
    assert!(
        error.starts_with("`at`: expected a JSON object, such as {\"name\": 1}, found \"{\\\"name\\\"\" (EOF"),
        "{error}"
    );
    let error = words("parts", &["list=1,2"]).unwrap_err();
    assert!(error.starts_with("`list`: expected a JSON array, such as [1, 2], found \"1,2\" ("), "{error}");
}

#[test]
fn hostile_words_are_refused() {
    let deep = format!("root{}.key=1", ".left".repeat(10_000));
    let error = words("tree", &[&deep]).unwrap_err();
    assert!(error.contains("a path with at most 100 steps, found 10001"), "{error}");
    let nested = format!("list={}", "[".repeat(100_000));
    assert!(words("parts", &[&nested]).is_err());
    assert!(words("parts", &["list[18446744073709551616]=1"]).is_err());
    let base64 = Interface::parse(TEXT).unwrap().bytes(Bytes::Base64);
    let value =
        base64.procedure("mixed").unwrap().arguments_from_words(&["1", "", "1", "true", "RED", "AP8="]).unwrap();
    assert_eq!(value["f"], json!("AP8="));
}

#[test]
fn the_example_of_the_sensor() {
    let interface = file("examples/sensor/sensor.x");
    let rename = interface.procedure("rename").unwrap();
    assert_eq!(rename.arguments_from_words(&["0", "hall"]), Ok(json!({"channel": 0, "name": "hall"})));
    assert_eq!(rename.arguments_from_words(&["name=hall", "0"]), Ok(json!({"channel": 0, "name": "hall"})));
}
