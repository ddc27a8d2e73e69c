//! Reads byte vectors: annotated hexadecimal in plain text files.
//!
//! `== name` begins a vector. Its bytes follow as pairs of hexadecimal digits, in any layout. `61*255` is 255 bytes 61.
//! A comment begins with `#`, and ends with the line.

use std::collections::BTreeMap;

/// The vectors of one file, each of which must be used.
pub struct Vectors(BTreeMap<String, &'static [u8]>);

impl Vectors {
    /// Parses the text of a file.
    ///
    /// # Panics
    /// If the file does not have this format, or a name occurs twice.
    pub fn parse(text: &str) -> Self {
        let mut vectors = BTreeMap::new();
        let mut current: Option<(String, Vec<u8>)> = None;
        for line in text.lines().map(|line| line.split('#').next().unwrap_or_default().trim()) {
            if let Some(name) = line.strip_prefix("== ") {
                insert(&mut vectors, current.replace((name.to_owned(), Vec::new())));
            } else {
                for word in line.split_whitespace() {
                    let (_, bytes) = current.as_mut().unwrap_or_else(|| panic!("{word} stands before the first name"));
                    bytes.extend(run(word));
                }
            }
        }
        insert(&mut vectors, current);
        Self(vectors)
    }

    /// Returns the bytes of one vector. They live as long as the test, so values may borrow from them.
    ///
    /// # Panics
    /// If no vector has this name, or the vector was used before.
    pub fn take(&mut self, name: &str) -> &'static [u8] {
        self.0.remove(name).unwrap_or_else(|| panic!("no vector is called {name}, or it was taken before"))
    }

    /// Returns all vectors with their names, in the order of the names.
    #[allow(dead_code)] // Not every test uses all vectors at once.
    pub fn into_all(self) -> impl Iterator<Item = (String, &'static [u8])> {
        self.0.into_iter()
    }

    /// Checks that every vector was used.
    #[allow(dead_code)]
    pub fn finish(self) {
        assert!(self.0.is_empty(), "nothing checked these vectors: {:?}", self.0.keys());
    }
}

fn insert(vectors: &mut BTreeMap<String, &'static [u8]>, vector: Option<(String, Vec<u8>)>) {
    if let Some((name, bytes)) = vector {
        let twice = vectors.insert(name.clone(), bytes.leak());
        assert!(twice.is_none(), "two vectors are called {name}");
    }
}

/// Parses one word of the file: a byte, or a repeated byte.
fn run(word: &str) -> Vec<u8> {
    let (byte, count) = word.split_once('*').unwrap_or((word, "1"));
    assert_eq!(byte.len(), 2, "{word} is not a byte");
    let byte = u8::from_str_radix(byte, 16).unwrap_or_else(|_| panic!("{word} is not hexadecimal"));
    let count = count.parse().unwrap_or_else(|_| panic!("{word} has no count"));
    vec![byte; count]
}
