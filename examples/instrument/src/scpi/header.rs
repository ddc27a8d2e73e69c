//! Headers of commands (SCPI-99 volume 1, §6.2).

/// The longest path that a unit can inherit.
const PATH: usize = 48;

/// The nodes that the next unit of a message continues: those of the last header, without its last mnemonic.
///
/// After `SENSe:AVERage:COUNt 4` the header `COUNt?` means `SENSe:AVERage:COUNt?` (SCPI-99 volume 1, §6.2.4).
#[derive(Clone, Copy, Debug)]
pub struct Path {
    bytes: [u8; PATH],
    length: usize,
}

impl Path {
    /// The root, at which every message begins.
    pub const ROOT: Self = Self { bytes: [0; PATH], length: 0 };

    /// Returns the nodes.
    fn nodes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// Returns the path with more nodes. One that is too long is the root: no command is as deep.
    fn with(&self, more: &[u8]) -> Self {
        let mut path = *self;
        for byte in more {
            let Some(place) = path.bytes.get_mut(path.length) else { return Self::ROOT };
            *place = *byte;
            path.length = path.length.wrapping_add(1);
        }
        path
    }
}

/// A header as it was sent, such as `:MEAS:VOLT?`.
#[derive(Clone, Copy, Debug)]
pub struct Header<'a> {
    path: &'a Path,
    text: &'a [u8],
}

impl<'a> Header<'a> {
    /// Creates a header that continues `path`, unless it begins with a colon or is a common command.
    #[must_use]
    pub fn new(path: &'a Path, text: &'a [u8]) -> Self {
        match text {
            [b':', rest @ ..] => Self { path: const { &Path::ROOT }, text: rest },
            [b'*', ..] => Self { path: const { &Path::ROOT }, text },
            _ => Self { path, text },
        }
    }

    /// Returns whether it is a query.
    #[must_use]
    pub fn is_query(&self) -> bool {
        self.text.ends_with(b"?")
    }

    /// Returns the path that the next unit continues. Common commands do not change it.
    #[must_use]
    pub fn path_after(&self, before: &Path) -> Path {
        if self.text.starts_with(b"*") {
            return *before;
        }
        let end = self.text.iter().rposition(|byte| *byte == b':');
        self.path.with(end.and_then(|end| self.text.get(..=end)).unwrap_or_default())
    }

    /// Returns whether this is the header of a command such as `MEASure[:SCALar]:VOLTage[:DC]?`.
    ///
    /// Capitals are the short form, and nodes in brackets may be left out.
    #[must_use]
    pub fn is(&self, pattern: &str) -> bool {
        let text = self.text.strip_suffix(b"?").unwrap_or(self.text);
        let pattern = pattern.as_bytes();
        let (query, mut pattern) = match pattern.strip_suffix(b"?") {
            Some(pattern) => (true, pattern),
            None => (false, pattern),
        };
        if query != self.is_query() {
            return false;
        }
        // A path ends with a colon, after which there is an empty node.
        let inherited = self.path.nodes();
        let inherited = inherited.strip_suffix(b":").unwrap_or(inherited);
        let above = inherited.split(|byte| *byte == b':').filter(|_| !inherited.is_empty());
        let mut sent = above.chain(text.split(|byte| *byte == b':')).peekable();
        while let Some(node) = Node::next(&mut pattern) {
            match sent.peek() {
                Some(mnemonic) if node.is(mnemonic) => {
                    sent.next();
                }
                _ if node.optional => {}
                _ => return false,
            }
        }
        sent.next().is_none()
    }
}

/// A node of a pattern.
struct Node<'p> {
    name: &'p [u8],
    optional: bool,
}

impl<'p> Node<'p> {
    /// Takes the first node of a pattern.
    fn next(pattern: &mut &'p [u8]) -> Option<Self> {
        let mut optional = false;
        let mut rest = *pattern;
        while let [mark @ (b':' | b'[' | b']'), after @ ..] = rest {
            optional |= *mark == b'[';
            rest = after;
        }
        let length = rest.iter().position(|byte| matches!(byte, b':' | b'[' | b']')).unwrap_or(rest.len());
        let (name, after) = rest.split_at_checked(length)?;
        *pattern = after;
        (!name.is_empty()).then_some(Self { name, optional })
    }

    /// Returns whether a mnemonic is the short or the long form of the node, in capitals or not.
    fn is(&self, mnemonic: &[u8]) -> bool {
        let short = self.name.iter().position(u8::is_ascii_lowercase).unwrap_or(self.name.len());
        let short = self.name.get(..short).unwrap_or_default();
        self.name.eq_ignore_ascii_case(mnemonic) || short.eq_ignore_ascii_case(mnemonic)
    }
}

/// Returns whether `word` is the short or the long form of `pattern`, such as `ASCii`.
#[must_use]
pub fn is_word(word: &[u8], pattern: &str) -> bool {
    Node { name: pattern.as_bytes(), optional: false }.is(word)
}
