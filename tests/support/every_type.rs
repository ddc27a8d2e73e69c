//! A list of types that covers every row of the XDR table, alone and within other types.

/// Calls a function for every type: `every_type!(check(bytes))` expands to `check::<T>(bytes)` for each type.
///
/// The types of `support/types.rs` must be in the module `types` of the crate.
#[macro_export]
macro_rules! every_type {
    ($check:ident $arguments:tt) => {
        every_type! { $check $arguments:
            bool, i8, u8, i16, u16, i32, u32, i64, u64, f32, f64, (),
            [u8; 0], [u8; 1], [u8; 5], [u16; 3], [i64; 2], [bool; 4], [[u8; 3]; 2],
            oncilla::xdr::Array<u8, 33>, oncilla::xdr::Array<u32, 34>,
            &[u8], heapless::Vec<u8, 0>, heapless::Vec<u8, 7>, heapless::Vec<u8, 256>,
            &str, heapless::String<0>, heapless::String<9>,
            (u8,), (u8, u8), (u8, u8, u8, u8, u8), (u16, i64), (&str, bool, Option<i8>),
            heapless::Vec<i32, 4>, heapless::Vec<(), 4>, heapless::Vec<&[u8], 3>, heapless::Vec<&str, 3>,
            heapless::Vec<[u8; 2], 5>, heapless::Vec<$crate::types::Octet, 6>,
            heapless::Vec<Option<u8>, 3>, heapless::Vec<heapless::Vec<u16, 2>, 3>,
            Option<u8>, Option<u64>, Option<Option<bool>>, Option<&str>, Option<[u8; 3]>,
            Result<i32, $crate::types::Color>, Result<(), &str>, Result<Result<u8, u16>, u32>,
            $crate::types::Octet, $crate::types::Pair, $crate::types::Sample, $crate::types::Empty,
            $crate::types::Color, $crate::types::Level, $crate::types::Shape, $crate::types::Outcome,
            $crate::types::Packet<'_>, $crate::types::FileType<'_>, $crate::types::File<'_>,
            heapless::Vec<$crate::types::Shape, 4>, Option<$crate::types::Packet<'_>>,
            Option<Box<$crate::types::Node>>, std::vec::Vec<$crate::types::Tree>, $crate::types::Chain,
            $crate::types::BinaryTree<'_>, $crate::types::Expressions, Option<$crate::types::Items>,
            $crate::types::FolderTree, heapless::Vec<$crate::types::DocumentTree, 2>, $crate::types::Rares
        }
    };
    ($check:ident $arguments:tt: $($type:ty),*) => {
        $($check::<$type> $arguments;)*
    };
}
