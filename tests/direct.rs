//! Direct calls: results, refusals and errors are those of a link.

use std::convert::Infallible;
use std::time::Duration;

use oncilla::message::{AUTH_SYS, AuthStatus, AuthSys, Call, OpaqueAuth, SysCredential};
use oncilla::xdr::{EncodeError, Fault};
use oncilla::{Authenticate, CallError, Caller, Direct, LinkError, ProcedureId, Refusal, Table, table};

oncilla::program! {
    mod counter = 0x2000_0042, version 2 {
        fn add(number: i32) -> i32 = 1;
        fn echo(data: &[u8] [..64]) -> &[u8] [..64] = 2;
        fn note(number: i32) = 3, oneway;
    }
}

/// Other versions of the interface.
mod other {
    oncilla::program! { pub mod older = 0x2000_0042, version 1 { fn add(number: i32) -> i32 = 1; } }
    oncilla::program! {
        pub mod newer = 0x2000_0042, version 2 {
            fn add(a: i32, b: i32) -> i32 = 1;
            fn echo(data: &[u8] [..64]) -> u32 = 2;
            fn note() -> u32 = 3;
            fn subtract() = 4;
        }
    }
    oncilla::program! { pub mod absent = 0x2000_0043, version 1 {} }
}

#[derive(Default)]
struct Device {
    sum: i32,
    caller: Option<u32>,
}

impl counter::Service for Device {
    fn add(&mut self, number: i32) -> i32 {
        self.sum += number;
        self.sum
    }

    fn echo<'a>(&'a mut self, data: &'a [u8]) -> &'a [u8] {
        data
    }

    fn note(&mut self, number: i32) {
        self.sum += number;
    }
}

static TABLE: Table<Device> = table![counter::program()];

/// The size of the largest call and reply: echo's arguments and results.
const SIZE: usize = oncilla::largest(&[counter::CALL_MAX, counter::REPLY_MAX]);

#[test]
fn calls_return_results_and_change_the_state() {
    let mut device = Device::default();
    let mut direct = Direct::<_, SIZE>::new(&TABLE, &mut device);
    let mut client = counter::Client::new(&mut direct);
    assert_eq!(client.null(), Ok(()));
    assert_eq!(client.add(5), Ok(5));
    assert_eq!(client.add(-7), Ok(-2));
    // The largest arguments, in buffers that are just large enough.
    assert_eq!(client.echo(&[7; 64]), Ok(&[7; 64][..]));
    assert_eq!(client.note(10), Ok(()));
    assert_eq!(direct.state().sum, 8);
    direct.state().sum = 100;
    assert_eq!(counter::Client::new(&mut direct).add(1), Ok(101));
    assert_eq!(device.sum, 101);
}

#[test]
fn refusals_are_those_of_a_link() {
    let mut device = Device::default();
    let mut direct = Direct::<_, 256>::new(&TABLE, &mut device);
    assert_eq!(
        other::older::Client::new(&mut direct).add(1),
        Err(CallError::Refused(Refusal::ProgramMismatch { low: 2, high: 2 }))
    );
    assert_eq!(other::absent::Client::new(&mut direct).null(), Err(CallError::Refused(Refusal::ProgramUnavailable)));
    let mut newer = other::newer::Client::new(&mut direct);
    assert_eq!(newer.subtract(), Err(CallError::Refused(Refusal::ProcedureUnavailable)));
    assert_eq!(newer.add(1, 2), Err(CallError::Refused(Refusal::GarbageArguments)));
    assert_eq!(oncilla::highest_version(&mut direct, counter::PROGRAM, 1..=5), Ok(2));
    assert_eq!(device.sum, 0);
}

#[test]
fn results_of_another_interface_are_an_error() {
    let mut device = Device::default();
    let mut newer = other::newer::Client::new(Direct::<_, 256>::new(&TABLE, &mut device));
    let Err(CallError::Results(error)) = newer.echo(b"four") else { panic!("an array is no number") };
    assert_eq!((error.fault, error.offset), (Fault::LeftOver, 4));
}

#[test]
fn a_procedure_without_a_reply_is_executed_and_times_out_at_once() {
    let mut device = Device::default();
    let mut direct = Direct::<_, 256>::new(&TABLE, &mut device);
    let id = ProcedureId { program: counter::PROGRAM, version: 2, procedure: 3 };
    let outcome = direct.call(id, |arguments| arguments.put::<oncilla::Xdr, _>(&4), |_| Ok(()));
    assert_eq!(outcome, Err(CallError::TimedOut { after: Duration::ZERO, unframed: 0 }));
    assert_eq!(device.sum, 4);
}

#[test]
fn buffers_that_are_too_small_are_an_error_before_anything_runs() {
    let mut device = Device::default();
    let mut direct = Direct::<_, 91>::new(&TABLE, &mut device);
    let too_small = CallError::Link(LinkError::BufferTooSmall { needed: 92, available: 91 });
    assert_eq!(counter::Client::new(&mut direct).add(1), Err(too_small));
    // The buffer holds the reply, but not the call of 108 bytes.
    let mut direct = Direct::<_, 92>::new(&TABLE, &mut device);
    let mut client = counter::Client::new(&mut direct);
    assert_eq!(client.echo(&[7; 64]), Err(CallError::Arguments(EncodeError::NoRoom { needed: 68, available: 52 })));
    assert_eq!(client.add(1), Ok(1));
    static EMPTY: Table<()> = table![];
    let mut nobody = ();
    let mut direct = Direct::<_, 32>::new(&EMPTY, &mut nobody);
    let no_header = EncodeError::NoRoom { needed: 40, available: 32 };
    assert_eq!(counter::Client::new(&mut direct).null(), Err(CallError::Arguments(no_header)));
}

/// Accepts one user, and remembers it.
fn remember(device: &mut Device, call: &Call<'_>) -> Result<(), AuthStatus> {
    let credential = call.credential();
    let user = AuthSys::parse(credential.body).filter(|_| credential.flavor == AUTH_SYS);
    device.caller = Some(user.ok_or(AuthStatus::TOO_WEAK)?.uid);
    Ok(())
}

static GUARDED: Table<Device> = table![counter::program()].authorize(remember);

#[test]
fn authorize_gets_the_credential() {
    let mut device = Device::default();
    let mut nobody = counter::Client::new(Direct::<_, 256>::new(&GUARDED, &mut device));
    assert_eq!(nobody.add(1), Err(CallError::Refused(Refusal::Authentication(AuthStatus::TOO_WEAK))));
    let user = SysCredential::new(1, "host", 1_000, 100, &[]).unwrap();
    let direct = Direct::<_, 1_024>::new(&GUARDED, &mut device).with_credential(user);
    assert_eq!(counter::Client::new(direct).add(1), Ok(1));
    assert_eq!(device.caller, Some(1_000));
}

struct TooLong;

impl Authenticate for TooLong {
    fn credential(&self) -> OpaqueAuth<'_> {
        OpaqueAuth { flavor: AUTH_SYS, body: &[0; 404] }
    }
}

#[test]
fn a_credential_over_its_bound_is_not_sent() {
    let mut device = Device::default();
    let direct = Direct::<_, 1_024>::new(&TABLE, &mut device).with_credential(TooLong);
    let refused: CallError<Infallible> = CallError::Arguments(EncodeError::Refused(Fault::Bound));
    assert_eq!(counter::Client::new(direct).add(1), Err(refused));
    assert_eq!(device.sum, 0);
}
