//! JSON Schema agrees with what is encoded, as a validator in Python sees it.

use std::io::Write;
use std::process::{Command, Stdio};

use oncilla_dynamic::{Bytes, Interface, Texts, ValueError};
use serde_json::{Value, json};

use crate::round_trip::FILES;
use crate::sample::{Random, sample};
use crate::types::{echo, file};

/// The number of messages for each type, and of changed values of each.
const SAMPLES: usize = 4;
const CHANGED: usize = 8;

/// Validates the values of each schema. Prints those that are invalid though they should not be, and the other way
/// round, and the number of values.
const VALIDATE: &str = "
import json, sys
from jsonschema import Draft202012Validator
refused, accepted, count = [], [], 0
for case in json.load(sys.stdin):
    schema = case['schema']
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    for value in case['right']:
        error = next(validator.iter_errors(value), None)
        if error is not None:
            refused.append([schema.get('title'), value, error.message])
    accepted += [[schema.get('title'), value] for value in case['wrong'] if validator.is_valid(value)]
    count += len(case['right']) + len(case['wrong'])
json.dump({'refused': refused, 'accepted': accepted, 'count': count}, sys.stdout)
";

fn validate(cases: &[Value]) -> Value {
    let mut python = Command::new("/usr/bin/python3")
        .args(["-c", VALIDATE])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("install the packages python3 and python3-jsonschema");
    let mut input = python.stdin.take().unwrap();
    let text = serde_json::to_string(cases).unwrap();
    input.write_all(text.as_bytes()).expect("install the package python3-jsonschema, or see above");
    drop(input);
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success(), "install the package python3-jsonschema, or see above");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Returns a schema with values that are encoded, and values that are refused.
fn case(
    schema: Value,
    random: &mut Random,
    decode: impl Fn(&[u8]) -> Result<Value, ValueError>,
    encode: impl Fn(&Value) -> Result<Vec<u8>, ValueError>,
) -> Value {
    let (mut right, mut wrong) = (Vec::new(), Vec::new());
    for _ in 0..SAMPLES {
        let Some((_, value)) = sample(random, &decode) else { continue };
        for _ in 0..CHANGED {
            let mut changed = value.clone();
            change(&mut changed, random);
            if encode(&changed).is_ok() { right.push(changed) } else { wrong.push(changed) }
        }
        right.push(value);
    }
    json!({"schema": schema, "right": right, "wrong": wrong})
}

/// Replaces a random part of a value.
fn change(value: &mut Value, random: &mut Random) {
    let deeper = random.below(4) > 0;
    match value {
        Value::Array(elements) if deeper && !elements.is_empty() => {
            let index = random.below(elements.len() as u64) as usize;
            change(&mut elements[index], random);
        }
        Value::Object(entries) if deeper && !entries.is_empty() => {
            let index = random.below(entries.len() as u64) as usize;
            let name = entries.keys().nth(index).unwrap().clone();
            match random.below(4) {
                0 => drop(entries.remove(&name)),
                1 => drop(entries.insert("another".into(), json!(1))),
                _ => change(&mut entries[&name], random),
            }
        }
        // Arguments in an array are encoded, and the schema does not have them.
        other => {
            let others = [
                json!(null),
                json!(true),
                json!(-1),
                json!(5_000_000_000_u64),
                json!(1.5),
                json!("x"),
                json!("NaN"),
                json!("00"),
                json!({}),
                json!({"x": null}),
                json!(1e300),
            ];
            *other = others[random.below(others.len() as u64) as usize].clone();
        }
    }
}

fn cases(interface: &Interface, random: &mut Random) -> Vec<Value> {
    let mut cases = Vec::new();
    for type_ in interface.types() {
        cases.push(case(type_.json_schema(), random, |bytes| type_.decode(bytes), |value| type_.encode(value)));
    }
    for procedure in interface.procedures() {
        let (decode, encode) =
            (|bytes: &[u8]| procedure.decode_results(bytes), |value: &Value| procedure.encode_results(value));
        cases.push(case(procedure.results_schema(), random, decode, encode));
        let decode = |bytes: &[u8]| procedure.decode_arguments(bytes);
        // Without arguments `null` is encoded, too.
        let encode =
            |value: &Value| procedure.encode_arguments(if value.is_null() { &Value::Bool(true) } else { value });
        cases.push(case(procedure.arguments_schema(), random, decode, encode));
    }
    cases
}

#[test]
fn what_is_encoded_is_valid_and_what_is_refused_mostly_is_not() {
    let mut random = Random(5);
    let mut all = Vec::new();
    for path in FILES {
        all.extend(cases(&file(path), &mut random));
        all.extend(cases(&file(path).bytes(Bytes::Base64).texts(Texts::Latin1), &mut random));
    }
    all.extend(cases(&file("targets/rpcgen/tests/x/rpcbind.x"), &mut random));
    let report = validate(&all);
    let refused = report["refused"].as_array().unwrap();
    assert!(refused.is_empty(), "{} are encoded and invalid, such as {}", refused.len(), refused[0]);
    let (accepted, count) = (report["accepted"].as_array().unwrap(), report["count"].as_u64().unwrap());
    let wrong: usize = all.iter().map(|case| case["wrong"].as_array().unwrap().len()).sum();
    assert!(count > 3000 && wrong > 1000, "{wrong} of {count}");
    let shown = accepted.first();
    assert!(accepted.len() * 50 < wrong, "{} of {wrong} are refused and valid, such as {shown:?}", accepted.len());
}

#[test]
fn a_schema_has_names_and_comments() {
    let text = "
        /* A colour. */
        enum color { RED = 1, GOLD = 3 };
        union shape switch (color tint) {
            case RED: void;
            /* In metres. */
            case GOLD: int radius;
        };
        struct tree {
            shape form; /* The form. */
            tree *left;
            tree *right;
        };
        program P {
            version V {
                color P_DRAW(tree what) = 1; /* Draws. */
            } = 1;
        } = 0x20000042;";
    let interface = Interface::parse(text).unwrap();
    let procedure = interface.procedure("draw").unwrap();
    let integer = json!({"type": "integer", "minimum": i32::MIN, "maximum": i32::MAX, "description": "In metres."});
    let shape = json!({
        "anyOf": [
            {
                "type": "object", "properties": {"RED": {"type": "null"}, "GOLD": integer},
                "additionalProperties": false, "minProperties": 1, "maxProperties": 1,
            },
            {"enum": ["RED"]},
        ],
    });
    let tree = json!({
        "type": "object", "required": ["form"], "additionalProperties": false,
        "properties": {
            "form": {"$ref": "#/$defs/shape", "description": "The form."},
            "left": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/tree"}]},
            "right": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/tree"}]},
        },
    });
    assert_eq!(
        procedure.arguments_schema(),
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "p.draw", "description": "Draws.",
            "type": "object", "properties": {"what": {"$ref": "#/$defs/tree"}}, "required": ["what"],
            "additionalProperties": false, "$defs": {"tree": tree, "shape": shape},
        })
    );
    let color = json!({"enum": ["RED", "GOLD", 1, 3], "description": "A colour."});
    assert_eq!(procedure.results_schema()["$defs"]["color"], color);
}

#[test]
fn a_comment_of_many_cases_is_written_once() {
    let cases: String = (0..1000).map(|number| format!("case {number}: ")).collect();
    let text = format!("union u switch (int n) {{ /* {} */ {cases} int x; }};", "long ".repeat(2000));
    let schema = echo(&text, "u").type_("u").unwrap().json_schema().to_string();
    assert!(schema.len() < 200_000, "{}", schema.len());
}
