//! How a [`Turn`](super::Turn) accesses its endpoint, independent of the types of its parts.

use super::{Level, Levels, Nested, NestedEndpoint};
use crate::client::{Authenticate, Calling};
use crate::link::{Link, Transport};
use crate::message::{Form, Origin, ProcedureId};
use crate::server::{Noted, Remembers, Table, answer_form, find};

/// The parts of an endpoint.
pub struct Parts<'e, E: NestedParts> {
    pub(super) link: &'e mut Link<E::Transport, E::Buffer>,
    pub(super) calling: &'e mut Calling<E::Identity>,
    pub(super) table: &'static Table<E::State>,
    pub(super) replay: &'e mut E::Replay,
    pub(super) levels: &'e mut [Level<E::Buffer>],
    pub(super) depth: &'e mut usize,
    pub(super) restarts: &'e mut u32,
}

/// A [`NestedEndpoint`]. No other type can implement it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the endpoint of this state",
    label = "this must be a `NestedEndpoint` with this state",
    note = "write `type Endpoint = NestedEndpoint<Self, …>`"
)]
pub trait NestedParts {
    #[doc(hidden)]
    type State: 'static;
    #[doc(hidden)]
    type Transport: Transport;
    #[doc(hidden)]
    type Buffer: AsMut<[u8]>;
    #[doc(hidden)]
    type Replay: Remembers;
    #[doc(hidden)]
    type Identity: Authenticate;

    #[doc(hidden)]
    fn parts(&mut self) -> Parts<'_, Self>
    where
        Self: Sized;
}

impl<S: 'static, T: Transport, L: Levels, R: Remembers, A: Authenticate> NestedParts for NestedEndpoint<S, T, L, R, A> {
    type State = S;
    type Transport = T;
    type Buffer = L::Buffer;
    type Replay = R;
    type Identity = A;

    fn parts(&mut self) -> Parts<'_, Self> {
        let Self { link, calling, table, replay, levels, depth, restarts } = self;
        Parts { link, calling, table, replay, levels: levels.levels(), depth, restarts }
    }
}

/// Holds an endpoint and the state of its procedures.
///
/// A [`Nested`] state is both in one. A separate trait, because the C ABI keeps the two in different places.
#[doc(hidden)]
pub trait Holder {
    type State: 'static;
    type Endpoint: NestedParts<State = Self::State>;

    fn its_endpoint(&mut self) -> &mut Self::Endpoint;

    fn its_state(&mut self) -> &mut Self::State;

    /// Returns whether the reply to a procedure is remembered.
    fn is_kept(&mut self, table: &'static Table<Self::State>, id: ProcedureId) -> bool {
        matches!(find(table, id), Ok(Some(procedure)) if !procedure.is_idempotent())
    }

    /// Runs the procedure that a call names, and writes the reply.
    fn answer(
        &mut self,
        ran: &mut Noted,
        form: Option<Form>,
        origin: Origin<'_>,
        table: &'static Table<Self::State>,
        message: &[u8],
        reply: &mut [u8],
    ) -> Option<usize> {
        answer_form(ran, form, origin, table, self.its_state(), message, reply)
    }
}

impl<N: Nested> Holder for N {
    type State = N;
    type Endpoint = N::Endpoint;

    #[inline]
    fn its_endpoint(&mut self) -> &mut N::Endpoint {
        self.endpoint()
    }

    #[inline]
    fn its_state(&mut self) -> &mut N {
        self
    }
}
