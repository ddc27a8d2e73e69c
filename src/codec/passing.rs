//! Types that pass the stated bounds to what they hold: `Option<String> [..64]`.

use core::fmt;
use core::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, EnumAccess, Error, SeqAccess, VariantAccess, Visitor};
use serde::ser::{Serialize, SerializeTuple, Serializer};

use super::bound::{Bound, Counted, Put, Taken};
use crate::xdr::{Array, MaxSize, UNIT};

/// Reads a value of type `T` whose bounds are `B`.
struct Within<T, B>(PhantomData<(T, B)>);

#[diagnostic::do_not_recommend]
impl<'de, T: Counted<'de, B>, B: Bound> Counted<'de, B> for Option<T> {
    const SIZE: usize = UNIT.saturating_add(T::SIZE);

    #[inline]
    fn count(&self) -> usize {
        self.as_ref().map_or(0, T::count)
    }

    #[inline]
    fn put<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Some(value) => serializer.serialize_some(&Put::<T, B>::new(value)),
            None => serializer.serialize_none(),
        }
    }

    #[inline]
    fn take<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_option(Within::<Self, B>(PhantomData))
    }
}

impl<'de, T: Counted<'de, B>, B: Bound> Visitor<'de> for Within<Option<T>, B> {
    type Value = Option<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("optional data")
    }

    #[inline]
    fn visit_none<E: Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    #[inline]
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        T::take(deserializer).map(Some)
    }
}

/// The names and order by which serde implements its traits for `Result`.
const VARIANTS: &[&str] = &["Ok", "Err"];

#[diagnostic::do_not_recommend]
impl<'de, T, E, B: Bound> Counted<'de, B> for Result<T, E>
where
    T: Counted<'de, B>,
    E: MaxSize + Serialize + Deserialize<'de>,
{
    const SIZE: usize = UNIT.saturating_add(if T::SIZE > E::MAX_SIZE { T::SIZE } else { E::MAX_SIZE });

    #[inline]
    fn count(&self) -> usize {
        self.as_ref().map_or(0, T::count)
    }

    #[inline]
    fn put<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Ok(value) => serializer.serialize_newtype_variant("Result", 0, "Ok", &Put::<T, B>::new(value)),
            Err(error) => serializer.serialize_newtype_variant("Result", 1, "Err", error),
        }
    }

    #[inline]
    fn take<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_enum("Result", VARIANTS, Within::<Self, B>(PhantomData))
    }
}

impl<'de, T: Counted<'de, B>, E: Deserialize<'de>, B: Bound> Visitor<'de> for Within<Result<T, E>, B> {
    type Value = Result<T, E>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a result")
    }

    #[inline]
    fn visit_enum<A: EnumAccess<'de>>(self, variants: A) -> Result<Result<T, E>, A::Error> {
        let (Outcome { is_error }, value) = variants.variant()?;
        if is_error {
            value.newtype_variant().map(Err)
        } else {
            value.newtype_variant::<Taken<T, B>>().map(|taken| Ok(taken.value))
        }
    }
}

/// Which variant of a `Result` follows.
struct Outcome {
    is_error: bool,
}

impl<'de> Deserialize<'de> for Outcome {
    #[inline]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_identifier(OutcomeVisitor)
    }
}

/// Reads the ordinal of a `Result`'s variant.
struct OutcomeVisitor;

impl Visitor<'_> for OutcomeVisitor {
    type Value = Outcome;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("0 or 1")
    }

    #[inline]
    fn visit_u64<E: Error>(self, ordinal: u64) -> Result<Outcome, E> {
        match ordinal {
            0 => Ok(Outcome { is_error: false }),
            1 => Ok(Outcome { is_error: true }),
            _ => Err(crate::xdr::expanded::unknown_variant()),
        }
    }
}

macro_rules! arrays {
    ($($array:ty, |$elements:ident| $inner:expr, $outer:expr;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<'de, T: Counted<'de, B>, B: Bound, const N: usize> Counted<'de, B> for $array {
            const SIZE: usize = T::SIZE.saturating_mul(N);

            #[inline]
            fn count(&self) -> usize {
                let $elements = self;
                $inner.iter().map(T::count).max().unwrap_or(0)
            }

            #[inline]
            fn put<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut tuple = serializer.serialize_tuple(N)?;
                let $elements = self;
                for element in $inner {
                    tuple.serialize_element(&Put::<T, B>::new(element))?;
                }
                tuple.end()
            }

            #[inline]
            fn take<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let $elements = deserializer.deserialize_tuple(N, Within::<[T; N], B>(PhantomData))?;
                Ok($outer)
            }
        }
    )*};
}

arrays! {
    [T; N], |elements| elements, elements;
    Array<T, N>, |elements| &elements.0, Array(elements);
}

impl<'de, T: Counted<'de, B>, B: Bound, const N: usize> Visitor<'de> for Within<[T; N], B> {
    type Value = [T; N];

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "an array of {N} elements")
    }

    #[inline]
    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<[T; N], A::Error> {
        let mut elements = heapless::Vec::<T, N>::new();
        while let Some(element) = sequence.next_element::<Taken<T, B>>()? {
            if elements.push(element.value).is_err() {
                break;
            }
        }
        let found = elements.len();
        elements.into_array().map_err(|_| A::Error::invalid_length(found, &self))
    }
}
