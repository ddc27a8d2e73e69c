//! Universal addresses (RFC 5665 §5.2.3): an IP address with the two bytes of the port as decimal numbers.

use core::net::{IpAddr, SocketAddr};

use heapless::String;

/// The most bytes of a universal address that [`universal`] writes.
pub const UNIVERSAL_MAX: usize = 47;

/// Returns the universal address of a socket address.
///
/// ```
/// use oncilla::rpcbind::universal;
///
/// assert_eq!(universal("127.0.0.1:20049".parse()?), "127.0.0.1.78.81");
/// assert_eq!(universal("[::1]:111".parse()?), "0:0:0:0:0:0:0:1.0.111");
/// # Ok::<(), core::net::AddrParseError>(())
/// ```
///
/// It does not use `core::fmt`, which would cost firmware flash.
#[must_use]
pub fn universal(address: SocketAddr) -> String<UNIVERSAL_MAX> {
    let mut text = String::new();
    // The text holds the longest address.
    let _ = write(&mut text, address);
    text
}

fn write(text: &mut String<UNIVERSAL_MAX>, address: SocketAddr) -> Option<()> {
    match address.ip() {
        IpAddr::V4(ip) => {
            for byte in ip.octets() {
                if !text.is_empty() {
                    text.push('.').ok()?;
                }
                digits(text, byte.into(), 10)?;
            }
        }
        IpAddr::V6(ip) => {
            for group in ip.segments() {
                if !text.is_empty() {
                    text.push(':').ok()?;
                }
                digits(text, group.into(), 16)?;
            }
        }
    }
    for byte in address.port().to_be_bytes() {
        text.push('.').ok()?;
        digits(text, byte.into(), 10)?;
    }
    Some(())
}

/// Writes a number of at most five digits, without leading zeros.
fn digits(text: &mut String<UNIVERSAL_MAX>, number: u32, base: u32) -> Option<()> {
    let mut places = [10_000, 1_000, 100, 10, 1];
    if base == 16 {
        places = [0x1_0000, 0x1000, 0x100, 0x10, 1];
    }
    let mut leading = true;
    for place in places {
        // The divisors are never 0, but the compiler does not see that everywhere.
        let digit = number.checked_div(place)?.checked_rem(base)?;
        leading = leading && digit == 0 && place > 1;
        if !leading {
            // `char::from_digit` would be shorter, but may panic as far as the compiler knows.
            text.push(char::from(*b"0123456789abcdef".get(digit as usize)?)).ok()?;
        }
    }
    Some(())
}

/// Returns the socket address of a universal address.
///
/// `None` if it is not an IPv4 or IPv6 address.
///
/// ```
/// use oncilla::rpcbind::parse_universal;
///
/// assert_eq!(parse_universal("127.0.0.1.78.81"), "127.0.0.1:20049".parse().ok());
/// assert_eq!(parse_universal("/run/rpcbind.sock"), None);
/// ```
#[must_use]
pub fn parse_universal(text: &str) -> Option<SocketAddr> {
    let (rest, low) = text.rsplit_once('.')?;
    let (ip, high) = rest.rsplit_once('.')?;
    Some(SocketAddr::new(ip.parse().ok()?, u16::from_be_bytes([byte(high)?, byte(low)?])))
}

/// Reads decimal digits only: Rust's `parse` would also accept a sign.
fn byte(text: &str) -> Option<u8> {
    text.bytes().all(|digit| digit.is_ascii_digit()).then(|| text.parse().ok())?
}
