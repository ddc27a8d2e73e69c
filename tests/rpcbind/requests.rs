//! What the clients send and how they read replies, byte for byte, without a transport.

use std::convert::Infallible;

use oncilla::rpcbind::{Binding, Mapping, PortMapper, RpcBind};
use oncilla::xdr::{DecodeError, EncodeError, Fault};
use oncilla::{CallError, Caller, ProcedureId, Writer};

use crate::{opaque, text, words};

/// A caller that always returns the same results, and keeps the calls.
struct Canned {
    results: Vec<u8>,
    asked: Vec<(ProcedureId, Vec<u8>)>,
}

impl Canned {
    fn new(results: Vec<u8>) -> Self {
        Self { results, asked: Vec::new() }
    }

    /// Checks that one call was made, with these arguments.
    fn was_asked(self, version: u32, procedure: u32, arguments: &[u8]) {
        assert_eq!(self.asked, [(ProcedureId { program: 100_000, version, procedure }, arguments.to_vec())]);
    }
}

impl Caller for Canned {
    type Error = Infallible;

    fn call<'c, R>(
        &'c mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
        results: impl FnOnce(&'c [u8]) -> Result<R, DecodeError>,
    ) -> Result<R, CallError<Infallible>> {
        let mut room = [0xc5; 1000];
        let mut writer = Writer::new(&mut room);
        arguments(&mut writer).map_err(CallError::Arguments)?;
        let length = writer.length();
        self.asked.push((id, room[..length].to_vec()));
        results(&self.results).map_err(CallError::Results)
    }

    fn cast(
        &mut self,
        _: ProcedureId,
        _: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<(), CallError<Infallible>> {
        panic!("rpcbind has no one-way procedures")
    }
}

const MAPPING: Mapping = Mapping { program: 300_000, version: 2, protocol: 6, port: 20_049 };

const BINDING: Binding<'static> =
    Binding { program: 300_000, version: 2, netid: "tcp", address: "127.0.0.1.78.81", owner: "me" };

fn binding() -> Vec<u8> {
    [words(&[300_000, 2]), text("tcp"), text("127.0.0.1.78.81"), text("me")].concat()
}

fn make(version: u32, canned: &mut Canned) -> RpcBind<&mut Canned> {
    if version == 3 { RpcBind::version_3(canned) } else { RpcBind::version_4(canned) }
}

const NULL: ProcedureId = ProcedureId { program: 300_000, version: 2, procedure: 0 };

#[test]
fn port_mapper_calls_are_encoded_as_the_standard_requires() {
    let mut canned = Canned::new(words(&[1]));
    assert_eq!(PortMapper::new(&mut canned).set(&MAPPING), Ok(true));
    canned.was_asked(2, 1, &words(&[300_000, 2, 6, 20_049]));

    // It is for all protocols, and the port is ignored.
    let mut canned = Canned::new(words(&[0]));
    assert_eq!(PortMapper::new(&mut canned).unset(300_000, 2), Ok(false));
    canned.was_asked(2, 2, &words(&[300_000, 2, 0, 0]));

    let mut canned = Canned::new(words(&[20_049]));
    assert_eq!(PortMapper::new(&mut canned).get_port(300_000, 2, 17), Ok(Some(20_049)));
    canned.was_asked(2, 3, &words(&[300_000, 2, 17, 0]));

    let mut canned = Canned::new([words(&[1, 1, 2, 3, 4, 1, 5, 6, 7, 8, 0])].concat());
    let mut found = Vec::new();
    PortMapper::new(&mut canned).dump(|mapping| found.push(mapping)).unwrap();
    let mapping = |program, version, protocol, port| Mapping { program, version, protocol, port };
    assert_eq!(found, [mapping(1, 2, 3, 4), mapping(5, 6, 7, 8)]);
    canned.was_asked(2, 4, &[]);

    let mut canned = Canned::new([words(&[20_049]), opaque(b"results!!")].concat());
    assert_eq!(PortMapper::new(&mut canned).call_it(NULL, b"arguments"), Ok((20_049, &b"results!!"[..])));
    canned.was_asked(2, 5, &[words(&[300_000, 2, 0]), opaque(b"arguments")].concat());
}

#[test]
fn rpcbind_calls_are_encoded_as_the_standard_requires() {
    for version in [3, 4] {
        let mut canned = Canned::new(words(&[1]));
        assert_eq!(make(version, &mut canned).set(&BINDING), Ok(true));
        canned.was_asked(version, 1, &binding());

        let mut canned = Canned::new(words(&[0]));
        assert_eq!(make(version, &mut canned).unset(&BINDING), Ok(false));
        canned.was_asked(version, 2, &binding());

        let mut canned = Canned::new(text("127.0.0.1.78.81"));
        assert_eq!(make(version, &mut canned).get_address(&BINDING), Ok("127.0.0.1.78.81"));
        assert_eq!(make(version, &mut canned).get_socket_address(&BINDING), Ok(Some(([127, 0, 0, 1], 20_049).into())));
        canned.asked.pop();
        canned.was_asked(version, 3, &binding());

        let mut canned = Canned::new([words(&[1]), binding(), words(&[1]), binding(), words(&[0])].concat());
        let mut found = 0;
        let each = |binding: Binding<'_>| {
            assert_eq!(binding, BINDING);
            found += 1;
        };
        make(version, &mut canned).dump(each).unwrap();
        assert_eq!(found, 2);
        canned.was_asked(version, 4, &[]);

        let mut canned = Canned::new([text("127.0.0.1.78.81"), opaque(b"results")].concat());
        assert_eq!(make(version, &mut canned).indirect(NULL, b"args"), Ok(("127.0.0.1.78.81", &b"results"[..])));
        let procedure = if version == 3 { 5 } else { 10 };
        canned.was_asked(version, procedure, &[words(&[300_000, 2, 0]), opaque(b"args")].concat());

        let mut canned = Canned::new(words(&[u32::MAX]));
        assert_eq!(make(version, &mut canned).time(), Ok(u32::MAX));
        canned.was_asked(version, 6, &[]);
    }
}

#[test]
fn a_program_that_is_not_registered_is_none() {
    // A port over 16 bits cannot be called.
    for port in [0, 0x1_0000, u32::MAX] {
        assert_eq!(PortMapper::new(Canned::new(words(&[port]))).get_port(1, 1, 6), Ok(None), "{port}");
    }
    for address in ["", "/run/rpcbind.sock", "127.0.0.1"] {
        assert_eq!(RpcBind::version_4(Canned::new(text(address))).get_address(&BINDING), Ok(address));
        assert_eq!(RpcBind::version_4(Canned::new(text(address))).get_socket_address(&BINDING), Ok(None));
    }
}

#[test]
fn malformed_results_are_errors() {
    let fault = |result: Result<(), CallError<Infallible>>| match result {
        Err(CallError::Results(DecodeError { fault, .. })) => fault,
        other => panic!("{other:?}"),
    };
    let set = |results| fault(PortMapper::new(Canned::new(results)).set(&MAPPING).map(drop));
    assert_eq!(set(vec![]), Fault::End);
    assert_eq!(set(words(&[2])), Fault::Bool);
    assert_eq!(set(words(&[1, 1])), Fault::LeftOver);
    let port = |results| fault(PortMapper::new(Canned::new(results)).get_port(1, 1, 6).map(drop));
    assert_eq!(port(words(&[])), Fault::End);
    assert_eq!(port(words(&[1, 1])), Fault::LeftOver);
    let dump = |results| fault(PortMapper::new(Canned::new(results)).dump(|_| {}));
    assert_eq!(dump(words(&[])), Fault::End);
    assert_eq!(dump(words(&[7])), Fault::Bool);
    assert_eq!(dump(words(&[1, 1, 2, 3])), Fault::End);
    assert_eq!(dump(words(&[1, 1, 2, 3, 4])), Fault::End);
    assert_eq!(dump(words(&[0, 0])), Fault::LeftOver);
    let bindings = |results| fault(RpcBind::version_3(Canned::new(results)).dump(|_| {}));
    let over = [words(&[1, 1, 1]), text(&"x".repeat(129)), text(""), text(""), words(&[0])].concat();
    assert_eq!(bindings(over), Fault::Bound);
    let no_text = [words(&[1, 1, 1]), opaque(b"\xff"), text(""), text(""), words(&[0])].concat();
    assert_eq!(bindings(no_text), Fault::Text);
    let address = |results| fault(RpcBind::version_3(Canned::new(results)).get_address(&BINDING).map(drop));
    assert_eq!(address(words(&[5, 0])), Fault::Length);
    assert_eq!(address([text("x"), words(&[0])].concat()), Fault::LeftOver);
    let indirect = |results| fault(RpcBind::version_4(Canned::new(results)).indirect(NULL, &[]).map(drop));
    assert_eq!(indirect([text("x"), words(&[1])].concat()), Fault::Length);
    assert_eq!(indirect([text("x"), words(&[0, 0])].concat()), Fault::LeftOver);
}

/// Entries before the malformed one have been passed on.
#[test]
fn a_list_that_is_cut_short_passes_its_whole_entries() {
    let mut seen = Vec::new();
    let ended = PortMapper::new(Canned::new(words(&[1, 1, 2, 3, 4, 1, 5]))).dump(|mapping| seen.push(mapping.program));
    assert!(matches!(ended, Err(CallError::Results(DecodeError { fault: Fault::End, .. }))), "{ended:?}");
    assert_eq!(seen, [1]);
}

#[test]
fn texts_over_the_bound_are_not_sent() {
    let long = "x".repeat(129);
    for binding in [
        Binding { netid: &long, ..BINDING },
        Binding { address: &long, ..BINDING },
        Binding { owner: &long, ..BINDING },
    ] {
        let refused = RpcBind::version_4(Canned::new(words(&[1]))).set(&binding);
        assert!(matches!(refused, Err(CallError::Arguments(_))), "{refused:?}");
    }
}
