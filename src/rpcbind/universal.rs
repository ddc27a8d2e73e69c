//! Universal addresses (RFC 5665 §5.2.3): an IP address with the port as two more decimal numbers.

use core::net::{IpAddr, SocketAddr};

use heapless::String;

/// Bytes of the longest universal address that [`universal`] writes.
pub const UNIVERSAL_MAX: usize = 47;

/// The universal address: `127.0.0.1:20049` is `127.0.0.1.78.81`, `[::1]:111` is `0:0:0:0:0:0:0:1.0.111`.
///
/// Written without `core::fmt`, which firmware need not link for it.
#[must_use]
pub fn universal(address: SocketAddr) -> String<UNIVERSAL_MAX> {
    let mut text = String::new();
    // There is room for the longest.
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

/// A number of at most five digits, without leading zeros.
fn digits(text: &mut String<UNIVERSAL_MAX>, number: u32, base: u32) -> Option<()> {
    let mut places = [10_000, 1_000, 100, 10, 1];
    if base == 16 {
        places = [0x1_0000, 0x1000, 0x100, 0x10, 1];
    }
    let mut leading = true;
    for place in places {
        // No place or base is 0, which a compiler does not see everywhere.
        let digit = number.checked_div(place)?.checked_rem(base)?;
        leading = leading && digit == 0 && place > 1;
        if !leading {
            // `char::from_digit` would be shorter, but can panic as far as a compiler sees.
            text.push(char::from(*b"0123456789abcdef".get(digit as usize)?)).ok()?;
        }
    }
    Some(())
}

/// The socket address that a universal address means. `None` when it is not one of IPv4 or IPv6.
#[must_use]
pub fn parse_universal(text: &str) -> Option<SocketAddr> {
    let (rest, low) = text.rsplit_once('.')?;
    let (ip, high) = rest.rsplit_once('.')?;
    Some(SocketAddr::new(ip.parse().ok()?, u16::from_be_bytes([byte(high)?, byte(low)?])))
}

/// Digits alone: Rust would read a sign too.
fn byte(text: &str) -> Option<u8> {
    text.bytes().all(|digit| digit.is_ascii_digit()).then(|| text.parse().ok())?
}
