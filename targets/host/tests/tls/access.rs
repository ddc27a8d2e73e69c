//! Rules by certificate, and what observers see.

use oncilla::message::AuthStatus;
use oncilla::{CallError, Refusal};
use oncilla_host::{Access, Connector, Error, TlsError};

use super::*;
use crate::certificates::{CLIENT, SERVER};
use crate::sockets::*;

fn outcome(served: &Served, tls: &TlsClient) -> Result<i32, AuthStatus> {
    let mut client = Connector::new().tls(served.address, SERVER, tls).unwrap();
    match probe::Client::new(&mut client).add(2, 3) {
        Ok(sum) => Ok(sum),
        Err(CallError::Refused(Refusal::Authentication(status))) => Err(status),
        Err(error) => panic!("{error}"),
    }
}

fn optional(rules: Vec<Access>) -> Served {
    let tls = settings().accept_client_certificates(&CERTIFICATES.authority).unwrap().opportunistic();
    Served::new(|server| rules.into_iter().fold(server.tls(tls), oncilla_host::Server::allow))
}

#[test]
fn a_client_is_allowed_by_the_name_in_its_certificate() {
    let served = optional(vec![Access::certificate_name(CLIENT).unwrap()]);
    assert_eq!(outcome(&served, &known()), Ok(5));
    assert_eq!(outcome(&served, &trusting()), Err(AuthStatus::TOO_WEAK));
    let served = optional(vec![Access::certificate_name("meter-8.plant.example").unwrap()]);
    assert_eq!(outcome(&served, &known()), Err(AuthStatus::REJECTED_CREDENTIAL));
    // In clear nobody has a name.
    let mut stream = served.raw();
    std::io::Write::write_all(&mut stream, &record(&call(5, procedure(4), &[]))).unwrap();
    let denied = [5, 1, 1, 1, 5_u32].map(u32::to_be_bytes).concat();
    assert_eq!(read_record(&mut stream).unwrap(), denied);
}

#[test]
fn a_client_is_allowed_by_its_fingerprint() {
    let (sender, certificates) = mpsc::channel();
    let observe = move |event: &oncilla_host::Event<'_>| {
        if let oncilla_host::Event::Call(record) = event {
            sender.send(record.certificate.cloned()).unwrap_or_default();
        }
    };
    let served = Served::new(|server| server.tls(mutual()).observe(observe));
    assert_eq!(outcome(&served, &known()), Ok(5));
    assert_eq!(certificates.recv_timeout(PATIENCE), Ok(None), "the probe is in the clear");
    let certificate = certificates.recv_timeout(PATIENCE).unwrap().unwrap();
    assert!(certificate.has_name(CLIENT) && !certificate.has_name(SERVER));
    assert_eq!(certificate.dns_names(), [CLIENT]);
    let fingerprint = hex(certificate.fingerprint());
    let served = optional(vec![Access::certificate_fingerprint(&fingerprint).unwrap()]);
    assert_eq!(outcome(&served, &known()), Ok(5));
    assert_eq!(outcome(&served, &trusting()), Err(AuthStatus::TOO_WEAK));
}

#[test]
fn some_procedures_can_need_tls() {
    let open = Access::anyone().procedures(probe::PROGRAM, probe::VERSION, &[4]);
    let served = optional(vec![Access::tls(), open]);
    assert_eq!(outcome(&served, &trusting()), Ok(5));
    let mut stream = served.raw();
    for (number, expected) in [(4, vec![5, 1, 0, 0, 0, 0, 2_u32]), (2, vec![5, 1, 1, 1, 5])] {
        std::io::Write::write_all(&mut stream, &record(&call(5, procedure(number), &[]))).unwrap();
        let expected: Vec<u8> = expected.into_iter().flat_map(u32::to_be_bytes).collect();
        assert_eq!(read_record(&mut stream).unwrap(), expected);
    }
}

#[test]
fn wrong_names_and_fingerprints_are_refused() {
    assert!(matches!(Access::certificate_name("two words"), Err(Error::Tls(TlsError::Name(_)))));
    assert!(matches!(Access::certificate_fingerprint("0a"), Err(Error::Tls(TlsError::Fingerprint(_)))));
}

#[test]
fn a_remembered_reply_is_for_the_client_with_the_same_certificate() {
    use crate::peer::{Peer, Settings};

    let tls = settings().accept_client_certificates(&CERTIFICATES.authority).unwrap().opportunistic();
    let served = Served::new(|server| server.tls(tls).connection_replay_memory(16));
    // The same bytes from the same address, again and again.
    let count = hex(&call(5, procedure(4), &[]));
    let inside = |own| {
        let settings = Settings { own, ..Settings::client() };
        Peer::call(served.address, settings, &format!("probe tls call={count} read")).lines().pop().unwrap()
    };
    let result = |number: u8| hex(&reply(5, &[0, 0, 0, number]));
    let (meter, other) = (Some(&CERTIFICATES.client), Some(&CERTIFICATES.server));
    assert_eq!(inside(meter), result(1));
    assert_eq!(inside(meter), result(1));
    assert_eq!(inside(other), result(2));
    assert_eq!(inside(None), result(3));
    let lines = Peer::call(served.address, Settings::client(), &format!("call={count} read")).lines();
    assert_eq!(lines, [result(4)]);
    assert_eq!(inside(meter), result(1));
    assert_eq!(served.stop().calls, 4);
}

/// The fingerprints that the table's `authorize` function saw.
static SEEN: std::sync::Mutex<Vec<Option<[u8; 32]>>> = std::sync::Mutex::new(Vec::new());

static ASKING: oncilla::Table<Asked> = oncilla::table![door::program()].authorize(|_, call| {
    SEEN.lock().unwrap().push(call.certificate().copied());
    match call.certificate() {
        Some(_) => Ok(()),
        None => Err(AuthStatus::TOO_WEAK),
    }
});

oncilla::program! { pub mod door = 0x2000_0098, version 1 { fn open() -> u32 = 1; } }

#[derive(Clone)]
struct Asked;

impl door::Service for Asked {
    fn open(&mut self) -> u32 {
        7
    }
}

#[test]
fn authorize_sees_the_certificate() {
    let tls = settings().accept_client_certificates(&CERTIFICATES.authority).unwrap();
    let mut server = oncilla_host::Server::new().unwrap().tcp("127.0.0.1:0").unwrap().tls(tls);
    let (address, stopper) = (server.tcp_addresses()[0], server.stopper());
    let serving = std::thread::spawn(move || {
        server.serve(&ASKING, &mut Asked)?;
        server.serve_with_workers(2, &ASKING, Asked)
    });
    for _ in 0..2 {
        let open = |tls: &TlsClient| door::Client::new(&mut Connector::new().tls(address, SERVER, tls).unwrap()).open();
        assert_eq!(open(&known()).unwrap(), 7);
        let refused = open(&trusting()).unwrap_err();
        assert!(matches!(refused, CallError::Refused(Refusal::Authentication(AuthStatus::TOO_WEAK))), "{refused}");
        stopper.stop();
    }
    serving.join().unwrap().unwrap();
    let expected = Some(fingerprint_by_python(&CERTIFICATES.client.certificate));
    assert_eq!(*SEEN.lock().unwrap(), [expected, None, expected, None]);
}

/// Returns the fingerprint as Python computes it.
fn fingerprint_by_python(certificate: &str) -> [u8; 32] {
    let program = "import hashlib, ssl, sys; print(hashlib.sha256(ssl.PEM_cert_to_DER_cert(sys.argv[1])).hexdigest())";
    let output = std::process::Command::new("python3").args(["-c", program, certificate]).output().unwrap();
    let digits = String::from_utf8(output.stdout).unwrap();
    let pairs = digits.trim().as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
    let bytes: Vec<u8> = pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect();
    bytes.try_into().unwrap()
}
