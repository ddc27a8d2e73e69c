//! Floating-point numbers as JSON.
//!
//! JSON has neither NaN nor infinities, so these are texts. A NaN with unusual bits states them, so that every number
//! is encoded to the bytes from which it was decoded.

use serde_json::{Number, Value};

/// The bits of the usual NaN.
const NAN: u64 = 0x7ff8_0000_0000_0000;
const NAN_SINGLE: u32 = 0x7fc0_0000;

pub(crate) fn single(bits: u32) -> Value {
    let number = f32::from_bits(bits);
    if number.is_nan() {
        return not_a_number(bits.into(), bits == NAN_SINGLE, 8);
    }
    // The shortest text, 0.1 instead of 0.10000000149011612, if it is the same number.
    let short = number.to_string().parse::<f64>().ok().filter(|short| (*short as f32).to_bits() == bits);
    double_of(short.unwrap_or(number.into()))
}

pub(crate) fn double(bits: u64) -> Value {
    let number = f64::from_bits(bits);
    if number.is_nan() { not_a_number(bits, bits == NAN, 16) } else { double_of(number) }
}

fn not_a_number(bits: u64, usual: bool, digits: usize) -> Value {
    if usual { "NaN".into() } else { format!("NaN:{bits:0digits$x}").into() }
}

fn double_of(number: f64) -> Value {
    let infinite = if number > 0.0 { "Infinity" } else { "-Infinity" };
    Number::from_f64(number).map_or_else(|| infinite.into(), Value::Number)
}

/// Returns the bits of a `float`.
///
/// Other numbers are rounded; a number that is too large is refused.
pub(crate) fn bits_of_single(value: &Value) -> Option<u32> {
    match value {
        Value::Number(number) => {
            let single = number.as_f64()? as f32;
            single.is_finite().then(|| single.to_bits())
        }
        Value::String(text) => match text.as_str() {
            "NaN" => Some(NAN_SINGLE),
            "Infinity" => Some(f32::INFINITY.to_bits()),
            "-Infinity" => Some(f32::NEG_INFINITY.to_bits()),
            _ => {
                stated(text, 8).and_then(|bits| u32::try_from(bits).ok()).filter(|&bits| f32::from_bits(bits).is_nan())
            }
        },
        _ => None,
    }
}

/// Returns the bits of a `double`.
pub(crate) fn bits_of_double(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_f64().map(f64::to_bits),
        Value::String(text) => match text.as_str() {
            "NaN" => Some(NAN),
            "Infinity" => Some(f64::INFINITY.to_bits()),
            "-Infinity" => Some(f64::NEG_INFINITY.to_bits()),
            _ => stated(text, 16).filter(|&bits| f64::from_bits(bits).is_nan()),
        },
        _ => None,
    }
}

/// Returns the bits of `NaN:7fc00001`.
fn stated(text: &str, digits: usize) -> Option<u64> {
    let text = text.strip_prefix("NaN:")?;
    let valid = text.len() == digits && text.bytes().all(|digit| digit.is_ascii_hexdigit());
    valid.then(|| u64::from_str_radix(text, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_float_is_as_short_as_in_rust() {
        assert_eq!(single(0.1f32.to_bits()).to_string(), "0.1");
        assert_eq!(single((-0.0f32).to_bits()).to_string(), "-0.0");
        assert_eq!(single(f32::NEG_INFINITY.to_bits()), "-Infinity");
        assert_eq!(single(0xffc0_0001), "NaN:ffc00001");
        assert_eq!(double(NAN), "NaN");
    }

    #[test]
    fn what_is_no_float_is_refused() {
        for value in ["nan", "NaN:7f800000", "NaN:+fc00001", "NaN:7fc0001", "1.5"] {
            assert_eq!(bits_of_single(&value.into()), None, "{value}");
        }
        assert_eq!(bits_of_single(&1e39.into()), None);
        assert_eq!(bits_of_single(&7.into()), Some(7f32.to_bits()));
    }

    proptest! {
        #[test]
        fn every_number_comes_back(bits: u64) {
            prop_assert_eq!(bits_of_double(&double(bits)), Some(bits));
            prop_assert_eq!(bits_of_single(&single(bits as u32)), Some(bits as u32));
        }
    }
}
