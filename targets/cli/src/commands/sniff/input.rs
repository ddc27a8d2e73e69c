//! Where messages come from: a capture, or a serial line that is tapped.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use crate::capture::{Beside, FileError, Message, Network, Packets, Time};
use crate::failure::{Done, Failure};

/// How many items may wait to be shown.
const QUEUE: usize = 1 << 12;

/// An item of the input.
pub enum Item {
    /// The input can be read, and is a capture. It comes first.
    Begin,
    Message(Message),
    /// Text, logs, hellos or noise from a port.
    Beside(Time, Arc<str>, Beside),
    /// The end, perhaps before its time.
    End(Done),
}

/// Reads a capture on a thread of its own.
///
/// Ctrl-C and calls without a reply are then noticed without further packets.
pub fn read(path: &Path, largest: usize) -> Done<Receiver<Item>> {
    let path = path.to_owned();
    let input: Box<dyn Read + Send> = if path == Path::new("-") {
        Box::new(io::stdin())
    } else {
        Box::new(File::open(&path).map_err(|error| Failure::file("read", &path, &error))?)
    };
    let (send, receive) = sync_channel(QUEUE);
    thread::spawn(move || {
        let end = send_all(input, &path, largest, &send);
        // The receiver may have ended.
        let _ = send.send(Item::End(end));
    });
    Ok(receive)
}

fn send_all(input: impl Read + Send, path: &PathBuf, largest: usize, send: &SyncSender<Item>) -> Done {
    let failed = |error: FileError| {
        let name = if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() };
        let failure = Failure::usage(error).of(name);
        failure.help("captures are written by `tcpdump -w FILE`, Wireshark, and `oncilla sniff --write FILE`")
    };
    let mut packets = Packets::new(input).map_err(failed)?;
    // The receiver may have ended.
    let _ = send.send(Item::Begin);
    let mut network = Network::new(largest);
    let mut is_open = true;
    let mut take = |message| is_open &= send.send(Item::Message(message)).is_ok();
    let end = loop {
        match packets.next(|packet| network.push(&packet, &mut take)) {
            Ok(true) => {}
            Ok(false) => break Ok(()),
            Err(error) => break Err(failed(error)),
        }
    };
    network.finish(&mut take);
    end
}
