//! How servers and endpoints answer calls.

use oncilla::__private::by_parts;
use oncilla::framing::Framing;
use oncilla::message::{Form, Origin};
use oncilla::{LinkError, Time, Transport};

use crate::carrier::{Chosen, LinkOf};
use crate::details::{Failure, Told};
use crate::lent::Served;
use crate::table::Asked;
use crate::*;

/// A function that serves one message, for the content of an object whose framing it knows.
pub(crate) type ServeNext = unsafe fn(*mut (), Time) -> Result<oncilla::Served, LinkError<i32>>;

impl Served {
    /// Returns what answers one call.
    pub const fn asked<K>(&self) -> Asked<K> {
        Asked::new(self.table, self.context)
    }

    /// Answers a message. Where `SHORT` is false, it must have the full form.
    #[inline]
    pub fn answer<K, const SHORT: bool>(
        &self,
        form: Form,
        origin: Origin<'_>,
        message: &[u8],
        reply: &mut [u8],
    ) -> Option<usize> {
        by_parts::answer::<_, _, SHORT>(&self.asked::<K>(), self.replay.there(), form, origin, message, reply)
    }

    /// Answers a received message and sends the reply until `deadline`.
    pub fn respond<K: Chosen>(
        &self,
        link: &mut LinkOf<K>,
        place: by_parts::Place,
        deadline: Time,
    ) -> Result<(), LinkError<i32>> {
        by_parts::respond(link, place, deadline, |form, origin, message, reply| {
            if <K::Transport as Transport>::Framing::SHORT {
                self.answer::<K, true>(form.unwrap_or(Form::Full), origin, message, reply)
            } else {
                self.answer::<K, false>(Form::Full, origin, message, reply)
            }
        })
    }

    /// Waits for one message and answers it.
    #[inline]
    pub fn serve_next<K: Chosen>(
        &self,
        link: &mut LinkOf<K>,
        deadline: Time,
    ) -> Result<oncilla::Served, LinkError<i32>> {
        by_parts::serve_next(
            link,
            deadline,
            || self.replay.forget(),
            |link, place| self.respond::<K>(link, place, Time::NEVER),
        )
    }
}

/// Returns the status of serving one message. The details of a failure go to `failure`.
///
/// # Safety
/// `failure` points to a failure that nothing refers to.
#[inline]
pub(crate) unsafe fn served<E: Told + From<LinkError<i32>>>(
    served: Result<oncilla::Served, LinkError<i32>>,
    failure: *mut Failure<E>,
) -> Status {
    match served {
        Ok(oncilla::Served::Message) => ONCILLA_OK,
        Ok(oncilla::Served::TimeUp) => ONCILLA_TIME_UP,
        Ok(oncilla::Served::Restart) => ONCILLA_RESTARTED,
        Ok(oncilla::Served::End) => ONCILLA_CLOSED,
        // SAFETY: this function's condition.
        Err(fault) => unsafe { Failure::set(failure, fault.into()) },
    }
}

/// Serves until the peer closes the link.
pub(crate) fn serve(mut serve_next: impl FnMut() -> Status) -> Status {
    loop {
        match serve_next() {
            ONCILLA_OK | ONCILLA_TIME_UP | ONCILLA_RESTARTED => {}
            ONCILLA_CLOSED => return ONCILLA_OK,
            fault => return fault,
        }
    }
}
