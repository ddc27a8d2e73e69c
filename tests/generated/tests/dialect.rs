//! rpcgen's dialect: what we send, C made by rpcgen reads and writes again, and the same values come back.
//!
//! The C server decodes arguments by its own idea of each type, refuses bytes that are left over, and encodes what it
//! has decoded.

#[path = "../../support/c_server.rs"]
mod c_server;
#[path = "../../support/libtirpc.rs"]
mod libtirpc;

use std::path::Path;
use std::process::Command;

use c_server::CServer;
use oncilla_generated::dialect::*;

fn server() -> CServer {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR"));
    let into = Path::new(env!("CARGO_TARGET_TMPDIR")).join("dialect");
    let parts: &[&str] = &["c/dialect_server.c", "dialect_xdr.c", "dialect_svc.c"];
    libtirpc::compile(sources, "dialect", &into, &[("dialect_server", parts)]);
    CServer::start(Command::new(into.join("dialect_server")))
}

fn octets<const N: usize>(bytes: [u8; N]) -> [UnsignedChar; N] {
    bytes.map(|value| UnsignedChar { value })
}

fn some<T: Clone, const N: usize>(elements: &[T]) -> heapless::Vec<T, N> {
    heapless::Vec::from_slice(elements).unwrap()
}

fn addresses() -> [Address; 3] {
    let address =
        |parts, more: &[UnsignedChar], low, packed| Address { parts: octets(parts), more: some(more), low, packed };
    [
        address([0; 4], &[], [0; 3], [0; 3]),
        address([255, 128, 127, 1], &octets([255; 8]), [-128, 127, -1], [255, 0, 1]),
        address([1, 2, 3, 4], &octets([5, 6, 7]), [8, 9, 10], *b"abc"),
    ]
}

fn list(values: &[i64]) -> Knots {
    values.iter().map(|&value| Knot { value }).collect()
}

fn chain(values: &[i64]) -> KnotChain {
    KnotChain { first: Knot { value: values[0] }, rest: list(&values[1..]) }
}

#[test]
fn everything_comes_back() {
    let server = server();
    let mut caller = oncilla_host::tcp(server.addresses[0]).unwrap();
    let mut client = dialect_1::Client::new(&mut caller);
    client.null().unwrap();

    for address in addresses() {
        assert_eq!(client.echo_address(address.clone()).unwrap(), address);
    }
    let counted = [Counted::Zero, Counted::One, Counted::Minus, Counted::Next, Counted::Large];
    assert_eq!(counted.map(Counted::number), [0, 1, -8, -7, i32::MAX]);
    for how in counted {
        assert_eq!(client.echo_counted(how).unwrap(), how);
        let lowest = Spelt {
            alone: 0,
            number: i32::MIN,
            natural: 0,
            plain: 0,
            half: 0,
            big: i64::MIN,
            bigger: 0,
            fixed: 0,
            wide: -1,
            truth: false,
            how,
        };
        let highest = Spelt {
            alone: u32::MAX,
            number: i32::MAX,
            natural: u32::MAX,
            plain: u32::MAX,
            half: u16::MAX,
            big: i64::MAX,
            bigger: u64::MAX,
            fixed: u32::MAX,
            wide: i64::MAX,
            truth: true,
            how,
        };
        for spelt in [lowest, highest] {
            assert_eq!(client.echo_spelt(spelt.clone()).unwrap(), spelt);
        }
    }
    let chains = [
        Chains { head: chain(&[1]), several: some(&[]), maybe: list(&[]) },
        Chains { head: chain(&[1, -2, 3]), several: some(&[chain(&[4]), chain(&[5, 6])]), maybe: list(&[7, 8]) },
    ];
    for chains in chains {
        assert_eq!(client.echo_chains(chains.clone()).unwrap(), chains);
    }
    let [_, place, _] = addresses();
    let grouped = [
        Grouped::Number(0, -1),
        Grouped::Number(1, 1),
        Grouped::Minus(place),
        Grouped::Default(-7, "next".try_into().unwrap()),
        Grouped::Default(i32::MAX, "".try_into().unwrap()),
    ];
    for second in grouped {
        for first in [Answer::True(Counted::Minus), Answer::False] {
            let both = Both { first, second: second.clone() };
            assert_eq!(client.echo_both(both.clone()).unwrap(), both);
        }
    }
    for text in ["", "a", "sixty-four bytes at most"] {
        assert_eq!(client.echo_text(text.try_into().unwrap()).unwrap(), text);
    }
    for knots in [list(&[]), list(&[1]), (0..40).map(|value| Knot { value }).collect()] {
        assert_eq!(client.echo_knots(knots.clone()).unwrap(), knots);
    }
    assert_eq!(client.echo_unsigned(u32::MAX).unwrap(), u32::MAX);
}

#[test]
fn sizes_are_those_of_the_largest_values() {
    use oncilla::xdr::MaxSize;
    let room = &mut [0; 4096];
    let largest = Address { more: some(&octets([0; 8])), ..addresses()[0].clone() };
    assert_eq!(oncilla::xdr::encode(&largest, room), Ok(Address::MAX_SIZE));
    assert_eq!(dialect_1_sizes::ECHO_ADDRESS_ARGUMENTS_MAX, 4 * 4 + (4 + 8 * 4) + 3 * 4 + 4);
    assert_eq!(dialect_1_sizes::ECHO_TEXT_RESULTS_MAX, 4 + 64);
    assert_eq!(dialect_1_sizes::ECHO_KNOTS_RESULTS_MAX, 40 * (4 + 8) + 4);
}
