//! Endpoints on real sockets, each in a thread of its own.

use std::os::unix::net::{UnixDatagram, UnixStream};
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use oncilla::framing::{Cobs, Datagram, Record, RecordAhead};
use oncilla::{Retry, Served};
use oncilla_host::Socket;

use crate::*;

const CALLS: u32 = 500;

/// Lets two endpoints call each other from the same moment on, and serve each other until both are done.
fn each_other<F: Sized + Send>(sockets: [Socket<F>; 2], call: impl Fn(&mut Peer<Socket<F>>, u32) + Sync) {
    let (start, done) = (Barrier::new(2), AtomicUsize::new(0));
    thread::scope(|scope| {
        for (socket, xid) in sockets.into_iter().zip([XID, 1 << 30]) {
            let (start, done, call) = (&start, &done, &call);
            scope.spawn(move || {
                let mut peer = peer_from(socket, xid);
                peer.set_timeout(Duration::from_secs(60));
                start.wait();
                for i in 0..CALLS {
                    call(&mut peer, i);
                }
                done.fetch_add(1, Ordering::SeqCst);
                while done.load(Ordering::SeqCst) < 2 {
                    let deadline = peer.link().transport().now().after(Duration::from_millis(5));
                    peer.serve_next(deadline).unwrap();
                }
                // Everything that the peer sent before it was done has arrived.
                let now = peer.link().transport().now();
                while peer.serve_next(now).unwrap() == Served::Message {}
                assert_eq!(peer.state().served, CALLS);
            });
        }
    });
}

fn stream<F: Sized>() -> [Socket<F>; 2] {
    let (a, b) = UnixStream::pair().unwrap();
    [a.into(), b.into()]
}

fn datagrams() -> [Socket<Datagram>; 2] {
    let (a, b) = UnixDatagram::pair().unwrap();
    [a.into(), b.into()]
}

#[test]
fn two_endpoints_call_each_other_on_sockets() {
    fn on<F: Sized + Send>(sockets: [Socket<F>; 2]) {
        each_other(sockets, |peer, i| assert_eq!(add(peer, 1).unwrap(), i + 1));
    }
    on(stream::<Cobs>());
    on(stream::<Record>());
    on(stream::<RecordAhead>());
    on(datagrams());
}

#[test]
fn calls_of_the_largest_size_cross_on_sockets() {
    fn on<F: Sized + Send>(sockets: [Socket<F>; 2]) {
        each_other(sockets, |peer, i| {
            let data = [i as u8; 600];
            assert_eq!(peer::Client::new(peer).echo(&data).unwrap(), data);
        });
    }
    on(stream::<Cobs>());
    on(stream::<Record>());
    on(stream::<RecordAhead>());
    on(datagrams());
}

#[test]
fn calls_retransmitted_too_soon_are_executed_once() {
    fn on<F: Sized + Send>(sockets: [Socket<F>; 2]) {
        each_other(sockets, |peer, i| {
            peer.set_retry(Retry::every(Duration::from_micros(200)));
            assert_eq!(add(peer, 1).unwrap(), i + 1);
        });
    }
    on(stream::<Cobs>());
    on(datagrams());
}
