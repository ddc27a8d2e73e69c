//! Text in arrays of C's `char`.

/// Returns text as an array of C's `char`, such as `char name[16]`.
///
/// The array holds the bytes of the text, followed by zeros. The result is `None` if the text has more than `N` bytes.
///
/// XDR encodes such an array as numbers of four bytes each; in Rust its elements are `i8`. In a new interface prefer
/// `string<16>`: it is shorter on the wire, and text in both programs.
///
/// ```
/// use oncilla::xdr::{Array, chars_to_text, text_to_chars};
/// let name: [i8; 8] = text_to_chars("hall").ok_or("too long")?;
/// assert_eq!(name, [104, 97, 108, 108, 0, 0, 0, 0]);
/// assert_eq!(chars_to_text::<8>(&name).as_deref(), Some("hall"));
/// // An array of more than 32 elements, and one of variable length.
/// let line = Array(text_to_chars::<80>("hall").ok_or("too long")?);
/// assert_eq!(chars_to_text::<80>(&line.0).as_deref(), Some("hall"));
/// let word: heapless::Vec<i8, 8> = "hall".bytes().map(u8::cast_signed).collect();
/// assert_eq!(chars_to_text::<8>(&word).as_deref(), Some("hall"));
/// # Ok::<(), &str>(())
/// ```
#[must_use]
pub fn text_to_chars<const N: usize>(text: &str) -> Option<[i8; N]> {
    let mut chars = [0; N];
    let room = chars.get_mut(..text.len())?;
    for (char, byte) in room.iter_mut().zip(text.bytes()) {
        *char = byte.cast_signed();
    }
    Some(chars)
}

/// Returns the text in an array of C's `char`.
///
/// The text ends at the first zero, or with the array. The result is `None` if the text is not UTF-8 or has more than
/// `N` bytes. See [`text_to_chars`] for an example.
#[must_use]
pub fn chars_to_text<const N: usize>(chars: &[i8]) -> Option<heapless::String<N>> {
    let mut bytes = heapless::Vec::new();
    for char in chars.iter().take_while(|&&char| char != 0) {
        bytes.push(char.cast_unsigned()).ok()?;
    }
    heapless::String::from_utf8(bytes).ok()
}
