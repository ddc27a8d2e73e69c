//! Universal addresses, written and read.

use std::net::{Ipv6Addr, SocketAddr};

use oncilla::rpcbind::{UNIVERSAL_MAX, parse_universal, universal};

/// Socket addresses and their universal addresses, written by hand.
const PAIRS: [(&str, &str); 16] = [
    ("127.0.0.1:20049", "127.0.0.1.78.81"),
    ("127.0.0.1:111", "127.0.0.1.0.111"),
    ("0.0.0.0:0", "0.0.0.0.0.0"),
    ("0.0.0.0:255", "0.0.0.0.0.255"),
    ("0.0.0.0:256", "0.0.0.0.1.0"),
    ("1.2.3.4:65535", "1.2.3.4.255.255"),
    ("255.255.255.255:65535", "255.255.255.255.255.255"),
    ("10.100.109.9:9", "10.100.109.9.0.9"),
    ("200.20.2.0:1024", "200.20.2.0.4.0"),
    ("[::]:0", "0:0:0:0:0:0:0:0.0.0"),
    ("[::1]:111", "0:0:0:0:0:0:0:1.0.111"),
    ("[fe80::1]:2049", "fe80:0:0:0:0:0:0:1.8.1"),
    ("[2001:db8::a00f:10]:20049", "2001:db8:0:0:0:0:a00f:10.78.81"),
    ("[1:20:300:4000:5:60:700:8000]:65535", "1:20:300:4000:5:60:700:8000.255.255"),
    ("[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff.255.255"),
    ("[::ffff:192.0.2.7]:111", "0:0:0:0:0:ffff:c000:207.0.111"),
];

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

#[test]
fn known_addresses() {
    for (plain, text) in PAIRS {
        assert_eq!(universal(address(plain)), text);
        assert_eq!(parse_universal(text), Some(address(plain)), "{text}");
    }
}

#[test]
fn the_longest_address_fits_exactly() {
    assert_eq!(PAIRS.map(|(_, text)| text.len()).into_iter().max(), Some(UNIVERSAL_MAX));
}

/// The addresses that libtirpc writes.
#[test]
fn short_forms_of_ipv6_are_read() {
    for (plain, text) in [
        ("[::]:111", "::.0.111"),
        ("[::1]:20049", "::1.78.81"),
        ("[fe80::1]:2049", "fe80::1.8.1"),
        ("[::ffff:192.0.2.7]:111", "::ffff:192.0.2.7.0.111"),
    ] {
        assert_eq!(parse_universal(text), Some(address(plain)), "{text}");
    }
}

#[test]
fn text_that_is_no_address_is_none() {
    let long = "1".repeat(10_000);
    let garbage = [
        "",
        ".",
        "..",
        "...",
        ".....",
        "1",
        "1.2",
        "1.2.3",
        "1.2.3.4",
        "1.2.3.4.5",
        "1.2.3.4.5.",
        ".1.2.3.4.5",
        "1.2.3.4.5.6.7",
        "1.2.3.4.5.256",
        "1.2.3.4.256.5",
        "256.2.3.4.5.6",
        "1.2.3.4.-1.6",
        "1.2.3.4.+1.6",
        "1.2.3.4.1.+6",
        "1.2.3.4. 1.6",
        "1.2.3.4.1.6 ",
        "1.2.3.4..6",
        "1.2.3.4.0x1.6",
        "1.2.3.4.1.6\n",
        "1.2.3.4:5.6",
        "[::1].0.111",
        "::1",
        "::1.0",
        "::1:0.111",
        "fe80::1%lo.0.111",
        "12345::.0.111",
        "1:2:3:4:5:6:7.0.111",
        "1:2:3:4:5:6:7:8:9.0.111",
        "localhost.0.111",
        "/run/rpcbind.sock",
        "/tmp/a.0.111",
        "\u{661}.2.3.4.5.6",
        "1.2.3.4.5.\u{661}",
        &long,
    ];
    for text in garbage {
        assert_eq!(parse_universal(text), None, "{text:?}");
    }
}

#[test]
fn every_port_is_written_and_read() {
    for port in 0..=u16::MAX {
        for ip in [address("192.0.2.7:0"), SocketAddr::from((Ipv6Addr::LOCALHOST, 0))] {
            let address = SocketAddr::new(ip.ip(), port);
            assert_eq!(parse_universal(&universal(address)), Some(address));
        }
    }
}

proptest::proptest! {
    #[test]
    fn every_address_is_written_and_read(ip: std::net::IpAddr, port: u16) {
        let address = SocketAddr::new(ip, port);
        let text = universal(address);
        proptest::prop_assert!(text.len() <= UNIVERSAL_MAX);
        proptest::prop_assert_eq!(parse_universal(&text), Some(address));
    }
}
