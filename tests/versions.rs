//! `highest_version`: which version is found, with how many calls, and the errors of servers that lie or refuse.

#[allow(dead_code)] // Its clients are not needed here.
#[path = "interop/peer.rs"]
mod c;

use std::convert::Infallible;
use std::ops::RangeInclusive;

use oncilla::message::AuthStatus;
use oncilla::xdr::{DecodeError, EncodeError, Fault};
use oncilla::{CallError, Caller, ProcedureId, Refusal, Writer, highest_version};

const PROGRAM: u32 = 0x2000_0007;

/// A caller that answers NULL as a function of the version, and keeps the versions that were called.
struct Server<F> {
    answer: F,
    asked: Vec<u32>,
}

impl<F: FnMut(u32) -> Result<&'static [u8], CallError<Infallible>>> Caller for Server<F> {
    type Error = Infallible;

    fn call<'c, R>(
        &'c mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
        results: impl FnOnce(&'c [u8]) -> Result<R, DecodeError>,
    ) -> Result<R, CallError<Infallible>> {
        assert_eq!((id.program, id.procedure), (PROGRAM, 0), "it calls NULL and nothing else");
        arguments(&mut Writer::new(&mut [])).unwrap();
        self.asked.push(id.version);
        results((self.answer)(id.version)?).map_err(CallError::Results)
    }

    fn cast(
        &mut self,
        _: ProcedureId,
        _: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<(), CallError<Infallible>> {
        panic!("whether a version is served is asked")
    }
}

type Found = Result<u32, CallError<Infallible>>;

/// Returns what is found, and which versions were called.
fn find(
    known: RangeInclusive<u32>,
    answer: impl FnMut(u32) -> Result<&'static [u8], CallError<Infallible>>,
) -> (Found, Vec<u32>) {
    let mut server = Server { answer, asked: Vec::new() };
    let found = highest_version(&mut server, PROGRAM, known);
    (found, server.asked)
}

fn mismatch<T>(low: u32, high: u32) -> Result<T, CallError<Infallible>> {
    Err(CallError::Refused(Refusal::ProgramMismatch { low, high }))
}

/// A server of these versions that answers as the standard requires.
fn serving(served: &[u32]) -> impl Fn(u32) -> Result<&'static [u8], CallError<Infallible>> {
    let unavailable = Err(CallError::Refused(Refusal::ProgramUnavailable));
    move |version| match (served.contains(&version), served.iter().min(), served.iter().max()) {
        (true, ..) => Ok(&[]),
        (false, Some(&low), Some(&high)) => mismatch(low, high),
        _ => unavailable,
    }
}

#[test]
fn the_highest_common_version_is_found() {
    for (known, served, found, asked) in [
        // The same versions, an older and a newer server.
        (1..=3, &[1, 2, 3][..], Ok(3), &[3][..]),
        (1..=3, &[1, 2], Ok(2), &[3, 2]),
        (1..=3, &[1], Ok(1), &[3, 1]),
        (1..=3, &[2, 3, 4, 5], Ok(3), &[3]),
        (3..=3, &[1, 2, 3], Ok(3), &[3]),
        // Each gap costs at most one call.
        (1..=5, &[1, 6], Ok(1), &[5, 4, 3, 2, 1]),
        (1..=5, &[1, 3, 6], Ok(3), &[5, 4, 3]),
        (1..=9, &[1, 4], Ok(4), &[9, 4]),
        (1..=9, &[2, 4, 20], Ok(4), &[9, 8, 7, 6, 5, 4]),
        // The lowest and the highest numbers.
        (0..=0, &[0], Ok(0), &[0]),
        (0..=1, &[0], Ok(0), &[1, 0]),
        (u32::MAX - 1..=u32::MAX, &[u32::MAX], Ok(u32::MAX), &[u32::MAX]),
        (u32::MAX - 1..=u32::MAX, &[u32::MAX - 1], Ok(u32::MAX - 1), &[u32::MAX, u32::MAX - 1]),
        (0..=u32::MAX, &[7], Ok(7), &[u32::MAX, 7]),
        // No common version: one call finds out, or one for each gap.
        (3..=5, &[1, 2], mismatch(1, 2), &[5]),
        (1..=2, &[3, 4], mismatch(3, 4), &[2]),
        (0..=0, &[1], mismatch(1, 1), &[0]),
        (2..=3, &[1, 4], mismatch(1, 4), &[3, 2]),
    ] {
        assert_eq!(find(known.clone(), serving(served)), (found, asked.to_vec()), "{known:?} of {served:?}");
    }
}

#[test]
fn a_program_that_is_not_served_has_no_versions() {
    assert_eq!(find(1..=3, serving(&[])), (Err(CallError::Refused(Refusal::ProgramUnavailable)), vec![3]));
}

#[test]
fn servers_that_lie_are_not_called_for_ever() {
    for (low, high, asked) in [
        // The refused version is in the reported range.
        (1, 3, &[3, 2, 1][..]),
        (3, 3, &[3]),
        (0, u32::MAX, &[3, 2, 1]),
        (3, u32::MAX, &[3]),
        // No reported version is in the range of the caller.
        (3, 1, &[3]),
        (2, 1, &[3]),
        (u32::MAX, 0, &[3]),
        (0, 0, &[3]),
        (4, 4, &[3]),
    ] {
        let (found, calls) = find(1..=3, |_| mismatch(low, high));
        assert_eq!((found, &*calls), (mismatch(low, high), asked), "{low} to {high}");
    }
    // The reported range changes from call to call: the error has the last one.
    let answer = |version| if version == 3 { mismatch(1, 2) } else { mismatch(9, 9) };
    assert_eq!(find(1..=3, answer), (mismatch(9, 9), vec![3, 2]));
}

#[test]
fn other_errors_end_the_search_at_once() {
    let refused = CallError::Refused;
    for error in [
        refused(Refusal::ProcedureUnavailable),
        refused(Refusal::GarbageArguments),
        refused(Refusal::SystemError),
        refused(Refusal::RpcMismatch { low: 3, high: 4 }),
        refused(Refusal::Authentication(AuthStatus::TOO_WEAK)),
        CallError::TimedOut { after: std::time::Duration::from_secs(1), unframed: 0 },
        CallError::Closed,
        CallError::ReplyTooLarge { size: 1000 },
    ] {
        assert_eq!(find(1..=3, |_| Err(error)), (Err(error), vec![3]));
        let second = |version| if version == 3 { mismatch(1, 2) } else { Err(error) };
        assert_eq!(find(1..=3, second), (Err(error), vec![3, 2]));
    }
    let (found, asked) = find(1..=3, |_| Ok(&[0; 4]));
    assert!(matches!(found, Err(CallError::Results(DecodeError { fault: Fault::LeftOver, .. }))), "{found:?}");
    assert_eq!(asked, [3]);
}

proptest::proptest! {
    /// For any served versions: the highest common one is found, no version is called twice, and calls go downwards.
    #[test]
    fn any_versions(served in proptest::collection::btree_set(0..20_u32, 0..6), low in 0..20_u32, count in 0..20_u32) {
        let known = low..=low + count;
        let served: Vec<u32> = served.into_iter().collect();
        let (found, asked) = find(known.clone(), serving(&served));
        let best = served.iter().copied().filter(|version| known.contains(version)).max();
        proptest::prop_assert_eq!(found.ok(), best);
        proptest::prop_assert!(asked.is_sorted_by(|a, b| a > b), "{:?}", asked);
        proptest::prop_assert!(asked.iter().all(|version| known.contains(version)), "{:?}", asked);
    }

    /// For any answers: the search ends.
    #[test]
    fn any_answers(answers: Vec<(u32, u32)>, low in 0..20_u32, count in 0..20_u32) {
        let mut answers = answers.into_iter();
        let known = low..=low + count;
        let (_, asked) = find(known.clone(), |_| answers.next().map_or(Ok(&[]), |(low, high)| mismatch(low, high)));
        proptest::prop_assert!(asked.is_sorted_by(|a, b| a > b), "{:?}", asked);
        proptest::prop_assert!(asked.iter().all(|version| known.contains(version)), "{:?}", asked);
    }
}

/// It serves version 1, compiled by rpcgen.
#[test]
fn the_version_of_a_server_in_c_is_found() {
    let server = c::Server::start();
    let mut tcp = oncilla_host::tcp(server.tcp).unwrap();
    let mut udp = oncilla_host::udp(server.udp).unwrap();
    for known in [1..=1, 1..=2, 0..=9, 0..=u32::MAX] {
        assert_eq!(highest_version(&mut tcp, 0x2000_0777, known.clone()).unwrap(), 1);
        assert_eq!(highest_version(&mut udp, 0x2000_0777, known).unwrap(), 1);
    }
    let none = highest_version(&mut tcp, 0x2000_0777, 2..=3);
    assert!(matches!(none, Err(CallError::Refused(Refusal::ProgramMismatch { low: 1, high: 1 }))), "{none:?}");
    let none = highest_version(&mut udp, 0x2000_0778, 1..=3);
    assert!(matches!(none, Err(CallError::Refused(Refusal::ProgramUnavailable))), "{none:?}");
}
