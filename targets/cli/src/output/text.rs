//! Values as text for people.

use std::borrow::Cow;
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

/// Returns a text with control characters as escapes, except styles.
pub fn styled(text: &str) -> Cow<'_, str> {
    if let Cow::Borrowed(text) = harmless(text) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(at) = rest
        .match_indices('\u{1b}')
        .map(|(at, _)| at)
        .find(|&at| rest.get(at..).is_some_and(|from| style_at(from).is_some()))
    {
        let (before, from) = rest.split_at(at);
        let (style, after) = from.split_at(style_at(from).unwrap_or_default());
        safe.push_str(&harmless(before));
        safe.push_str(style);
        rest = after;
    }
    safe.push_str(&harmless(rest));
    Cow::Owned(safe)
}

/// Returns the length of the style that a text begins with.
///
/// Styles are those that help and output use: bold, dim, underlined and colours. Hidden text is none of them.
fn style_at(text: &str) -> Option<usize> {
    let parameters = text.strip_prefix("\x1b[")?;
    // No style is longer.
    let end = parameters.bytes().take(9).position(|byte| byte == b'm')?;
    let parameters = parameters.get(..end)?;
    let is_known = |parameter: &str| matches!(parameter.parse(), Ok(0_u8 | 1 | 2 | 4 | 31..=36 | 91..=96));
    parameters.split(';').all(is_known).then_some("\x1b[m".len() + parameters.len())
}

/// Returns a number with its noun, such as `1 poll` or `2 polls`.
pub fn count(number: u64, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
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
    fn only_styles_pass_of_control_sequences() {
        let line = |text: &str| styled(text).into_owned();
        assert_eq!(line("plain caf\u{e9}\n"), "plain caf\u{e9}\n");
        for whole in ["\u{1b}[1mname\u{1b}[0m: 7", "\u{1b}[1m\u{1b}[31merror\u{1b}[0m: no", "\u{1b}[1;36mx\u{1b}[0m"] {
            assert_eq!(line(whole), whole);
        }
        assert_eq!(line("\u{1b}[1ma\u{1b}[2J\u{9b}2J\u{202e}"), "\u{1b}[1ma\\u{1b}[2J\\u{9b}2J\\u{202e}");
        assert_eq!(line("\u{1b}]0;title\u{7}\u{1b}[0m"), "\\u{1b}]0;title\\u{7}\u{1b}[0m");
        // Hidden, blinking, and no style at all.
        for wrong in ["\u{1b}[8m", "\u{1b}[5m", "\u{1b}[1;8m", "\u{1b}[m", "\u{1b}[", "\u{1b}[1", "\u{1b}"] {
            assert!(!line(wrong).contains('\u{1b}'), "{wrong:?}");
        }
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
