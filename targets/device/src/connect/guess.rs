//! Guesses what received bytes are: a framing, another protocol, text, or unknown.

use oncilla::framing::{self, Framing as _, Progress};
use oncilla::message::Form;

use crate::target::Framing;

/// A guess of what bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guess {
    /// There are no bytes.
    Nothing,
    /// Messages or text in this framing.
    Framed(Framing),
    /// A greeting or an error of this protocol.
    Protocol(&'static str),
    /// Text, and its source if a word in it shows that.
    Text(Option<&'static str>),
    /// Bytes without a known form, as after a wrong baud rate.
    Unknown,
}

/// Protocols by the first bytes that their servers send.
const PROTOCOLS: [(&[u8], &str); 16] = [
    (b"HTTP/", "HTTP"),
    (b"<!DOCTYPE", "HTTP"),
    (b"<html", "HTTP"),
    (b"<HTML", "HTTP"),
    (b"SSH-", "SSH"),
    (b"220 ", "FTP or SMTP"),
    (b"220-", "FTP or SMTP"),
    (b"* OK", "IMAP"),
    (b"+OK", "POP3"),
    (b"-ERR", "Redis or POP3"),
    (b"RFB ", "VNC"),
    (b"AMQP", "AMQP"),
    (b"RTSP/", "RTSP"),
    (b"\xff\xfb", "Telnet"),
    (b"\xff\xfd", "Telnet"),
    (b"{\"QMP\"", "QEMU's monitor"),
];

/// Sources of text, by words in it.
const TEXTS: [(&str, &str); 10] = [
    ("U-Boot", "the boot loader U-Boot"),
    ("Bootloader", "a boot loader"),
    ("bootloader", "a boot loader"),
    ("Hit any key", "a boot loader"),
    ("ets Jun", "the boot loader of an ESP32"),
    ("rst:0x", "the boot loader of an ESP32"),
    (">>>", "a Python prompt"),
    ("login:", "a login prompt"),
    ("assword:", "a login prompt"),
    ("Linux version", "a Linux console"),
];

/// Guesses what bytes are.
///
/// They are the first bytes of a server, or any part of the bytes on a serial line.
pub fn guess(bytes: &[u8]) -> Guess {
    if bytes.is_empty() {
        return Guess::Nothing;
    }
    let named = PROTOCOLS.iter().find(|(start, _)| bytes.starts_with(start));
    if let Some((_, name)) = named {
        return Guess::Protocol(name);
    }
    if is_tls(bytes) {
        return Guess::Protocol("TLS");
    }
    if let Some(framing) = of_cobs(bytes).or_else(|| of_record(bytes)) {
        return Guess::Framed(framing);
    }
    if is_text(bytes) {
        let text = String::from_utf8_lossy(bytes);
        return Guess::Text(TEXTS.iter().find(|(word, _)| text.contains(word)).map(|(_, name)| *name));
    }
    Guess::Unknown
}

/// Returns whether bytes begin like a record of TLS.
///
/// It begins with its type, then a version from 3.0 to 3.4.
fn is_tls(bytes: &[u8]) -> bool {
    matches!(bytes, [20..=23, 3, 0..=4, _, _, ..])
}

/// Finds frames of COBS with their check value, or text between them.
fn of_cobs(bytes: &[u8]) -> Option<Framing> {
    let mut buffer = vec![0; bytes.len() + framing::Serial::BUFFER_MIN + 2];
    let mut frames = framing::Serial::default();
    let mut found = None;
    let window = frames.window(&mut buffer);
    window.get_mut(..bytes.len())?.copy_from_slice(bytes);
    frames.filled(bytes.len());
    loop {
        match frames.next_of_all(&mut buffer) {
            Progress::More => return found,
            // Hellos and logs: only the framing `serial` has them.
            Progress::Message { .. } if frames.form() == Form::Short => return Some(Framing::Serial),
            Progress::Message { start, length } => {
                let message = buffer.get(start..start + length).unwrap_or_default();
                if is_message(message) {
                    found = Some(Framing::Cobs);
                }
            }
            Progress::Text { .. } => found = found.or(Some(Framing::Cobs)),
            Progress::Oversize { .. } | Progress::Dropped { .. } => {}
        }
    }
}

/// Finds a record mark that precedes a call or a reply.
fn of_record(bytes: &[u8]) -> Option<Framing> {
    let found = bytes.windows(16).any(|window| {
        let (mark, message) = window.split_at(4);
        let length = u32::from_be_bytes([0, mark[1], mark[2], mark[3]]);
        mark[0] == 0x80 && length >= 12 && is_message(message)
    });
    found.then_some(Framing::Record)
}

/// Returns whether bytes begin like a call or a reply.
///
/// After the xid, a call has RPC version 2, and a reply is accepted or denied.
pub fn is_message(message: &[u8]) -> bool {
    matches!(message, [_, _, _, _, 0, 0, 0, 0, 0, 0, 0, 2, ..] | [_, _, _, _, 0, 0, 0, 1, 0, 0, 0, 0 | 1, ..])
}

/// Returns whether nearly all bytes are printable ASCII or the ends of lines.
pub fn is_text(bytes: &[u8]) -> bool {
    let printable = |byte: &&u8| matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n' | 0x1b);
    let count = bytes.iter().filter(printable).count();
    // Half of all bytes are printable by chance, so a few bytes prove nothing.
    bytes.len() >= 4 && count * 20 >= bytes.len() * 19
}

#[cfg(test)]
mod tests {
    use oncilla::framing::Cobs;

    use super::*;

    const REPLY: [u8; 24] = [0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    fn cobs(message: &[u8]) -> Vec<u8> {
        let mut buffer = vec![0; Cobs::buffer(message.len())];
        Cobs::room(&mut buffer)[..message.len()].copy_from_slice(message);
        Cobs::seal(&mut buffer, message.len()).unwrap().to_vec()
    }

    #[test]
    fn framings_are_recognized_within_noise() {
        let record = [&[0x80, 0, 0, 24][..], &REPLY].concat();
        assert_eq!(guess(&record), Guess::Framed(Framing::Record));
        assert_eq!(guess(&[&[9, 8, 7][..], &record].concat()), Guess::Framed(Framing::Record));
        assert_eq!(guess(&cobs(&REPLY)), Guess::Framed(Framing::Cobs));
        assert_eq!(guess(&[&[9, 8, 7][..], &cobs(&REPLY)].concat()), Guess::Framed(Framing::Cobs));
        assert_eq!(guess(b"\0\x7fready\r\n\0"), Guess::Framed(Framing::Cobs));
    }

    #[test]
    fn protocols_and_texts_are_named() {
        assert_eq!(guess(b"HTTP/1.1 400 Bad Request\r\n"), Guess::Protocol("HTTP"));
        assert_eq!(guess(b"SSH-2.0-OpenSSH_9.2\r\n"), Guess::Protocol("SSH"));
        assert_eq!(guess(b"\x15\x03\x01\0\x02\x02\x46"), Guess::Protocol("TLS"));
        assert_eq!(guess(b"\r\nU-Boot 2024.01\r\n=> "), Guess::Text(Some("the boot loader U-Boot")));
        assert_eq!(guess(b"temperature 21.5\r\n"), Guess::Text(None));
    }

    #[test]
    fn noise_is_nothing_known() {
        let mut number = 1_u32;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (number >> 24) as u8
        })
        .take(4096)
        .collect();
        assert_eq!(guess(&noise), Guess::Unknown);
        assert_eq!(guess(b"a"), Guess::Unknown);
        assert_eq!(guess(b""), Guess::Nothing);
    }
}
