//! Makes text from others safe to show.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::str;

/// Escapes characters that a terminal, an editor or a compiler would obey instead of show.
///
/// These are control characters (ESC begins a terminal's commands), marks that change the direction of writing, and
/// characters without width. They become `\u{1b}` and the like. Line feeds, tabs, and letters and marks of all scripts
/// stay. `\r\n` becomes `\n`, also when the text ends between the two. Text without such characters is returned
/// unchanged, so a second call changes nothing.
#[must_use]
pub fn harmless(text: &str) -> Cow<'_, str> {
    let Some(first) = text.find(is_harmful) else { return Cow::Borrowed(text) };
    let (head, rest) = text.split_at(first);
    let mut out = String::with_capacity(text.len() + 16);
    out.push_str(head);
    let mut rest = rest.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '\r' if rest.peek().is_none_or(|&next| next == '\n') => {}
            '\r' => out.push_str("\\r"),
            _ if is_harmful(character) => {
                let _ = write!(out, "{}", character.escape_unicode());
            }
            _ => out.push(character),
        }
    }
    Cow::Owned(out)
}

fn is_harmful(character: char) -> bool {
    match character {
        '\n' | '\t' | ' '..='~' => false,
        '\0'..='\u{a0}' => character != '\u{a0}',
        // Invisible, but letters or marks in Unicode (Default_Ignorable_Code_Point).
        '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' => true,
        '\u{3164}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}' => true,
        // Blanks of other widths.
        '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' | '\u{1680}' => false,
        _ => {
            // `str::escape_debug` knows what cannot be printed. But it also escapes an accent that is the first
            // character.
            let mut pair = [b'a', 0, 0, 0, 0];
            let length = 1 + character.encode_utf8(&mut pair[1..]).len();
            str::from_utf8(&pair[..length]).is_ok_and(|pair| pair.escape_debug().count() != 2)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hosts_function_is_the_same() {
        // This file is in both crates. A crate for it would be one more dependency of every build script.
        assert_eq!(include_str!("harmless.rs"), include_str!("../../host/src/harmless.rs"));
    }

    #[test]
    fn what_is_obeyed_is_escaped() {
        assert_eq!(harmless("a\x1b[2Jb\x07"), "a\\u{1b}[2Jb\\u{7}");
        assert_eq!(harmless("\u{9b}31m \x7f \0"), "\\u{9b}31m \\u{7f} \\u{0}");
        assert_eq!(harmless("\u{202e}\u{2066}\u{200b}\u{feff}\u{ad}"), "\\u{202e}\\u{2066}\\u{200b}\\u{feff}\\u{ad}");
        assert_eq!(harmless("\u{2028}\u{e0041}\u{fffe}"), "\\u{2028}\\u{e0041}\\u{fffe}");
        assert_eq!(harmless("over\rwritten"), "over\\rwritten");
    }

    #[test]
    fn what_is_shown_stays() {
        for text in
            ["tabs\tand\nlines", "Größe \u{a0} e\u{301} 温度 हिन्दी ไทย עברית", "⚠\u{fe0f} ± °C \\ \" ' \u{fffd}"]
        {
            assert!(matches!(harmless(text), Cow::Borrowed(same) if same == text), "{text:?}");
        }
        assert_eq!(harmless("a\r\nb\r\n"), "a\nb\n");
        assert_eq!(harmless("a\r"), "a");
    }

    #[test]
    fn twice_is_once() {
        let every: String = (0..0x11_0000).filter_map(char::from_u32).collect();
        let once = harmless(&every);
        assert!(matches!(harmless(&once), Cow::Borrowed(_)));
    }
}
