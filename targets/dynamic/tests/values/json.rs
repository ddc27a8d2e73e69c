//! How values look.

use oncilla_dynamic::Bytes;
use serde_json::{Value, json};

use crate::types::echo;

/// Checks that a value has these words of XDR, both ways.
fn is(definitions: &str, type_: &str, value: Value, words: &[u32]) {
    let interface = echo(definitions, type_);
    let procedure = interface.procedure("echo").unwrap();
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
    assert_eq!(procedure.decode_results(&bytes).unwrap(), value);
    assert_eq!(procedure.encode_results(&value).unwrap(), bytes);
}

/// Checks that a value is encoded to these words, though they are decoded to another one.
fn is_taken(definitions: &str, type_: &str, value: Value, words: &[u32]) {
    let interface = echo(definitions, type_);
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
    assert_eq!(interface.procedure("echo").unwrap().encode_results(&value).unwrap(), bytes);
}

const COLOR: &str = "enum color { RED = 1, GOLD = 3, LARGE = 0xfffffff0 };";

#[test]
fn numbers_of_64_bits_are_exact() {
    is("", "hyper", json!(i64::MIN), &[0x8000_0000, 0]);
    is("", "unsigned hyper", json!(u64::MAX), &[u32::MAX, u32::MAX]);
    is("", "unsigned hyper", json!(9_007_199_254_740_993_u64), &[0x0020_0000, 1]);
    is_taken("", "unsigned hyper", json!("9007199254740993"), &[0x0020_0000, 1]);
}

#[test]
fn floats_have_what_json_has_not() {
    is("", "float", json!(0.1), &[0x3dcc_cccd]);
    is("", "float", json!("NaN"), &[0x7fc0_0000]);
    is("", "double", json!("-Infinity"), &[0xfff0_0000, 0]);
    is("", "double", json!("NaN:7ff8000000000001"), &[0x7ff8_0000, 1]);
    is_taken("", "double", json!(2), &[0x4000_0000, 0]);
}

#[test]
fn enums_have_names() {
    is(COLOR, "color", json!("GOLD"), &[3]);
    is(COLOR, "color", json!("LARGE"), &[0xffff_fff0]);
    is_taken(COLOR, "color", json!(3), &[3]);
    is_taken(COLOR, "color", json!(-16), &[0xffff_fff0]);
}

#[test]
fn unions_have_the_name_of_their_case() {
    let shape = format!(
        "{COLOR} union shape switch (color tint) {{ case RED: void; case LARGE: int depth; default: string text<4>; }};"
    );
    is(&shape, "shape", json!({"RED": null}), &[1]);
    is_taken(&shape, "shape", json!("RED"), &[1]);
    is(&shape, "shape", json!({"LARGE": 7}), &[0xffff_fff0, 7]);
    // Default: a member, and a number that the enum does not have.
    is(&shape, "shape", json!({"GOLD": "x"}), &[3, 1, 0x7800_0000]);
    is(&shape, "shape", json!({"77": ""}), &[77, 0]);
    let known = "union known switch (bool is) { case TRUE: hyper value; case FALSE: void; };";
    is(known, "known", json!({"true": 5}), &[1, 0, 5]);
    is_taken(known, "known", json!("FALSE"), &[0]);
    let outcome = "union outcome switch (int status) { case -16: void; default: int more; };";
    is(outcome, "outcome", json!({"-16": null}), &[0xffff_fff0]);
    is(outcome, "outcome", json!({"4": 5}), &[4, 5]);
}

#[test]
fn optional_data_are_the_value_or_null() {
    is("typedef int *maybe;", "maybe", json!(7), &[1, 7]);
    is("typedef int *maybe;", "maybe", json!(null), &[0]);
    let twice = "typedef int *maybe; typedef maybe *twice;";
    is(twice, "twice", json!([]), &[0]);
    is(twice, "twice", json!([null]), &[1, 0]);
    is(twice, "twice", json!([7]), &[1, 1, 7]);
    let pair = "struct pair { int *left; int right; };";
    is_taken(pair, "pair", json!({"right": 2}), &[0, 2]);
}

#[test]
fn linked_lists_are_arrays() {
    let node = "struct node { int value; struct node *next; }; typedef node *list; typedef list *maybe;";
    is(node, "list", json!([]), &[0]);
    is(node, "list", json!([{"value": 1}, {"value": 2}]), &[1, 1, 1, 2, 0]);
    // A node by itself is a list of one node or more.
    is(node, "node", json!([{"value": 1}]), &[1, 0]);
    is(node, "maybe", json!(null), &[0]);
    is(node, "maybe", json!([]), &[1, 0]);
    let holder = format!("{node} struct holder {{ list all; }};");
    is_taken(&holder, "holder", json!({}), &[0]);
}

#[test]
fn a_long_list_needs_no_stack() {
    let node = "struct node { int value; struct node *next; }; typedef node *list;";
    let interface = echo(node, "list");
    let list: Vec<_> = (0..30_000).map(|value| json!({ "value": value })).collect();
    let run = move || {
        let procedure = interface.procedure("echo").unwrap();
        let bytes = procedure.encode_results(&list.clone().into()).unwrap();
        assert_eq!(bytes.len(), 30_000 * 8 + 4);
        assert_eq!(procedure.decode_results(&bytes).unwrap(), Value::Array(list));
    };
    std::thread::Builder::new().stack_size(100 << 10).spawn(run).unwrap().join().unwrap();
}

#[test]
fn trees_nest() {
    let tree = "struct tree { int key; tree *left; tree *right; };";
    let value = json!({"key": 1, "left": {"key": 2, "left": null, "right": null}, "right": null});
    is(tree, "tree", value, &[1, 1, 2, 0, 0, 0]);
}

#[test]
fn opaque_is_hexadecimal_or_base64() {
    is("typedef opaque data<8>;", "data", json!("00ff10"), &[3, 0x00ff_1000]);
    is("typedef opaque data[4];", "data", json!("00ff10aa"), &[0x00ff_10aa]);
    is_taken("typedef opaque data<8>;", "data", json!("00FF10"), &[3, 0x00ff_1000]);
    let interface = echo("typedef opaque data<8>;", "data").bytes(Bytes::Base64);
    let procedure = interface.procedure("echo").unwrap();
    assert_eq!(procedure.decode_results(&[0, 0, 0, 3, 0, 255, 16, 0]).unwrap(), json!("AP8Q"));
    assert_eq!(procedure.encode_results(&json!("AP8Q")).unwrap(), [0, 0, 0, 3, 0, 255, 16, 0]);
}

#[test]
fn a_text_keeps_its_control_characters() {
    is("typedef string name<4>;", "name", json!("\u{1b}]"), &[2, 0x1b5d_0000]);
}
