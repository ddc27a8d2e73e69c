//! The keys of a file that was chosen in the browser.

use std::rc::Rc;

use oncilla::keys::Key;

/// The keys of a file, with their names. They are overwritten in memory when the last clone is dropped.
#[derive(Clone, Default)]
pub struct Keys(Rc<Vec<(Key, String)>>);

impl Keys {
    /// Parses the text of a file, as `oncilla key new` writes it.
    ///
    /// # Errors
    /// What is wrong, with the number of the line. The text never repeats a line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut keys: Vec<(Key, String)> = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            let parsed = Key::parse_line(line).map_err(|what| format!("line {number} of the key file: {what}"))?;
            let Some((key, name)) = parsed else { continue };
            if keys.iter().any(|(other, _)| other.id() == key.id()) {
                return Err(format!(
                    "line {number} of the key file: an earlier line has the key id {}, too",
                    key.id().0
                ));
            }
            keys.push((key, name.to_owned()));
        }
        if keys.is_empty() {
            return Err("the key file has no key; `oncilla key new FILE` makes one".to_owned());
        }
        Ok(Self(Rc::new(keys)))
    }

    /// Returns the ids and names of the keys, in the order of the file.
    pub fn names(&self) -> impl Iterator<Item = (u16, &str)> {
        self.0.iter().map(|(key, name)| (key.id().0, &**name))
    }

    /// Returns whether there is no key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Chooses the key of an id, or the only one.
    ///
    /// # Errors
    /// There is no such key, or there are several.
    pub fn choose(&self, id: Option<u16>) -> Result<Chosen, String> {
        let place = match (id, self.0.len()) {
            (None, 1) => Some(0),
            (None, count) => return Err(format!("the key file has {count} keys; choose one by its id")),
            (Some(id), _) => self.names().position(|(other, _)| other == id),
        };
        let place = place.ok_or_else(|| format!("the key file has no key with the id {}", id.unwrap_or_default()))?;
        Ok(Chosen { keys: self.clone(), place })
    }
}

/// A key of a file.
#[derive(Clone)]
pub struct Chosen {
    keys: Keys,
    place: usize,
}

impl std::borrow::Borrow<Key> for Chosen {
    #[expect(clippy::indexing_slicing, reason = "`choose` has found the place, and the keys do not change")]
    fn borrow(&self) -> &Key {
        &self.keys.0[self.place].0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "000102030405060708090a0b0c0d0e0f";

    #[test]
    fn a_key_is_chosen_by_its_id() {
        let keys = Keys::parse(&format!("# two\n1 {SECRET} left\n\n9 {SECRET} right\n")).unwrap();
        assert_eq!(keys.names().collect::<Vec<_>>(), [(1, "left"), (9, "right")]);
        let id = |chosen: Chosen| std::borrow::Borrow::<Key>::borrow(&chosen).id().0;
        assert_eq!(keys.choose(Some(9)).map(id), Ok(9));
        assert!(keys.choose(None).is_err() && keys.choose(Some(2)).is_err());
        assert_eq!(Keys::parse(&format!("7 {SECRET}")).unwrap().choose(None).map(id), Ok(7));
    }

    #[test]
    fn errors_name_the_line_and_no_secret() {
        for (text, wanted) in [
            (format!("1 {SECRET}\n1 {SECRET}"), "line 2"),
            (format!("1 {SECRET}00"), "line 1"),
            (String::from("# nothing"), "no key"),
        ] {
            let error = Keys::parse(&text).err().unwrap();
            assert!(error.contains(wanted) && !error.contains(SECRET), "{error}");
        }
    }
}
