//! Results as JSON that a browser reads exactly.

use serde_json::Value;

/// The largest integer that JavaScript's numbers have exactly, 2^53 - 1.
const EXACT: i64 = (1 << 53) - 1;

/// Replaces integers that a number of JavaScript does not have exactly by texts.
///
/// ```
/// use serde_json::json;
///
/// let value = oncilla_web::values::exact(json!({"small": 7, "large": u64::MAX, "real": 0.5}));
/// assert_eq!(value, json!({"small": 7, "large": "18446744073709551615", "real": 0.5}));
/// ```
#[must_use]
pub fn exact(value: Value) -> Value {
    match value {
        Value::Number(number) => {
            let is_large = match (number.as_i64(), number.as_u64()) {
                (Some(signed), _) => !(-EXACT..=EXACT).contains(&signed),
                (None, Some(_)) => true,
                (None, None) => false,
            };
            if is_large { Value::String(number.to_string()) } else { Value::Number(number) }
        }
        Value::Array(values) => values.into_iter().map(exact).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, exact(value))).collect(),
        other => other,
    }
}
