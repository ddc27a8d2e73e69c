//! Calls in the clear: only for procedures that the program names.

use oncilla::framing::{Cobs, Record};
use oncilla::{ProcedureId, Refusal, Right, Rights};

use crate::*;

static NULL: [ProcedureId; 1] = [ProcedureId { program: ledger::PROGRAM, version: 1, procedure: 0 }];
static WHO: [ProcedureId; 1] = [ProcedureId { program: ledger::PROGRAM, version: 1, procedure: 4 }];

/// Runs a client without keys against a server that serves `plain` in the clear.
fn without_key<F: Framing + 'static, R>(
    plain: &'static [ProcedureId],
    call: impl FnOnce(&mut Client<oncilla_host::Pipe<F>, Vec<u8>>) -> R,
) -> (R, Result<(), LinkError<std::convert::Infallible>>) {
    let (near, far) = oncilla_host::pipe::<F>();
    thread::scope(|scope| {
        let serving =
            scope.spawn(move || serve(&mut keyed(far, accepts(SERVER).allow_plain(plain)), &mut Ledger::default()));
        let mut client = Client::new(Link::new(near, vec![0; 400], vec![0; 400]), XID);
        client.set_timeout(Duration::from_millis(400));
        let result = call(&mut client);
        drop(client);
        (result, serving.join().unwrap())
    })
}

#[test]
fn null_in_the_clear_is_served_if_it_is_allowed() {
    fn null<F: Framing>(client: &mut Client<oncilla_host::Pipe<F>, Vec<u8>>) -> bool {
        ledger::Client::new(client).null().is_ok()
    }
    assert_eq!(without_key::<Cobs, _>(&NULL, null), (true, Ok(())));
    assert_eq!(without_key::<Record, _>(&NULL, null), (true, Ok(())));
    assert_eq!(without_key::<Cobs, _>(&[], null), (false, Ok(())));
    assert_eq!(without_key::<Record, _>(&[], null), (false, Err(LinkError::Unverified)));
}

#[test]
fn other_procedures_in_the_clear_get_silence() {
    let (sum, served) = without_key::<Cobs, _>(&NULL, |client| add(client, 1));
    assert!(matches!(sum, Err(CallError::TimedOut { .. })), "{sum:?}");
    assert_eq!(served, Ok(()));
    let (key, _) = without_key::<Cobs, _>(&WHO, |client| ledger::Client::new(client).who());
    assert_eq!(key, Ok(0), "a call in the clear has no key");
}

#[test]
fn a_client_with_keys_calls_in_the_clear_what_it_is_told_to() {
    let (near, far) = oncilla_host::pipe::<Cobs>();
    thread::scope(|scope| {
        scope.spawn(move || Link::new(far, [0; 400], [0; 400]).serve(&TABLE, &mut Ledger::default()).unwrap());
        let mut client = client(near, opens(&KEYS[0], CALLER).allow_plain(&WHO));
        client.set_timeout(Duration::from_millis(400));
        assert_eq!(ledger::Client::new(&mut client).who(), Ok(0));
        let sealed = add(&mut client, 1);
        assert!(matches!(sealed, Err(CallError::TimedOut { .. })), "it does not call without: {sealed:?}");
        assert_eq!(ledger::Client::new(&mut client).who(), Ok(0));
    });
}

#[test]
fn sealed_calls_go_on_beside_calls_in_the_clear() {
    let (near, far) = oncilla_host::pipe::<Cobs>();
    thread::scope(|scope| {
        scope.spawn(move || serve(&mut keyed(far, accepts(SERVER).allow_plain(&WHO)), &mut Ledger::default()).unwrap());
        let mut client = client(near, opens(&KEYS[0], CALLER).allow_plain(&WHO));
        for sum in 1..=5 {
            assert_eq!(add(&mut client, 1), Ok(sum));
            assert_eq!(ledger::Client::new(&mut client).who(), Ok(0));
        }
    });
}

static RIGHTS: Rights = Rights::new(&[
    Right::only(KeyId(11), ledger::PROGRAM, &[0, 4]),
    Right::all(KeyId(12), ledger::PROGRAM),
    Right::plain(ledger::PROGRAM, &[0]),
]);

static GUARDED: Table<Ledger> = oncilla::table![ledger::program()].authorize(|_, call| RIGHTS.check(call));

#[test]
fn keys_have_different_rights() {
    let (near, far) = oncilla_host::pipe::<Cobs>();
    thread::scope(|scope| {
        scope.spawn(move || {
            let mut link = keyed(far, accepts(SERVER).allow_plain(&NULL));
            link.serve(&GUARDED, &mut Ledger::default()).unwrap();
        });
        let mut near = near;
        for (key, allowed) in [(0, false), (1, true), (0, false), (1, true)] {
            let mut client = client(&mut near, opens(&KEYS[key], CALLER + key as u32));
            let sum = add(&mut client, 1).map(|_| ());
            let refused = Err(CallError::Refused(Refusal::Authentication(AuthStatus::REJECTED_CREDENTIAL)));
            assert_eq!(sum, if allowed { Ok(()) } else { refused });
            assert_eq!(ledger::Client::new(&mut client).null(), Ok(()));
        }
    });
}
