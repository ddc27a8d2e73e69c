//! The two buffers of a link.

/// Lends a link its two buffers: anything that lends bytes, when both are of one type, or [`Each`].
///
/// Implemented for every `AsMut<[u8]>`: `&mut [u8]`, `[u8; N]`, a boxed slice.
#[diagnostic::on_unimplemented(
    message = "`{Self}` lends no buffers",
    label = "this lends no bytes",
    note = "a link takes `&mut [u8]`, `[u8; N]` or another `AsMut<[u8]>` for both buffers: `Link::new(transport, rx, tx)`",
    note = "`Link::with_buffers(transport, rx, tx)` takes buffers of two types"
)]
pub trait Buffers {
    /// What messages are received into.
    type Rx: AsMut<[u8]>;
    /// What messages are sent from.
    type Tx: AsMut<[u8]>;
}

impl<B: AsMut<[u8]>> Buffers for B {
    type Rx = B;
    type Tx = B;
}

/// Buffers of two types, such as arrays of different sizes: what
/// [`Link::with_buffers`](crate::Link::with_buffers) makes a link over. It is a type only, without values.
#[derive(Clone, Copy, Debug)]
pub struct Each<R, S>(core::convert::Infallible, core::marker::PhantomData<(R, S)>);

impl<R: AsMut<[u8]>, S: AsMut<[u8]>> Buffers for Each<R, S> {
    type Rx = R;
    type Tx = S;
}
