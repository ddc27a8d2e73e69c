// A stream on which nothing ever comes: for examples of clocks.

struct Silence;

impl embedded_io::ErrorType for Silence {
    type Error = core::convert::Infallible;
}

impl embedded_io::Read for Silence {
    fn read(&mut self, _: &mut [u8]) -> Result<usize, Self::Error> {
        unreachable!("nothing is ready to be read")
    }
}

impl embedded_io::ReadReady for Silence {
    fn read_ready(&mut self) -> Result<bool, Self::Error> {
        Ok(false)
    }
}

impl embedded_io::Write for Silence {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }
}

oncilla::program! { mod silent = 0x2000_0001, version 1 {} }

/// A call on such a stream ends by this clock, after its time-out and a tick of ten milliseconds at most.
fn assert_silence_times_out(mut clock: impl oncilla::Clock) {
    let timeout = core::time::Duration::from_millis(95);
    let begun = clock.now();
    let stream = oncilla::Stream::<oncilla::framing::Record, _, _>::new(Silence, clock);
    let mut client = oncilla::Client::new(oncilla::Link::new(stream, [0; 64], [0; 64]), 1);
    client.set_timeout(timeout);
    let outcome = silent::Client::new(&mut client).null();
    assert_eq!(outcome, Err(oncilla::CallError::TimedOut { after: timeout, unframed: 0 }));
    let took = oncilla::Transport::now(client.link().transport()).since(begun);
    assert!(timeout <= took && took < timeout + core::time::Duration::from_millis(10), "{took:?}");
}
