//! Logs and text, under the key and not.

use oncilla::framing::{Cobs, Record};

use crate::tap::Shown;
use crate::*;

type Serving<F> = Link<Keyed<oncilla_host::Pipe<F>, Accepting>, Vec<u8>>;

/// Has the server log before and after the first call. Returns what the client's transport was shown.
fn logged<F: Framing + 'static>(plain: fn(&mut Serving<F>)) -> Vec<Shown> {
    let (near, far) = oncilla_host::pipe::<F>();
    thread::scope(|scope| {
        let serving = scope.spawn(move || {
            let mut link = keyed(far, accepts(SERVER));
            let mut state = Ledger::default();
            assert_eq!(link.print("too early", Time::NEVER), Err(LinkError::NoSession));
            assert_eq!(link.log(b"too early", Time::NEVER), Err(LinkError::NoSession));
            plain(&mut link);
            while state.runs == 0 {
                link.serve_next(&TABLE, &mut state, Time::NEVER).unwrap();
            }
            link.print("served one\r\n", Time::NEVER).unwrap();
            link.log(&[0, 1, 0xff], Time::NEVER).unwrap();
            assert!(matches!(link.log(&[0; 1000], Time::NEVER), Err(LinkError::BufferTooSmall { needed: 1000, .. })));
            serve(&mut link, &mut state).unwrap();
        });
        let mut client = client(Tap::new(near), opens(&KEYS[0], CALLER));
        assert_eq!(add(&mut client, 1), Ok(1));
        assert_eq!(add(&mut client, 1), Ok(2));
        let tap = client.into_link().into_transport().into_inner();
        let shown = tap.shown.clone();
        drop(tap);
        serving.join().unwrap();
        shown
    })
}

#[test]
fn logs_and_text_travel_under_the_key() {
    let sealed = [Shown::Text(b"served one\r\n".to_vec()), Shown::Log(vec![0, 1, 0xff])];
    assert_eq!(logged::<Record>(|_| ()), sealed);
    let shown = logged::<Cobs>(|link| link.print_plain("booted\r\n", Time::NEVER).unwrap());
    assert_eq!(shown[0], Shown::Unverified(b"booted\r\n".to_vec()), "text in the clear is shown as such");
    assert_eq!(shown[1..], sealed);
}

#[test]
fn text_under_the_key_cannot_be_read_on_the_line() {
    let (near, far) = oncilla_host::pipe::<Cobs>();
    thread::scope(|scope| {
        scope.spawn(move || serve(&mut keyed(far, accepts(SERVER)), &mut Ledger::default()).unwrap());
        let mut client = client(Tap::new(near), opens(&KEYS[0], CALLER));
        add(&mut client, 1).unwrap();
        client.link().print("a secret", Time::NEVER).unwrap();
        add(&mut client, 1).unwrap();
        let sent = client.link().transport().inner().sent.concat();
        assert!(!sent.windows(6).any(|part| part == b"secret"));
    });
}
