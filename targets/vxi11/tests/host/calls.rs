//! Each operation of a client.

use oncilla_vxi11::{Client, Error, ErrorCode};

use crate::meter::{client, options, serve, until};

#[test]
fn messages_and_responses() {
    let serving = serve();
    let mut client = client(&serving);
    assert_eq!(client.query("*IDN?\n").unwrap(), "*IDN?");
    // Larger than one call and one reply.
    let data: Vec<u8> = (0..300_000_u32).map(|number| (number % 251) as u8).collect();
    client.write(&data).unwrap();
    assert_eq!(client.read().unwrap(), data);
    client.write([0xFF, 0xFE]).unwrap();
    assert_eq!(client.read().unwrap(), [0xFF, 0xFE]);
    assert!(matches!(client.query("\u{0}").as_deref(), Ok("\u{0}")));
}

#[test]
fn a_response_by_pieces_and_up_to_a_character() {
    let serving = serve();
    let mut client = options(&serving).read_size(3).end_character(b',').open("127.0.0.1", "inst0").unwrap();
    client.write("1.25,2,last").unwrap();
    let parts: Vec<_> = (0..3).map(|_| String::from_utf8(client.read().unwrap()).unwrap()).collect();
    assert_eq!(parts, ["1.25,", "2,", "last"]);
}

#[test]
fn a_response_has_a_limit() {
    let serving = serve();
    let mut client = options(&serving).read_size(4).response_max(8).open("127.0.0.1", "inst0").unwrap();
    assert_eq!(client.query("12345678").unwrap(), "12345678");
    assert!(matches!(client.query(&"x".repeat(100)), Err(Error::TooLarge { limit: 8 })));
    client.clear().unwrap();
    assert_eq!(client.query("again").unwrap(), "again");
}

#[test]
fn trigger_clear_remote_local_and_the_status_byte() {
    let serving = serve();
    let mut client = client(&serving);
    client.trigger().unwrap();
    assert_eq!(serving.with(|meter| meter.triggers), 1);
    client.remote().unwrap();
    assert!(serving.with(|meter| meter.is_remote));
    client.local().unwrap();
    assert!(!serving.with(|meter| meter.is_remote));
    client.write("lost").unwrap();
    client.clear().unwrap();
    assert_eq!(client.query("kept").unwrap(), "kept");
    assert_eq!(client.status_byte().unwrap(), 0);
    serving.with(|meter| meter.service = true);
    assert_eq!((client.status_byte().unwrap(), client.status_byte().unwrap()), (0x40, 0));
}

#[test]
fn errors_of_the_instrument() {
    let serving = serve();
    let code = |error: Error| error.code().unwrap();
    let open = options(&serving).open("127.0.0.1", "gpib0").unwrap_err();
    assert_eq!(code(open), ErrorCode::NOT_ACCESSIBLE);
    let mut client = client(&serving);
    let error = client.unlock().unwrap_err();
    assert_eq!(error.to_string(), "device_unlock: VXI-11 error 12: no lock held by this link");
}

#[test]
fn a_client_that_is_dropped_frees_its_link() {
    let serving = serve();
    let clients: Vec<Client> = (0..5).map(|_| client(&serving)).collect();
    assert_eq!(serving.open_links(), 5);
    drop(clients);
    // The last link is destroyed before the connection ends.
    until(|| serving.open_links() == 0);
}
