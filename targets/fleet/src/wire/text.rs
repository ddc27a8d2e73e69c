//! Texts for people, as a broker carries them.

use super::VALUE_MAX;

/// Returns the beginning of a text, at most [`VALUE_MAX`] bytes.
pub(super) fn short(text: &str) -> &str {
    (0..=VALUE_MAX).rev().find_map(|end| text.get(..end.min(text.len()))).unwrap_or_default()
}

/// Returns a text without what a broker refuses, at most [`VALUE_MAX`] bytes long.
///
/// Control characters and non-characters become U+FFFD (MQTT 5 §1.5.4). A broker closes the connection of a client that
/// sends one in a property, and texts repeat names that a peer has chosen.
#[must_use]
pub fn for_people(text: &str) -> String {
    let shown: String =
        short(text).chars().map(|c| if is_refused(c) { char::REPLACEMENT_CHARACTER } else { c }).collect();
    short(&shown).to_owned()
}

/// Reads a text for people, which comes from a peer: one line, as [`for_people`] returns it.
pub(super) fn read<'de, D: serde::Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(from)?;
    Ok(for_people(&text))
}

fn is_refused(character: char) -> bool {
    let code = u32::from(character);
    character.is_control() || (0xfdd0..=0xfdef).contains(&code) || code & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_peers_are_one_line_without_control_characters() {
        use super::super::{CallState, Document, GatewayState, JsonReply, Presence};
        let evil = r#""\u001b[2J\nrow""#;
        let shown = "\u{fffd}[2J\u{fffd}row";
        let presence = format!(
            r#"{{"state":"away","gateway":"w","session":"0000000000000001","term":1,"since":1,"reason":{evil},
                "programs":[{{"program":"0x20000051","name":{evil},"versions":[]}}]}}"#
        );
        let presence = Presence::parse(presence.as_bytes()).unwrap();
        assert_eq!((&*presence.reason, &*presence.programs[0].name), (shown, shown));
        let state = format!(
            r#"{{"state":"failed","since":1,"expires":1,"gateway":"w","program":"0x20000051","version":1,"procedure":1,"text":{evil}}}"#
        );
        assert_eq!(CallState::parse(state.as_bytes()).unwrap().text, shown);
        let gateway = format!(r#"{{"state":"online","session":"0000000000000001","version":{evil}}}"#);
        assert_eq!(GatewayState::parse(gateway.as_bytes()).unwrap().version, shown);
        let reply = JsonReply::parse(format!(r#"{{"error":{evil},"text":{evil}}}"#).as_bytes()).unwrap();
        assert_eq!(reply, JsonReply::Error { error: shown.to_owned(), text: shown.to_owned() });
    }

    #[test]
    fn what_a_broker_refuses_is_replaced() {
        assert_eq!(for_people("kiln 7: 21 °C"), "kiln 7: 21 °C");
        assert_eq!(
            for_people("a\0\u{1}\n\u{7f}\u{9f}\u{fdd0}\u{ffff}\u{1fffe}z"),
            format!("a{}z", "\u{fffd}".repeat(8))
        );
        let long = for_people(&"\0".repeat(VALUE_MAX));
        assert!(long.len() <= VALUE_MAX && long.len() > VALUE_MAX - 3, "{}", long.len());
    }
}
