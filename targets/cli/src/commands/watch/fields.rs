//! The fields of a value, by their paths.

use serde_json::Value;

/// The largest array whose elements are fields. A longer array is one field.
const ELEMENTS_MAX: usize = 16;

/// The largest number of fields of a value. Only JSON has the rest.
const FIELDS_MAX: usize = 256;

/// The path of a value that is neither an object nor an array.
pub const WHOLE: &str = "value";

/// A field: its path, such as `history[0].time`, and its value.
pub type Field = (String, Value);

/// Returns the fields of a value, in its order.
pub fn of(value: &Value) -> Vec<Field> {
    let mut fields = Vec::new();
    collect(value, String::new(), &mut fields);
    fields
}

fn collect(value: &Value, path: String, fields: &mut Vec<Field>) {
    match value {
        _ if fields.len() >= FIELDS_MAX => {}
        Value::Object(object) if !object.is_empty() => {
            for (name, value) in object {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                collect(value, path, fields);
            }
        }
        Value::Array(values) if !values.is_empty() && values.len() <= ELEMENTS_MAX => {
            for (index, value) in values.iter().enumerate() {
                collect(value, format!("{path}[{index}]"), fields);
            }
        }
        _ => fields.push((if path.is_empty() { WHOLE.to_owned() } else { path }, value.clone())),
    }
}

/// Returns the number of a field for a plot. A bool is 0 or 1.
pub fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Bool(value) => Some(f64::from(u8::from(*value))),
        value => value.as_f64().filter(|number| number.is_finite()),
    }
}

/// Returns whether a name is the path of a field, or its beginning or end.
pub fn is_named(path: &str, name: &str) -> bool {
    let begins = path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
    begins || path.strip_suffix(name).is_some_and(|rest| rest.ends_with('.'))
}

/// Returns whether a field has one of the names. Without names, each has.
pub fn is_chosen(path: &str, names: &[String]) -> bool {
    names.is_empty() || names.iter().any(|name| is_named(path, name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_are_those_of_expressions() {
        let value = json!({"STATUS_OK": {"value": 1, "tags": ["a", "b"]}, "on": true, "none": {}});
        let paths: Vec<_> = of(&value).into_iter().map(|(path, _)| path).collect();
        assert_eq!(paths, ["STATUS_OK.value", "STATUS_OK.tags[0]", "STATUS_OK.tags[1]", "on", "none"]);
        assert_eq!(of(&json!(7)), [("value".to_owned(), json!(7))]);
        assert_eq!(of(&json!([1, 2])).len(), 2);
        assert_eq!(of(&json!(vec![0; 17])).len(), 1);
        assert_eq!(of(&json!(vec![vec![0; 16]; 16])).len(), FIELDS_MAX);
    }

    #[test]
    fn names_are_the_beginning_or_the_end_of_a_path() {
        for name in ["STATUS_OK.value", "STATUS_OK", "value"] {
            assert!(is_named("STATUS_OK.value", name), "{name}");
        }
        for name in ["STATUS", "lue", "OK.value", ""] {
            assert!(!is_named("STATUS_OK.value", name), "{name}");
        }
        assert!(is_named("history[0].time", "history"));
    }
}
