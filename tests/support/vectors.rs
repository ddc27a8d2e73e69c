//! Reads byte vectors: annotated hexadecimal in plain text files.
//!
//! `== name` begins a vector. Then come its bytes, pairs of hexadecimal digits in any layout;
//! `61*255` is a byte that stands 255 times; from `#` to the end of a line is comment.

use std::collections::BTreeMap;

/// The vectors of one file, each of which must be looked at.
pub struct Vectors(BTreeMap<String, &'static [u8]>);

impl Vectors {
    /// Reads a file.
    ///
    /// # Panics
    /// When the file is not of this form, or a name stands twice.
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

    /// The bytes of one vector. It lives as long as the test, so that values may borrow from it.
    ///
    /// # Panics
    /// When there is none of this name, or it was taken before.
    pub fn take(&mut self, name: &str) -> &'static [u8] {
        self.0.remove(name).unwrap_or_else(|| panic!("no vector is called {name}, or it was taken before"))
    }

    /// All vectors with their names, in the order of the names.
    #[allow(dead_code)] // Not every test wants them all at once.
    pub fn into_all(self) -> impl Iterator<Item = (String, &'static [u8])> {
        self.0.into_iter()
    }

    /// Asks that every vector was taken: one that nothing checks would be decoration.
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

/// One word of the file: a byte, or a byte that stands several times.
fn run(word: &str) -> Vec<u8> {
    let (byte, count) = word.split_once('*').unwrap_or((word, "1"));
    assert_eq!(byte.len(), 2, "{word} is not a byte");
    let byte = u8::from_str_radix(byte, 16).unwrap_or_else(|_| panic!("{word} is not hexadecimal"));
    let count = count.parse().unwrap_or_else(|_| panic!("{word} has no count"));
    vec![byte; count]
}
