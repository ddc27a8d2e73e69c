//! Brokers inside TLS, which know a caller by its certificate.

use oncilla_fleet::{Fleet, Settings};
use oncilla_fleet_tests::broker::{self, Broker};
use oncilla_host::TlsClient;

use super::certificates::{CERTIFICATES, Certificates};

fn secured() -> Broker {
    let Certificates { authority, server, .. } = &*CERTIFICATES;
    let tls = Some([authority.clone(), server.certificate.clone(), server.key.clone()]);
    Broker::start(&broker::Settings { tls, ..Default::default() }).unwrap()
}

fn connect(broker: &Broker, tls: Option<TlsClient>) -> Result<Fleet, String> {
    let address = format!("mqtts://127.0.0.1:{}/plant", broker.port()).parse().unwrap();
    Fleet::with(Settings { tls, ..Settings::new(address) }).map_err(|error| error.to_string())
}

#[test]
fn a_certificate_is_needed_and_checked_by_both() {
    let broker = secured();
    let Certificates { authority, other_authority, client, stranger, .. } = &*CERTIFICATES;
    let trusting = || TlsClient::new(authority).unwrap();
    let own = trusting().certificate(&client.certificate, &client.key).unwrap();
    let fleet = connect(&broker, Some(own)).unwrap();
    // Messages of several records, both ways.
    fleet.set_cap(0x2000_0042, Some(3)).unwrap();
    super::wait_until(|| fleet.caps() == [(0x2000_0042, 3)]);
    assert_eq!(fleet.devices().unwrap().len(), 0);

    let error = connect(&broker, None).unwrap_err();
    assert!(error.contains("needs the certificate of the authority"), "{error}");
    let wrong = TlsClient::new(other_authority).unwrap();
    let error = connect(&broker, Some(wrong)).unwrap_err();
    assert!(error.contains("TLS with the broker"), "{error}");
    for refused in [trusting(), trusting().certificate(&stranger.certificate, &stranger.key).unwrap()] {
        let error = connect(&broker, Some(refused)).unwrap_err();
        assert!(error.contains("lost") || error.contains("TLS with the broker"), "{error}");
    }
    let plain = Fleet::connect(&format!("mqtt://127.0.0.1:{}/plant", broker.port())).unwrap_err();
    assert!(plain.is_of_broker(), "{plain}");
}
