//! The quickstart's server among peers that mean it no good: what people copy is as strong as the library.

#[allow(dead_code)] // Its own `main` is not used here.
#[path = "../examples/quickstart.rs"]
mod quickstart;

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use quickstart::{Device, TABLE, thermostat};

/// Long enough for anything that should happen.
const PATIENCE: Duration = Duration::from_secs(60);

/// Calls the device on a connection of its own.
fn check_alive(address: SocketAddr) {
    let mut caller = oncilla_host::tcp(address).unwrap();
    caller.set_timeout(PATIENCE);
    let check = thermostat::Client::new(&mut caller).show(&[1, 2]).unwrap();
    assert_eq!(check, oncilla::framing::crc32(&[1, 2]));
}

fn connected(address: SocketAddr, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    // The server may have closed it already.
    let _ = stream.write_all(bytes);
    stream
}

#[test]
fn it_serves_among_peers_that_mean_no_good() {
    let mut server = quickstart::server(0).unwrap();
    let address = server.tcp_addresses()[0];
    let stopper = server.stopper();
    let serving = thread::spawn(move || server.serve(&TABLE, &mut Device::default()));
    check_alive(address);

    // Silent, amid a mark, amid a record, with garbage, with empty fragments without end, and with a record larger than any
    // call. Amid a message each keeps its place for the server's time-out of a message, so these are fewer than there
    // are places.
    let hostile: [&[u8]; 6] =
        [&[], &[0x80, 0], &[0x80, 0, 0, 100, 1, 2, 3], b"GET / HTTP/1.1\r\n\r\n", &[0; 4_096], &[0xff; 4_096]];
    let mut strangers: Vec<_> = hostile.iter().cycle().take(12).map(|bytes| connected(address, bytes)).collect();
    check_alive(address);
    // More than there are places, of which none is in use for a message.
    for _ in 0..40 {
        strangers.push(connected(address, &[]));
        check_alive(address);
    }
    drop(strangers);
    check_alive(address);

    stopper.stop();
    serving.join().unwrap().unwrap();
}
