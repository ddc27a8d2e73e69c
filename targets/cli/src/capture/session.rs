//! The marks in the check values of a serial line, which show damaged messages.
//!
//! The boot numbers in the hellos determine the marks. If a line is tapped after its hellos, its marks are unknown: two
//! messages in a row with the same mark then show the mark.

use std::collections::VecDeque;

use oncilla::framing::crc32;
use oncilla::message::{Call, Reply, lengthen};

use super::line::Side;

/// The mark of hellos and logs, and the difference between the forms of a message.
const SHORT: u32 = 0x5348_4f52;
/// The first byte of a hello, and of a log, without its flags.
const HELLO: u8 = 4 << 5;
const LOG: u8 = 5 << 5;
const FLAGS: u8 = 0x1f;
/// The flag of a hello that has the boot number of the receiver.
const HEARD: u8 = 2;
/// How many boot numbers of a side are remembered, since a hello may be late.
const BOOTS_MAX: usize = 3;
/// How many bytes the full form of a message adds to the short form.
const LONGER: usize = 36;

/// A hello, by which a side introduces itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hello {
    pub boot: u32,
    /// The boot number of the receiver, if the sender has received its hello.
    pub heard: Option<u32>,
    pub largest: u32,
}

impl Hello {
    fn parse(message: &[u8]) -> Option<Self> {
        let (first, rest) = message.split_first()?;
        let word = |index: usize| Some(u32::from_be_bytes(*rest.get(index * 4..)?.first_chunk()?));
        let is_hello = first & !FLAGS == HELLO;
        let heard = if first & HEARD != 0 { Some(word(1)?) } else { None };
        is_hello.then_some(Self { boot: word(0)?, heard, largest: word(2)? })
    }
}

/// The content of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A message in the full form.
    Message(Vec<u8>),
    Hello(Hello),
    Log(Vec<u8>),
}

/// What is known of the two sides of a line.
#[derive(Debug, Default)]
pub struct Session {
    /// The boot numbers of each side, the latest last.
    boots: [VecDeque<u32>; 2],
    /// The mark of each side, where the hellos are not known.
    learned: [Option<u32>; 2],
    /// The last message of each side with an unknown mark, and the mark.
    unknown: [Option<(u32, Vec<u8>)>; 2],
}

impl Session {
    /// Takes a frame whose check value has this mark. Returns its content, or `None` for a damaged frame.
    ///
    /// Returns nothing while the mark is unknown, and an earlier message first once it is known.
    pub fn take(&mut self, side: Side, mark: u32, frame: &[u8]) -> Option<Vec<Content>> {
        if mark == 0 {
            return Some(vec![Content::Message(frame.to_vec())]);
        }
        if mark == SHORT {
            let content = self.beside(side, frame).or_else(|| long(frame).map(Content::Message));
            return content.map(|content| vec![content]);
        }
        if let Some(known) = self.marks(side).find(|known| mark == *known || mark == known ^ SHORT) {
            let message = if mark == known { Some(frame.to_vec()) } else { long(frame) };
            return message.map(|message| vec![Content::Message(message)]);
        }
        self.learn(side, mark, frame)
    }

    /// Takes a hello or a log.
    fn beside(&mut self, side: Side, frame: &[u8]) -> Option<Content> {
        if let Some(hello) = Hello::parse(frame) {
            self.boot(side, hello.boot);
            if let Some(heard) = hello.heard {
                self.boot(side.other(), heard);
            }
            return Some(Content::Hello(hello));
        }
        let (&first, log) = frame.split_first()?;
        (first == LOG).then(|| Content::Log(log.to_vec()))
    }

    fn boot(&mut self, side: Side, boot: u32) {
        let boots = &mut self.boots[side as usize];
        if !boots.contains(&boot) {
            boots.push_back(boot);
            if boots.len() > BOOTS_MAX {
                boots.pop_front();
            }
        }
    }

    /// Returns the marks that messages of a side may have.
    fn marks(&self, side: Side) -> impl Iterator<Item = u32> {
        let [own, other] = [side, side.other()].map(|side| &self.boots[side as usize]);
        let of_hellos = own.iter().flat_map(move |&own| other.iter().map(move |&other| own ^ zeros(other)));
        of_hellos.chain(self.learned[side as usize])
    }

    /// Takes a message with an unknown mark.
    fn learn(&mut self, side: Side, mark: u32, frame: &[u8]) -> Option<Vec<Content>> {
        let is_full = Call::parse(frame).is_ok() || Reply::parse(frame).is_ok();
        let (mark, message) = if is_full { (mark, frame.to_vec()) } else { (mark ^ SHORT, long(frame)?) };
        let unknown = &mut self.unknown[side as usize];
        match unknown.take() {
            Some((last, earlier)) if last == mark => {
                self.learned[side as usize] = Some(mark);
                Some(vec![Content::Message(earlier), Content::Message(message)])
            }
            _ => {
                *unknown = Some((mark, message));
                Some(Vec::new())
            }
        }
    }
}

/// Returns a message of the short form in the full form.
fn long(frame: &[u8]) -> Option<Vec<u8>> {
    let mut room = vec![0; frame.len() + LONGER];
    let length = lengthen(frame, &mut room)?;
    room.truncate(length);
    Some(room)
}

/// Returns four steps of the CRC-32 with a zero byte, which begin with `number`.
fn zeros(number: u32) -> u32 {
    !crc32(&(!number).to_le_bytes())
}
