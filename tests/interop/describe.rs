//! Values in words, as describe.c has them.

use oncilla::message::AuthSys;

use crate::constructs::*;
use crate::samples::User;

/// A value in words. Floating point numbers are told by their bits, so that no two of them look alike.
pub trait Describe {
    fn describe(&self) -> String;
}

/// What `to_string` says is what C's `printf` does.
macro_rules! plain {
    ($($type:ty)*) => {$(
        impl Describe for $type {
            fn describe(&self) -> String {
                self.to_string()
            }
        }
    )*};
}

plain! { i8 u8 i16 u16 i32 u32 i64 u64 bool }

impl Describe for f32 {
    fn describe(&self) -> String {
        format!("f{:08x}", self.to_bits())
    }
}

impl Describe for f64 {
    fn describe(&self) -> String {
        format!("d{:016x}", self.to_bits())
    }
}

impl Describe for Color {
    fn describe(&self) -> String {
        self.number().describe()
    }
}

impl<T: Describe + ?Sized> Describe for &T {
    fn describe(&self) -> String {
        (**self).describe()
    }
}

impl Describe for str {
    fn describe(&self) -> String {
        format!("'{self}'")
    }
}

impl Describe for Word {
    fn describe(&self) -> String {
        self.as_str().describe()
    }
}

impl Describe for Option<i32> {
    fn describe(&self) -> String {
        self.map_or("none".to_owned(), |value| format!("some {value}"))
    }
}

impl Describe for Nodes {
    fn describe(&self) -> String {
        all(self.0.iter().map(|node| fields(&[&node.value, &node.label])))
    }
}

/// Bulk: the length and a sum in which every byte counts according to its place.
impl Describe for [u8] {
    fn describe(&self) -> String {
        let sum = self.iter().fold(0u32, |sum, byte| sum.wrapping_mul(31).wrapping_add((*byte).into()));
        format!("{} bytes, {sum:08x}", self.len())
    }
}

impl Describe for Numbers {
    fn describe(&self) -> String {
        let Self { tiny, octet, small, half, plain, natural, big, bigger, real, precise, truth, shade } = self;
        fields(&[tiny, octet, small, half, plain, natural, big, bigger, real, precise, truth, shade])
    }
}

impl Describe for Octets {
    fn describe(&self) -> String {
        format!(
            "{{{} {} {} {} {}}}",
            opaque(&self.fixed),
            opaque(&self.bounded),
            self.text.describe(),
            opaque(&self.full),
            opaque(&self.endless)
        )
    }
}

impl Describe for Arrays {
    fn describe(&self) -> String {
        let parts = [
            each(&self.fixed),
            each(&self.variable),
            each(&self.words),
            all(self.serials.iter().map(|serial| opaque(serial))),
            all(self.chunks.iter().map(|chunk| opaque(chunk))),
            each(&self.shades),
            each(&self.flags),
            each(&self.precise),
        ];
        format!("{{{}}}", parts.join(" "))
    }
}

impl Describe for Point {
    fn describe(&self) -> String {
        fields(&[&self.x, &self.y])
    }
}

impl Describe for Shape {
    fn describe(&self) -> String {
        let optional = |value: Option<String>| value.map_or("none".to_owned(), |value| format!("some {value}"));
        format!(
            "{{{} {} {} {}}}",
            self.center.describe(),
            each(&self.corners),
            optional(self.anchor.map(|anchor| anchor.describe())),
            optional(self.mark.as_ref().map(|mark| opaque(mark)))
        )
    }
}

impl Describe for Unions {
    fn describe(&self) -> String {
        let number = match &self.number {
            ByNumber::Place(place) => format!("{}: {}", i32::MIN, place.describe()),
            ByNumber::Nothing => "-1".to_owned(),
            ByNumber::Data(data) => format!("7: {}", opaque(data)),
            ByNumber::Name(number, name) => format!("{number}: {}", name.describe()),
        };
        let natural = match self.natural {
            ByNatural::Big(big) => format!("4000000000: {big}"),
            ByNatural::Nothing(number) => (number as u32).describe(),
        };
        let shade = match &self.shade {
            ByColor::Place(place) => format!("{}: {}", i32::MIN, place.describe()),
            ByColor::Precise(precise) => format!("1: {}", precise.describe()),
            ByColor::Nothing => i32::MAX.describe(),
        };
        let truth = match self.truth {
            ByTruth::Value(value) => format!("true: {value}"),
            ByTruth::Unknown => "false".to_owned(),
        };
        format!("{{{number}, {natural}, {shade}, {truth}}}")
    }
}

impl Describe for Mixed {
    fn describe(&self) -> String {
        format!(
            "{{{} {} {} {} {} {} {} {}}}",
            self.octet,
            self.big,
            self.text.describe(),
            opaque(&self.data),
            self.truth,
            self.shade.describe(),
            self.real.describe(),
            self.place.describe()
        )
    }
}

impl Describe for AuthSys<'_> {
    fn describe(&self) -> String {
        let groups = all(self.groups().map(|group| group.to_string()));
        format!("{} {} {groups} {}", self.uid, self.gid, str::from_utf8(self.machine).unwrap().describe())
    }
}

impl Describe for User {
    fn describe(&self) -> String {
        format!("{} {} {} {}", self.uid, self.gid, each(self.groups), self.machine.as_str().describe())
    }
}

fn opaque(bytes: &[u8]) -> String {
    bytes.iter().fold("x".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}

fn fields(values: &[&dyn Describe]) -> String {
    let values: Vec<_> = values.iter().map(|value| value.describe()).collect();
    format!("{{{}}}", values.join(" "))
}

fn each(values: &[impl Describe]) -> String {
    all(values.iter().map(Describe::describe))
}

fn all(values: impl Iterator<Item = String>) -> String {
    format!("[{}]", values.collect::<Vec<_>>().join(" "))
}
