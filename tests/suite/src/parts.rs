//! The parts of the suite that a board has.

use core::fmt;
use core::ops::BitOr;
use core::str::FromStr;

/// Parts of the suite: a bit for each, as SUITE_PARTS tells them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parts(pub u32);

impl Parts {
    /// Nothing but SUITE, which every board has: calls, one-way calls, a few types, refusals.
    pub const NONE: Self = Self(0);
    /// SUITE_TYPES: every type of XDR.
    pub const TYPES: Self = Self(1);
    /// SUITE_BULK: messages of more than a kilobyte.
    pub const BULK: Self = Self(2);
    /// Payloads in postcard.
    pub const POSTCARD: Self = Self(4);
    /// A call that comes again, with the same xid, is answered again and not executed again.
    pub const REPLAY: Self = Self(8);
    /// SUITE_CALLBACKS: the board calls the host, and serves it meanwhile.
    pub const CALLBACKS: Self = Self(16);
    /// SUITE_TEXT: the board prints on the line that carries the calls.
    pub const TEXT: Self = Self(32);
    /// All of them.
    pub const ALL: Self = Self(63);

    /// What this crate was built with and every way of serving has.
    pub const BUILT: Self = Self::NONE
        .and_if(cfg!(feature = "types"), Self::TYPES)
        .and_if(cfg!(feature = "bulk"), Self::BULK)
        .and_if(cfg!(feature = "postcard"), Self::POSTCARD);

    /// What [`serve_line`](crate::serve_line) adds to that.
    pub const LINE: Self = Self::NONE
        .and_if(cfg!(feature = "replay"), Self::REPLAY)
        .and_if(cfg!(feature = "callbacks"), Self::CALLBACKS)
        .and_if(cfg!(feature = "text"), Self::TEXT);

    const NAMES: [(Self, &'static str); 6] = [
        (Self::TYPES, "types"),
        (Self::BULK, "bulk"),
        (Self::POSTCARD, "postcard"),
        (Self::REPLAY, "replay"),
        (Self::CALLBACKS, "callbacks"),
        (Self::TEXT, "text"),
    ];

    /// These and those.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// These without those.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether all of `other` are among these.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    const fn and_if(self, condition: bool, other: Self) -> Self {
        if condition { self.and(other) } else { self }
    }
}

/// Of names with commas between them, as `Display` writes them; an empty text is no part.
impl FromStr for Parts {
    type Err = UnknownPart;

    fn from_str(text: &str) -> Result<Self, UnknownPart> {
        let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
        names.map(|name| Self::NAMES.iter().find(|(_, known)| *known == name)).try_fold(Self::NONE, |parts, found| {
            let (part, _) = found.ok_or(UnknownPart)?;
            Ok(parts | *part)
        })
    }
}

/// There is no part of this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownPart;

impl fmt::Display for UnknownPart {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("no such part; there are types, bulk, postcard, replay, callbacks and text")
    }
}

impl core::error::Error for UnknownPart {}

impl BitOr for Parts {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.and(other)
    }
}

impl fmt::Display for Parts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::NONE {
            return formatter.write_str("nothing but SUITE");
        }
        let mut between = "";
        for (_, name) in Self::NAMES.iter().filter(|(part, _)| self.has(*part)) {
            write!(formatter, "{between}{name}")?;
            between = ", ";
        }
        match self.without(Self::ALL) {
            Self::NONE => Ok(()),
            Self(unknown) => write!(formatter, "{between}unknown ones ({unknown:#x})"),
        }
    }
}
