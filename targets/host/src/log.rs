//! A function for text, logs and noise beside messages.

use std::fmt;

use oncilla::Beside;

type Show = dyn FnMut(Beside<'_>) + Send;

/// The function that receives what arrives beside messages, if there is one.
#[derive(Default)]
pub(crate) struct Log(Option<Box<Show>>);

impl Log {
    pub(crate) fn to(show: impl FnMut(Beside<'_>) + Send + 'static) -> Self {
        Self(Some(Box::new(show)))
    }

    pub(crate) fn show(&mut self, what: Beside<'_>) {
        if let Some(show) = &mut self.0 {
            show(what);
        }
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.0.is_some() { "shown" } else { "not shown" })
    }
}
