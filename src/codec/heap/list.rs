//! Linked lists on the heap.

use serde::de::Deserializer;
use serde::ser::Serializer;

use crate::codec::bound::{Any, At, Counted, Put, Taken, max_size_within};
use crate::xdr::heap::{read_chain, write_chain};
use crate::xdr::{UNIT, VecList, padding};

// Twice, as for vectors.
macro_rules! lists {
    ($([$($parameter:tt)*] $bounds:ty: $max:expr, $size:expr;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<'de, T: Counted<'de, R>, R, $($parameter)*> Counted<'de, $bounds> for VecList<T> {
            const SIZE: usize = $size;

            #[inline]
            fn count(&self) -> usize {
                self.0.len()
            }

            fn put<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                crate::codec::encoding::check(self.0.len(), $max)?;
                write_chain(self.0.iter().map(Put::<T, R>::new), serializer)
            }

            fn take<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                read_chain($max, |element: Taken<T, R>| element.value, deserializer)
            }
        }
    )*};
}

lists! {
    // A bool precedes each element, which has whole units; a bool where vectors have their length ends the list.
    [const N: usize] At<N, R>: N, max_size_within(T::SIZE.saturating_add(padding(T::SIZE)).saturating_add(UNIT), N);
    [] Any<R>: usize::MAX, usize::MAX;
}
