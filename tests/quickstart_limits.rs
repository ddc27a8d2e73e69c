//! The quickstart's server with hostile peers: code that people copy is as robust as the library.

#[allow(dead_code)] // Its own `main` is not used here.
#[path = "../examples/quickstart.rs"]
mod quickstart;

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use quickstart::{Device, TABLE, thermostat};

/// A limit against hanging.
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
fn the_quickstart_serves_despite_hostile_peers() {
    let mut server = quickstart::server(0).unwrap();
    let address = server.tcp_addresses()[0];
    let stopper = server.stopper();
    let serving = thread::spawn(move || server.serve(&TABLE, &mut Device::default()));
    check_alive(address);

    // Silent; within a mark; within a record; with garbage; with endless empty fragments; with a record larger than
    // any call. A connection in the middle of a message keeps its place until the server's time-out for a message, so
    // these are fewer than the places.
    let hostile: [&[u8]; 6] =
        [&[], &[0x80, 0], &[0x80, 0, 0, 100, 1, 2, 3], b"GET / HTTP/1.1\r\n\r\n", &[0; 4_096], &[0xff; 4_096]];
    let mut strangers: Vec<_> = hostile.iter().cycle().take(12).map(|bytes| connected(address, bytes)).collect();
    check_alive(address);
    // More than there are places; none of them is in the middle of a message.
    for _ in 0..40 {
        strangers.push(connected(address, &[]));
        check_alive(address);
    }
    drop(strangers);
    check_alive(address);

    stopper.stop();
    serving.join().unwrap().unwrap();
}
