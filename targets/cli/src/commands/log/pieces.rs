//! Splits received bytes into text, binary log, messages and noise.
//!
//! Nothing is sent, so there is no session.

use std::time::{Duration, Instant};

use oncilla::framing::{self, Framing as _, Progress};
use oncilla::message::Form;

use super::mixed;

/// The most bytes kept between two zeros, more than the largest frame of devices.
const KEPT: usize = 1 << 16;

/// The first byte of a binary log in the short form.
const LOG: u8 = 5 << 5;

/// A piece of what a device sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Text between messages, or outside of frames, as a boot loader prints it.
    Text(Vec<u8>),
    /// Text in the clear, on a link with a key.
    Clear(Vec<u8>),
    /// A piece of binary log.
    Log(Vec<u8>),
    /// The size of a message: a call, a reply or a hello.
    Message(usize),
    /// Bytes that are not a message.
    Dropped(Vec<u8>),
}

/// Collects received bytes up to the zero that ends a piece.
#[derive(Debug, Default)]
pub struct Pieces {
    pending: Vec<u8>,
    /// When the oldest of these bytes arrived.
    began: Option<Instant>,
}

impl Pieces {
    /// Adds received bytes, and passes each complete piece.
    pub fn take<E>(&mut self, bytes: &[u8], mut each: impl FnMut(Piece) -> Result<(), E>) -> Result<(), E> {
        if self.pending.is_empty() {
            self.began = Some(Instant::now());
        }
        for part in bytes.split_inclusive(|&byte| byte == 0) {
            self.pending.extend_from_slice(part);
            if part.ends_with(&[0]) || self.pending.len() >= KEPT {
                self.end(&mut each)?;
            }
        }
        // A boot loader prints lines and never a zero.
        if mixed::is_text(&self.pending) { self.end_lines(&mut each) } else { Ok(()) }
    }

    /// Passes the bytes after the last zero, since the device has paused.
    ///
    /// A part of a frame is kept until its rest arrives.
    pub fn pause<E>(&mut self, mut each: impl FnMut(Piece) -> Result<(), E>) -> Result<(), E> {
        if mixed::is_text(&self.pending) { self.end(&mut each) } else { Ok(()) }
    }

    /// Passes bytes that have waited too long for a zero: the device may send no frames at all.
    ///
    /// Lines of text wait for `lines`, all other bytes for `all`.
    pub fn overdue<E>(
        &mut self,
        lines: Duration,
        all: Duration,
        mut each: impl FnMut(Piece) -> Result<(), E>,
    ) -> Result<(), E> {
        match self.began.map(|began| began.elapsed()) {
            Some(waited) if waited >= all => self.finish(each),
            Some(waited) if waited >= lines && mixed::has_line(&self.pending) => self.end_lines(&mut each),
            _ => Ok(()),
        }
    }

    /// Passes all bytes that wait.
    pub fn finish<E>(&mut self, mut each: impl FnMut(Piece) -> Result<(), E>) -> Result<(), E> {
        self.end(&mut each)
    }

    /// Returns whether a piece has begun.
    pub fn is_amid(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Passes the bytes up to the last end of a line.
    fn end_lines<E>(&mut self, each: &mut impl FnMut(Piece) -> Result<(), E>) -> Result<(), E> {
        let Some(last) = self.pending.iter().rposition(|&byte| byte == b'\n') else { return Ok(()) };
        let rest = self.pending.split_off(last + 1);
        let lines = std::mem::replace(&mut self.pending, rest);
        self.began = Some(Instant::now());
        mixed::pieces(&lines).into_iter().try_for_each(each)
    }

    fn end<E>(&mut self, each: &mut impl FnMut(Piece) -> Result<(), E>) -> Result<(), E> {
        let bytes = std::mem::take(&mut self.pending);
        self.began = Some(Instant::now());
        let bytes = bytes.strip_suffix(&[0]).unwrap_or(&bytes);
        if bytes.is_empty() { Ok(()) } else { pieces_of(bytes).into_iter().try_for_each(each) }
    }
}

/// Returns what the bytes between two zeros are: one piece, or text with noise.
fn pieces_of(bytes: &[u8]) -> Vec<Piece> {
    let mut buffer = vec![0; bytes.len() + framing::Serial::BUFFER_MIN + 2];
    let mut frames = framing::Serial::default();
    let frame = [bytes, &[0]].concat();
    match frames.window(&mut buffer).get_mut(..frame.len()) {
        Some(window) => window.copy_from_slice(&frame),
        None => return vec![Piece::Dropped(bytes.to_vec())],
    }
    frames.filled(frame.len());
    let part =
        |start: usize, length: usize, buffer: &[u8]| buffer.get(start..start + length).unwrap_or_default().to_vec();
    let piece = match frames.next_of_all(&mut buffer) {
        Progress::Text { start, length } => Piece::Text(part(start, length, &buffer)),
        Progress::Message { start, length } => match part(start, length, &buffer).split_first() {
            Some((&LOG, log)) if frames.form() == Form::Short => Piece::Log(log.to_vec()),
            _ => Piece::Message(length),
        },
        // A boot loader sends no frames.
        _ if mixed::is_text(bytes) || mixed::has_line(bytes) => return mixed::pieces(bytes),
        _ => Piece::Dropped(bytes.to_vec()),
    };
    vec![piece]
}

#[cfg(test)]
mod tests {
    use oncilla::framing::Serial;
    use oncilla::{Link, Time};

    use super::*;

    /// Returns what a device sends.
    fn sent(device: impl FnOnce(&mut Link<oncilla_host::Pipe<Serial>, Vec<u8>>)) -> Vec<u8> {
        let (near, mut far) = oncilla_host::pipe::<Serial>();
        let mut link = Link::new(near, vec![0; 256], vec![0; 256]);
        device(&mut link);
        drop(link);
        let mut bytes = Vec::new();
        let mut buffer = [0; 7];
        while let Ok(oncilla::Received::Bytes(length)) = oncilla::Transport::receive(&mut far, &mut buffer, Time::NEVER)
        {
            bytes.extend_from_slice(&buffer[..length]);
        }
        bytes
    }

    fn pieces(bytes: &[u8]) -> Vec<Piece> {
        let mut found = Vec::new();
        let mut pieces = Pieces::default();
        for part in bytes.chunks(3) {
            let each = |piece| {
                found.push(piece);
                Ok::<_, ()>(())
            };
            pieces.take(part, each).unwrap();
        }
        let each = |piece| {
            found.push(piece);
            Ok::<_, ()>(())
        };
        pieces.pause(each).unwrap();
        found
    }

    #[test]
    fn text_logs_and_messages_are_distinguished() {
        let bytes = sent(|link| {
            link.print("boot 7\r\n", Time::NEVER).unwrap();
            link.log(&[0, 1, 0xff], Time::NEVER).unwrap();
        });
        assert_eq!(pieces(&bytes), [Piece::Text(b"boot 7\r\n".to_vec()), Piece::Log(vec![0, 1, 0xff])]);
    }

    #[test]
    fn the_text_of_a_boot_loader_is_text() {
        let text = |bytes: &[u8]| Piece::Text(bytes.to_vec());
        assert_eq!(pieces(b"\r\nBoot 1\r\n=> "), [text(b"\r\n"), text(b"Boot 1\r\n"), text(b"=> ")]);
        assert_eq!(
            pieces(b"ready\r\n\0\xfe\xfd\xfc\xfb\0"),
            [Piece::Text(b"ready\r\n".to_vec()), Piece::Dropped(vec![0xfe, 0xfd, 0xfc, 0xfb])]
        );
        // It may be the beginning of a frame.
        assert_eq!(pieces(b"\0\x05\xff\xfe"), []);
        assert_eq!(pieces(&[1; KEPT + 1]).len(), 1);
    }
    /// Passes bytes that have waited for lines, and returns the pieces.
    fn overdue(pieces: &mut Pieces, all: Duration) -> Vec<Piece> {
        let mut found = Vec::new();
        let each = |piece| {
            found.push(piece);
            Ok::<_, ()>(())
        };
        pieces.overdue(Duration::ZERO, all, each).unwrap();
        found
    }

    #[test]
    fn text_after_noise_does_not_wait_for_ever() {
        let text = |text: &str| Piece::Text(text.as_bytes().to_vec());
        let mut waiting = Pieces::default();
        waiting.take(b"\xff\xfe\x01\x02ready\r\n\xc3", |_| Err("it may be a frame")).unwrap();
        assert_eq!(overdue(&mut waiting, Duration::MAX), [Piece::Dropped(vec![0xff, 0xfe, 1, 2]), text("ready\r\n")]);
        // No line has begun.
        assert_eq!(overdue(&mut waiting, Duration::MAX), []);
        waiting.take(b"\x03", |_| Err("it may be a frame")).unwrap();
        assert_eq!(overdue(&mut waiting, Duration::ZERO), [Piece::Dropped(vec![0xc3, 3])]);
    }

    #[test]
    fn text_has_letters_of_all_scripts_and_bells() {
        let text = |text: &str| Piece::Text(text.as_bytes().to_vec());
        assert_eq!(pieces("température 21 °C\r\n".as_bytes()), [text("température 21 °C\r\n")]);
        assert_eq!(pieces(b"ready\x07\r\n> \x08"), [text("ready\x07\r\n"), text("> \x08")]);
    }
}
