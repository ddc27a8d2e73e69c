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
    assert_eq!(certificates.recv_timeout(PATIENCE), Ok(None), "the probe is in clear");
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
