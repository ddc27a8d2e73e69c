//! The measured programs as firmware, on UART1.

use oncilla::{Forever, Stream, Time};

use super::{Cache, Nothing, TABLE};
use crate::carried::Carried;
use oncilla_lm3s6965evb::Uart;

/// Serves for ever.
pub fn serve<F: Carried>(rx: &mut [u8], tx: &mut [u8]) -> ! {
    let mut link = F::link(Stream::<F, _>::new(Uart::start(), Forever), rx, tx);
    loop {
        // The UART never fails or ends.
        let _ = link.serve(&TABLE, &mut Nothing);
    }
}

/// Serves for ever with a replay cache: a repeated call is answered and not executed again.
pub fn serve_once<F: Carried>(rx: &mut [u8], tx: &mut [u8], cache: &mut Cache) -> ! {
    let mut link = F::link(Stream::<F, _>::new(Uart::start(), Forever), rx, tx);
    loop {
        let _ = link.serve_next_once(cache, &TABLE, &mut Nothing, Time::NEVER);
    }
}

#[cfg(feature = "clock")]
pub use calling::{call, call_and_serve};

#[cfg(feature = "clock")]
mod calling {
    use core::time::Duration;

    use oncilla::{Caller, Client, Endpoint, Stream, Time};

    use super::{Cache, Carried, Nothing, TABLE, Uart};
    use crate::probe::three;
    use oncilla_lm3s6965evb::Clock;

    const TIMEOUT: Duration = Duration::from_millis(200);

    /// Calls for ever.
    pub fn call<F: Carried>(rx: &mut [u8], tx: &mut [u8], clock: Clock) -> ! {
        let mut client = Client::new(F::link(Stream::<F, _, _>::new(Uart::start(), clock), rx, tx), 1);
        client.set_timeout(TIMEOUT);
        let mut work = Work { sum: 0, data: [0; 64] };
        loop {
            work.call(&mut client);
        }
    }

    /// Calls for ever, and serves while it waits and after every call.
    pub fn call_and_serve<F: Carried>(rx: &mut [u8], tx: &mut [u8], cache: &mut Cache, clock: Clock) -> ! {
        let link = F::link(Stream::<F, _, _>::new(Uart::start(), clock), rx, tx);
        let mut endpoint = Endpoint::new(link, &TABLE, Nothing, 1).with_replay(cache);
        endpoint.set_timeout(TIMEOUT);
        let mut work = Work { sum: 0, data: [0; 64] };
        loop {
            work.call(&mut endpoint);
            let _ = endpoint.serve_next(Time::ZERO);
        }
    }

    /// The results of calls, which are the arguments of the next ones.
    struct Work {
        sum: i32,
        data: [u8; 64],
    }

    impl Work {
        /// Calls each procedure. A call that fails is made again in the next round.
        fn call<C: Caller>(&mut self, caller: &mut C) {
            let Self { sum, data } = self;
            let mut client = three::Client::new(caller);
            if client.null().is_ok() {
                *sum = client.add(*sum, 1).unwrap_or(*sum);
            }
            data[0] = *sum as u8;
            let mut copy = *data;
            if let Ok(echoed) = client.echo(data) {
                copy.iter_mut().zip(echoed).for_each(|(place, byte)| *place = *byte);
            }
            *data = copy;
        }
    }
}
