//! A server ends in order at a signal. One test in a file of its own, because signals are sent to the process.

#[path = "support/sockets.rs"]
mod sockets;

use oncilla_host::Server;
use sockets::*;

#[test]
fn each_signal_stops_the_server_in_order() {
    for signal in [signal_hook::consts::SIGTERM, signal_hook::consts::SIGINT] {
        let server = Server::new().unwrap().tcp("127.0.0.1:0").unwrap().stop_on_signals().unwrap();
        let mut served = Served::on(server);
        check_alive(&mut served.raw());
        signal_hook::low_level::raise(signal).unwrap();
        // Nothing else stops it.
        assert_eq!(served.join().calls, 1);
    }
}
