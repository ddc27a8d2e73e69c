//! What makes the link of a client that connects again.

use std::io;

use oncilla::{Link, Transport};

use super::carrier::Carrier;
use crate::Error;

/// Makes the links of a client that connects again.
///
/// [`Plain`] implements it, and `KeyClient` for links under a key. No other type can implement it.
pub trait Layer<T: Transport<Error = io::Error>> {
    /// The transport of the link.
    #[doc(hidden)]
    type Over: Transport<Error = io::Error>;

    /// Makes a link on a carrier, with buffers of this size.
    #[doc(hidden)]
    fn link(&self, carrier: Carrier<T>, buffers: [Box<[u8]>; 2]) -> Result<Link<Self::Over, Box<[u8]>>, Error>;

    /// Returns the carrier of the link.
    #[doc(hidden)]
    fn carrier(over: &mut Self::Over) -> &mut Carrier<T>;
}

/// Links without a key.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plain;

impl<T: Transport<Error = io::Error>> Layer<T> for Plain {
    type Over = Carrier<T>;

    fn link(&self, carrier: Carrier<T>, [rx, tx]: [Box<[u8]>; 2]) -> Result<Link<Carrier<T>, Box<[u8]>>, Error> {
        Ok(Link::new(carrier, rx, tx))
    }

    fn carrier(over: &mut Carrier<T>) -> &mut Carrier<T> {
        over
    }
}

#[cfg(feature = "keys")]
impl<T: Transport<Error = io::Error>> Layer<T> for crate::keys::KeyClient {
    type Over = oncilla::Keyed<Carrier<T>, crate::keys::Opener>;

    fn link(&self, carrier: Carrier<T>, [rx, tx]: [Box<[u8]>; 2]) -> Result<Link<Self::Over, Box<[u8]>>, Error> {
        Ok(Link::with_keys(carrier, rx, tx, self.opener()?))
    }

    fn carrier(over: &mut Self::Over) -> &mut Carrier<T> {
        over.inner()
    }
}
