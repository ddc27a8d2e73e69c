//! Random encodings of the types of an interface.

use oncilla_rpcgen::tree::{Basic, EnumBody, Shape, Specifier, StructBody, Type, UnionBody};
use oncilla_rpcgen::{Defined, Interface, Meaning, Prelude};

/// The most bytes and elements of what has no bound in the file, and the most nodes within each other.
const BYTES: u64 = 64;
const ELEMENTS: u64 = 8;
const DEPTH: usize = 40;

/// Numbers at the ends of ranges.
const EDGES: [u64; 8] = [0, 1, u64::MAX, 0x7fff_ffff, 0x8000_0000, 0x7fff_ffff_ffff_ffff, 1 << 63, 0x7f80_0001];

/// A source of random numbers: splitmix64.
pub struct Random {
    state: u64,
    out: Vec<u8>,
    depth: usize,
}

impl Random {
    pub fn new(seed: u64) -> Self {
        Self { state: seed, out: Vec::new(), depth: 0 }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// Returns a number from 0 to `most`.
    fn up_to(&mut self, most: u64) -> u64 {
        match self.next() % 4 {
            0 => most,
            1 => 0,
            _ => self.next() % (most + 1),
        }
    }

    fn bits(&mut self) -> u64 {
        match self.next() % 3 {
            0 => EDGES[(self.next() % EDGES.len() as u64) as usize],
            _ => self.next(),
        }
    }

    /// Changes, removes or adds bytes.
    pub fn damage(&mut self, value: &mut Vec<u8>) {
        for _ in 0..=self.next() % 2 {
            let length = value.len();
            let at = self.next() as usize % length.max(1);
            match self.next() % 8 {
                0 => value.truncate(at / 4 * 4),
                1 => value.extend([0; 4]),
                _ if length == 0 => {}
                2 | 3 => value[at] = self.next() as u8,
                4 => value[at / 4 * 4..(at / 4 * 4 + 4).min(length)].fill([0, 0xff, 0x7f][self.next() as usize % 3]),
                _ => value[at] ^= 1 << (self.next() % 8),
            }
        }
    }

    /// Returns a random encoding of a type.
    pub fn value(&mut self, interface: &Interface<'_>, name: &str) -> Vec<u8> {
        (self.out, self.depth) = (Vec::new(), 0);
        self.named(interface, name);
        std::mem::take(&mut self.out)
    }

    fn word(&mut self, word: u64) {
        self.out.extend((word as u32).to_be_bytes());
    }

    fn bytes(&mut self, count: u64, is_text: bool) {
        for _ in 0..count {
            let byte = self.next() as u8;
            self.out.push(if is_text { byte.max(1) } else { byte });
        }
        self.out.resize(self.out.len().next_multiple_of(4), 0);
    }

    fn named(&mut self, interface: &Interface<'_>, name: &str) {
        match interface.meaning(name).unwrap() {
            Meaning::Defined(Defined::Typedef(declaration)) => self.type_(interface, &declaration.type_),
            Meaning::Defined(Defined::Enum(body)) => _ = self.enum_(interface, body),
            Meaning::Defined(Defined::Struct(body)) => self.struct_(interface, body),
            Meaning::Defined(Defined::Union(body)) => self.union(interface, body),
            Meaning::Prelude(Prelude::Basic(basic)) => _ = self.basic(basic),
            other => panic!("{name}: {other:?}"),
        }
    }

    fn type_(&mut self, interface: &Interface<'_>, type_: &Type) {
        let number = |value| u64::try_from(interface.value(value).unwrap()).unwrap();
        let is_text = type_.specifier == Specifier::String;
        let is_bytes = is_text || type_.specifier == Specifier::Opaque;
        match &type_.shape {
            Shape::One => self.one(interface, type_),
            Shape::Optional => {
                // The bool before the last of the nodes that a list may have is false.
                let more = self.depth < DEPTH && self.next() % 8 > 1;
                self.word(more.into());
                if more {
                    self.depth += 1;
                    self.one(interface, type_);
                    self.depth -= 1;
                }
            }
            Shape::Fixed(size) if is_bytes => self.bytes(number(size), false),
            Shape::Fixed(size) => (0..number(size)).for_each(|_| self.one(interface, type_)),
            Shape::Variable(bound) => {
                let most = bound.as_ref().map_or(if is_bytes { BYTES } else { ELEMENTS }, number);
                let count = self.up_to(most);
                self.word(count);
                if is_bytes {
                    self.bytes(count, is_text);
                } else {
                    (0..count).for_each(|_| self.one(interface, type_));
                }
            }
        }
    }

    fn one(&mut self, interface: &Interface<'_>, type_: &Type) {
        match &type_.specifier {
            Specifier::Basic(basic) => _ = self.basic(*basic),
            Specifier::Named(name) => self.named(interface, &name.text),
            Specifier::Enum(body) => _ = self.enum_(interface, body),
            Specifier::Struct(body) => self.struct_(interface, body),
            Specifier::Union(body) => self.union(interface, body),
            Specifier::Opaque | Specifier::String => panic!("bytes without a shape"),
        }
    }

    /// Returns the number.
    fn basic(&mut self, basic: Basic) -> u32 {
        let bits = self.bits();
        let word = match basic {
            Basic::Char => i32::from(bits as i8) as u32,
            Basic::UnsignedChar => (bits as u8).into(),
            Basic::Short => i32::from(bits as i16) as u32,
            Basic::UnsignedShort => (bits as u16).into(),
            Basic::Bool => (bits & 1) as u32,
            Basic::Int | Basic::UnsignedInt | Basic::Float => bits as u32,
            Basic::Hyper | Basic::UnsignedHyper | Basic::Double => {
                self.out.extend(bits.to_be_bytes());
                return bits as u32;
            }
        };
        self.word(word.into());
        word
    }

    fn enum_(&mut self, interface: &Interface<'_>, body: &EnumBody) -> u32 {
        let member = &body.members[self.next() as usize % body.members.len()];
        let number = interface.number(&member.name.text).unwrap() as u32;
        self.word(number.into());
        number
    }

    fn struct_(&mut self, interface: &Interface<'_>, body: &StructBody) {
        body.fields.iter().for_each(|field| self.type_(interface, &field.declaration.type_));
    }

    fn union(&mut self, interface: &Interface<'_>, body: &UnionBody) {
        let listed = |number: u32| {
            let is = |case: &_| interface.value(case).unwrap() as u32 == number;
            body.arms.iter().find(|arm| arm.cases.iter().any(is))
        };
        let before = self.out.len();
        loop {
            self.out.truncate(before);
            self.type_(interface, &body.discriminant.type_);
            if self.next().is_multiple_of(2) {
                // One that is listed, which a random number hardly is.
                let arm = &body.arms[self.next() as usize % body.arms.len()];
                let case = interface.value(&arm.cases[0]).unwrap() as u64;
                self.out.truncate(before);
                self.word(case);
            }
            let number = u32::from_be_bytes(self.out[before..].try_into().unwrap());
            let declaration = match (listed(number), &body.default) {
                (Some(arm), _) => &arm.body,
                (None, Some(default)) => &default.body,
                (None, None) => continue,
            };
            if let Some(declaration) = declaration {
                self.type_(interface, &declaration.type_);
            }
            break;
        }
    }
}
