//! Values as text for people.

use std::fmt::Write as _;

use oncilla_rpcgen::harmless;
use serde_json::Value;

/// Returns a value as text: a field a line, nested values indented.
///
/// Control characters in texts are shown as escapes. Programs use JSON instead.
pub fn render(value: &Value) -> String {
    let mut text = String::new();
    nested(value, 0, &mut text);
    if text.ends_with('\n') {
        text.pop();
    }
    text
}

/// Returns a value as JSON in one line, with control characters as escapes.
pub fn json_line(value: &Value) -> String {
    let text = value.to_string();
    if harmless(&text) == text {
        return text;
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        let mut bytes = [0; 4];
        let alone: &str = character.encode_utf8(&mut bytes);
        if harmless(alone) == alone {
            safe.push(character);
        } else {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                // Writing to a text does not fail.
                let _ = write!(safe, "\\u{unit:04x}");
            }
        }
    }
    safe
}

/// Returns a value in one line.
pub fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => plain(text),
        Value::Object(object) if object.is_empty() => "{}".to_owned(),
        other => harmless(&other.to_string()).into_owned(),
    }
}

/// Returns a text, in quotes if it could be read as another value without them.
fn plain(text: &str) -> String {
    let is_other = text.is_empty() || text.trim() != text || serde_json::from_str::<Value>(text).is_ok();
    let shown = harmless(text);
    if is_other || shown != text || text.contains('\n') { Value::from(&*shown).to_string() } else { shown.into_owned() }
}

/// Returns whether a value fits one line.
fn is_scalar(value: &Value) -> bool {
    match value {
        Value::Object(object) => object.is_empty(),
        Value::Array(values) => {
            values.iter().all(|value| !value.is_array() && !value.is_object()) && values.len() <= 16
        }
        _ => true,
    }
}

fn nested(value: &Value, indent: usize, text: &mut String) {
    // Writing to a text does not fail.
    match value {
        _ if is_scalar(value) => {
            let _ = writeln!(text, "{:indent$}{}", "", scalar(value));
        }
        Value::Object(object) => {
            for (name, value) in object {
                let name = harmless(name);
                if is_scalar(value) {
                    let _ = writeln!(text, "{:indent$}{name}: {}", "", scalar(value));
                } else {
                    let _ = writeln!(text, "{:indent$}{name}:", "");
                    nested(value, indent + 2, text);
                }
            }
        }
        Value::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                if is_scalar(value) {
                    let _ = writeln!(text, "{:indent$}[{index}] {}", "", scalar(value));
                } else {
                    let _ = writeln!(text, "{:indent$}[{index}]", "");
                    nested(value, indent + 2, text);
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_is_the_same_value_and_harmless() {
        let value = json!({"\u{9b}2J": "\u{202e}\u{7f}\u{1b}caf\u{e9} \u{e0001}"});
        let line = json_line(&value);
        assert_eq!(line, r#"{"\u009b2J":"\u202e\u007f\u001bcafé \udb40\udc01"}"#);
        assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), value);
    }

    #[test]
    fn values_are_readable_and_harmless() {
        assert_eq!(render(&json!(7)), "7");
        assert_eq!(render(&json!("hall")), "hall");
        assert_eq!(render(&json!("7")), "\"7\"");
        assert_eq!(render(&json!("")), "\"\"");
        assert_eq!(render(&Value::Null), "null");
        assert_eq!(render(&json!([1, 2])), "[1,2]");
        assert!(!render(&json!("\u{1b}[2J")).contains('\u{1b}'));
        assert!(!render(&json!({"\u{1b}[2J": 1})).contains('\u{1b}'));
        let nested = json!({"history": [{"time": 1, "place": "hall"}, {"time": 2, "place": ""}], "on": true});
        let lines = "history:\n  [0]\n    time: 1\n    place: hall\n  [1]\n    time: 2\n    place: \"\"\non: true";
        assert_eq!(render(&nested), lines);
    }
}
