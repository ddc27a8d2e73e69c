//! Text in arrays of C's `char`.

use oncilla::xdr::{chars_to_text, text_to_chars};

#[test]
fn text_ends_at_the_first_zero_or_with_the_array() {
    assert_eq!(chars_to_text::<4>(&[0; 4]).as_deref(), Some(""));
    assert_eq!(chars_to_text::<4>(&[]).as_deref(), Some(""));
    assert_eq!(chars_to_text::<4>(&[97, 0, 98, 0]).as_deref(), Some("a"));
    assert_eq!(chars_to_text::<4>(&[97, 98, 99, 100]).as_deref(), Some("abcd"));
    assert_eq!(chars_to_text::<4>(&[97, 98, 99, 100, 101]), None);
    // Latin-1 is not UTF-8.
    assert_eq!(chars_to_text::<4>(&[-4, 0]), None);
}

#[test]
fn text_must_fit() {
    assert_eq!(text_to_chars::<2>("ab"), Some([97, 98]));
    assert_eq!(text_to_chars::<2>("abc"), None);
    assert_eq!(text_to_chars::<0>(""), Some([]));
    let chars = text_to_chars::<4>("ü").unwrap();
    assert_eq!(chars, [-61, -68, 0, 0]);
    assert_eq!(chars_to_text::<2>(&chars).as_deref(), Some("ü"));
}
