//! Which publication an acknowledgement is for, with a broker that sends the bytes of the test.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, OnceLock, mpsc};
use std::thread;
use std::time::Duration;

use oncilla_fleet::mqtt::{BrokerError, Connection, Handler, Incoming, Lost, Options, Publication};

const PATIENCE: Duration = Duration::from_secs(20);

/// Publishes once more for each message, and notes acknowledgements.
struct Noting {
    connection: OnceLock<Connection>,
    acknowledged: Mutex<mpsc::Sender<(u64, u8)>>,
    lost: Mutex<mpsc::Sender<Lost>>,
}

impl Handler for Noting {
    fn message(&self, _: Incoming) {
        if let Some(connection) = self.connection.get() {
            connection.publish(publication(), 2).unwrap();
        }
    }

    fn acknowledged(&self, token: u64, reason: u8) {
        self.acknowledged.lock().unwrap().send((token, reason)).unwrap();
    }

    fn lost(&self, lost: &Lost) {
        let _ = self.lost.lock().unwrap().send(lost.clone());
    }
}

fn publication() -> Publication {
    Publication { topic: "t".to_owned(), acknowledged: true, ..Publication::default() }
}

/// Reads a packet whose length is one byte.
fn packet(stream: &mut TcpStream) -> Vec<u8> {
    let mut header = [0; 2];
    stream.read_exact(&mut header).unwrap();
    let mut body = vec![0; header[1].into()];
    stream.read_exact(&mut body).unwrap();
    [&header[..], &body].concat()
}

/// Accepts a connection, and answers it by what `serve` does.
fn connect(
    serve: impl FnOnce(&mut TcpStream) + Send + 'static,
) -> (Connection, mpsc::Receiver<(u64, u8)>, mpsc::Receiver<Lost>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        assert_eq!(packet(&mut stream)[0], 0x10, "CONNECT");
        stream.write_all(&[0x20, 3, 0, 0, 0]).unwrap();
        serve(&mut stream);
        // Until the client closes the connection.
        let _ = stream.read(&mut [0]);
    });
    let ((acknowledged, when), (lost, end)) = (mpsc::channel(), mpsc::channel());
    let handler = Arc::new(Noting {
        connection: OnceLock::new(),
        acknowledged: Mutex::new(acknowledged),
        lost: Mutex::new(lost),
    });
    let connection = Connection::connect(Options::new(address, "test"), Arc::clone(&handler) as _).unwrap();
    handler.connection.set(connection.clone()).unwrap();
    (connection, when, end)
}

/// Returns the number of a publication with the topic `t`.
fn number(publication: &[u8]) -> [u8; 2] {
    assert_eq!((publication[0] & 0xf6, &publication[2..5]), (0x32, &b"\0\x01t"[..]), "{publication:02x?}");
    [publication[5], publication[6]]
}

/// The library frees the number of a publication when it takes its acknowledgement. A publication that takes the number
/// before the program has looked at the acknowledgement must not get it.
#[test]
fn an_acknowledgement_is_not_taken_for_that_of_a_later_publication_with_the_same_number() {
    let (connection, acknowledged, _) = connect(|stream| {
        let [high, low] = number(&packet(stream));
        // A message, during which the client publishes again, and the acknowledgement: no matching subscribers.
        stream.write_all(&[0x30, 4, 0, 1, b'm', 0, 0x40, 3, high, low, 0x10]).unwrap();
        let again = number(&packet(stream));
        assert_eq!(again, [high, low], "the number is used again at once");
        stream.write_all(&[0x40, 2, again[0], again[1]]).unwrap();
    });
    connection.publish(publication(), 1).unwrap();
    let mut both = [(); 2].map(|()| acknowledged.recv_timeout(PATIENCE).unwrap());
    both.sort_unstable();
    assert_eq!(both, [(1, 0x10), (2, 0)]);
}

#[test]
fn a_packet_that_the_library_fails_on_ends_the_connection_with_a_reason() {
    let (connection, _, lost) = connect(|stream| {
        number(&packet(stream));
        stream.write_all(b"\x34\x1a\0\x15plant/presence/oven-7\0\0\0\x94\0{}").unwrap();
    });
    connection.publish(publication(), 1).unwrap();
    let lost = lost.recv_timeout(PATIENCE).unwrap();
    assert!(matches!(&lost.why, BrokerError::Strange { why } if why.contains("number 0")), "{lost:?}");
    assert_eq!((lost.unacknowledged, lost.unsent), (vec![1], vec![]));
}
