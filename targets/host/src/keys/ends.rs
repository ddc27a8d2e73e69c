//! The ends of links with the suite that was chosen at run time.

use std::fmt;
use std::sync::Arc;

use oncilla::ProcedureId;
use oncilla::framing::Change;
use oncilla::keys::{
    Accepts, Both, Carrier, Content, Ends, ForwardSecret, Greeted, Key, KeyId, Keyring, Light, Opens, Plain,
    SecretStart, Side, To,
};
use oncilla::message::Sender;

use super::{KeyClient, KeyError, KeyServer, KeySuite, random};

/// A keyring that threads share.
#[derive(Clone)]
pub(crate) struct Ring(pub(crate) Arc<dyn Keyring + Send + Sync>);

impl Keyring for Ring {
    fn find(&self, id: KeyId) -> Option<(usize, &Key)> {
        self.0.find(id)
    }
}

/// Defines an end that has one of two suites.
macro_rules! end {
    ($(#[$text:meta])* $name:ident $(<const $n:ident: usize>)?: $light:ty, $secret:ty) => {
        $(#[$text])*
        pub struct $name $(<const $n: usize>)? (Either<Box<$light>, Box<$secret>>);

        impl $(<const $n: usize>)? $name $(<$n>)? {
            fn light(ends: $light) -> Self {
                Self(Either::Light(Box::new(ends)))
            }

            fn secret(ends: $secret) -> Self {
                Self(Either::ForwardSecret(Box::new(ends)))
            }
        }

        impl $(<const $n: usize>)? fmt::Debug for $name $(<$n>)? {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }

        impl $(<const $n: usize>)? Ends for $name $(<$n>)? {
            const OPEN: usize = {
                let (light, secret) = (<$light as Ends>::OPEN, <$secret as Ends>::OPEN);
                if light < secret { secret } else { light }
            };
            const PLAIN: bool = <$light as Ends>::PLAIN;

            fn reset(&mut self) {
                each!(self, mut: ends => ends.reset())
            }
            fn greet(&mut self, carrier: Carrier, id: ProcedureId) -> bool {
                each!(self, mut: ends => ends.greet(carrier, id))
            }
            fn doubt(&mut self, carrier: Carrier) {
                each!(self, mut: ends => ends.doubt(carrier))
            }
            fn needs_attention(&self) -> bool {
                each!(self, : ends => ends.needs_attention())
            }
            fn write_hello(&mut self, carrier: Carrier, room: &mut [u8], capacity: usize) -> Option<usize> {
                each!(self, mut: ends => ends.write_hello(carrier, room, capacity))
            }
            fn take_change(&mut self) -> Change {
                each!(self, mut: ends => ends.take_change())
            }
            fn is_awaited(&self) -> bool {
                each!(self, : ends => ends.is_awaited())
            }
            fn largest_call(&self) -> Option<usize> {
                each!(self, : ends => ends.largest_call())
            }
            fn largest_reply(&self, carrier: Carrier, sender: Sender) -> Option<usize> {
                each!(self, : ends => ends.largest_reply(carrier, sender))
            }
            fn is_present(&self, carrier: Carrier, sender: Sender) -> bool {
                each!(self, : ends => ends.is_present(carrier, sender))
            }
            fn can_call(&self) -> bool {
                each!(self, : ends => ends.can_call())
            }
            fn seal(&mut self, to: To, room: &mut [u8], content: usize) -> Option<usize> {
                each!(self, mut: ends => ends.seal(to, room, content))
            }
            fn greeted(
                &mut self,
                carrier: Carrier,
                frame: &mut [u8],
                room: &mut [u8],
                capacity: usize,
            ) -> Option<Greeted> {
                each!(self, mut: ends => ends.greeted(carrier, frame, room, capacity))
            }
            fn challenge(&mut self, carrier: Carrier, frame: &[u8]) -> bool {
                each!(self, mut: ends => ends.challenge(carrier, frame))
            }
            fn data(&mut self, carrier: Carrier, frame: &mut [u8]) -> Option<Content> {
                each!(self, mut: ends => ends.data(carrier, frame))
            }
            fn calls_plain(&self, id: ProcedureId) -> bool {
                each!(self, : ends => ends.calls_plain(id))
            }
            fn serves_plain(&self, id: ProcedureId) -> bool {
                each!(self, : ends => ends.serves_plain(id))
            }
        }
    };
}

macro_rules! each {
    ($self:ident, $($mutable:ident)? : $ends:ident => $what:expr) => {
        match $self.0 {
            Either::Light(ref $($mutable)? $ends) => $what,
            Either::ForwardSecret(ref $($mutable)? $ends) => $what,
        }
    };
}

/// Ends of one of the two suites.
enum Either<L, F> {
    Light(L),
    ForwardSecret(F),
}

type OpensBy<S> = Plain<Opens<Arc<Key>, S>>;
type AcceptsBy<const N: usize, S> = Plain<Accepts<Ring, N, S>>;
type OpensLight = OpensBy<Light>;
type OpensSecret = OpensBy<ForwardSecret>;

end! {
    /// Opens sessions, in the suite of a [`KeyClient`].
    Opener: OpensLight, OpensSecret
}

end! {
    /// Accepts sessions of at most `N` keys, in the suite of a [`KeyServer`].
    Acceptor<const N: usize>: AcceptsBy<N, Light>, AcceptsBy<N, ForwardSecret>
}

end! {
    /// Opens and accepts sessions on one line.
    Peers: Both<OpensLight, AcceptsBy<1, Light>>, Both<OpensSecret, AcceptsBy<1, ForwardSecret>>
}

impl KeyClient {
    /// Returns the end of one link, with a new start.
    ///
    /// For [`Link::with_keys`](oncilla::Link::with_keys). Each link and each connection needs its own.
    ///
    /// # Errors
    /// [`KeyError::Random`].
    pub fn opener(&self) -> Result<Opener, KeyError> {
        Ok(match self.suite {
            KeySuite::Light => Opener::light(self.opens(self.side, random()?)),
            KeySuite::ForwardSecret => Opener::secret(self.opens(self.side, SecretStart::new(random()?))),
        })
    }

    /// Returns the end of a line whose peers call each other.
    ///
    /// It has the key of this client and the keys of `server`.
    ///
    /// # Errors
    /// [`KeyError::Random`].
    pub fn both(&self, server: &KeyServer) -> Result<Peers, KeyError> {
        Ok(match self.suite {
            KeySuite::Light => {
                Peers::light(Both::new(self.opens(self.side, random()?), server.accepts(self.side, random()?)))
            }
            KeySuite::ForwardSecret => {
                let opens = self.opens(self.side, SecretStart::new(random()?));
                Peers::secret(Both::new(opens, server.accepts(self.side, SecretStart::new(random()?))))
            }
        })
    }

    fn opens<S: oncilla::keys::Suite>(&self, side: Side, start: S::Start) -> OpensBy<S> {
        Opens::new(side, Arc::clone(&self.key), start, self.boot).allow_plain(self.plain)
    }
}

impl KeyServer {
    /// Returns the end of one link that accepts `N` keys, with a new start. On connections `N` is 1, for whichever key
    /// verifies first.
    ///
    /// For [`Link::with_keys`](oncilla::Link::with_keys). Each link and each connection needs its own.
    ///
    /// # Errors
    /// [`KeyError::Random`].
    pub fn acceptor<const N: usize>(&self) -> Result<Acceptor<N>, KeyError> {
        Ok(match self.suite {
            KeySuite::Light => Acceptor::light(self.accepts(self.side, random()?)),
            KeySuite::ForwardSecret => Acceptor::secret(self.accepts(self.side, SecretStart::new(random()?))),
        })
    }

    fn accepts<const N: usize, S: oncilla::keys::Suite>(&self, side: Side, start: S::Start) -> AcceptsBy<N, S> {
        Accepts::new(side, self.ring.clone(), start, self.boot).allow_plain(self.plain)
    }
}
