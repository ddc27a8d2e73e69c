//! The two buffers of a link.

/// The buffers of a link: two of one type, or two types as [`Each`].
///
/// Implemented for every `AsMut<[u8]>`: `&mut [u8]`, `[u8; N]`, a boxed slice. [`Link::new`](crate::Link::new) takes
/// two buffers of one such type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no buffer",
    label = "this does not implement `AsMut<[u8]>`",
    note = "`Link::new(transport, rx, tx)` takes buffers of one type: `&mut [u8]`, `[u8; N]` or another `AsMut<[u8]>`",
    note = "`Link::with_buffers(transport, rx, tx)` takes buffers of two types"
)]
pub trait Buffers {
    /// The receive buffer.
    type Rx: AsMut<[u8]>;
    /// The transmit buffer.
    type Tx: AsMut<[u8]>;
}

impl<B: AsMut<[u8]>> Buffers for B {
    type Rx = B;
    type Tx = B;
}

/// Buffers of two types, such as arrays of different sizes.
///
/// [`Link::with_buffers`](crate::Link::with_buffers) returns a link with this parameter. There are no values of this
/// type.
#[derive(Clone, Copy, Debug)]
pub struct Each<R, S>(core::convert::Infallible, core::marker::PhantomData<(R, S)>);

impl<R: AsMut<[u8]>, S: AsMut<[u8]>> Buffers for Each<R, S> {
    type Rx = R;
    type Tx = S;
}
