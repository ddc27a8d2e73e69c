//! The comparison of encodings that stand for equal values.

/// Returns whether all words are equal. Numbers of 8 or 16 bits may be signed in one, and unsigned in the other.
pub fn alike(ours: &[u8], came: &[u8]) -> bool {
    let narrow = |ours: i32, came: i32, bits: u32| {
        let range = -(1 << (bits - 1))..1 << bits;
        (ours ^ came) & ((1 << bits) - 1) == 0 && range.contains(&ours) && range.contains(&came)
    };
    let word = |bytes: &[u8]| bytes.try_into().map(i32::from_be_bytes);
    ours.len() == came.len()
        && ours.chunks(4).zip(came.chunks(4)).all(|(ours, came)| match (word(ours), word(came)) {
            (Ok(our_word), Ok(word)) => our_word == word || narrow(our_word, word, 8) || narrow(our_word, word, 16),
            _ => ours == came,
        })
}
