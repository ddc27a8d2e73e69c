//! rpcinfo, the standard's tool, asks the system's rpcbind, at which this library's server is registered, and this
//! library's table. Both must give the same answers.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread;

use oncilla::rpcbind::{PORT, Service, Transport};
use oncilla_host::Server;

use crate::clients::Stop;
use crate::daemon::{Daemon, alone, network};
use crate::machine::{Machine, TABLE};
use crate::register::{registered, wait_until};
use crate::served::Served;
use crate::{PROGRAM, namespace, service, universal_of};

const MISSING: &str = "install it: apt install rpcbind";

/// Runs rpcinfo and returns whether it succeeded and all it printed, line by line.
fn rpcinfo(arguments: &[&str]) -> (bool, Vec<String>) {
    let output = Command::new(namespace::found("rpcinfo"))
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("cannot run rpcinfo: {error}; {MISSING}"));
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    (output.status.success(), text.lines().map(str::to_owned).collect())
}

/// Returns the columns of the lines about the test's program.
fn rows(arguments: &[&str]) -> BTreeSet<Vec<String>> {
    let (success, lines) = rpcinfo(arguments);
    assert!(success, "rpcinfo {arguments:?}: {lines:?}");
    let columns = lines.iter().map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
    let program = PROGRAM.to_string();
    columns.filter(|columns| columns.first() == Some(&program)).map(|columns| columns[1..].to_vec()).collect()
}

fn table(rows: &[String]) -> BTreeSet<Vec<String>> {
    rows.iter().map(|row| row.split(' ').map(str::to_owned).collect()).collect()
}

/// Returns the parts of a comma-separated list, in any order.
fn parts(list: &str) -> BTreeSet<&str> {
    list.split(',').collect()
}

/// Asks everything about a server of versions 2 and 3. `ip` is the beginning of the addresses, and `owner` follows
/// them.
fn tells_all(served: &Served, ip: &str, owner: &str) {
    const HOST: &str = "127.0.0.1";
    let (program, tcp, udp) = (&*PROGRAM.to_string(), served.tcp.port(), served.udp.port());

    // Version 2, the port mapper.
    let rows_of = |tcp: &str, udp: &str, owner: &str| {
        let row = |version, at: &str| format!("{version} {at}{owner}");
        table(&[row(2, tcp), row(2, udp), row(3, tcp), row(3, udp)])
    };
    assert_eq!(rows(&["-p", HOST]), rows_of(&format!("tcp {tcp}"), &format!("udp {udp}"), ""));

    // Version 3 or 4, short and long. The service has no name.
    let address = |port: u16| universal_of(([0, 0, 0, 0], port).into()).replacen("0.0.0.0", ip, 1);
    let short = rows(&["-s", HOST]);
    let [short] = &short.iter().collect::<Vec<_>>()[..] else { panic!("{short:?}") };
    assert_eq!((parts(&short[0]), parts(&short[1])), (["2", "3"].into(), ["tcp", "udp"].into()), "{short:?}");
    let (tcp_row, udp_row) = (format!("tcp {} -", address(tcp)), format!("udp {} -", address(udp)));
    assert_eq!(rows(&[HOST]), rows_of(&tcp_row, &udp_row, owner));

    // rpcinfo asks for the server's address, and then calls the server.
    let ready = |versions: &[u32]| -> Vec<String> {
        versions.iter().map(|version| format!("program {program} version {version} ready and waiting")).collect()
    };
    for how in [&["-t"][..], &["-u"], &["-T", "tcp"], &["-T", "udp"]] {
        let ask = |more: &[&str]| rpcinfo(&[how, &[HOST, program], more].concat());
        assert_eq!(ask(&["3"]), (true, ready(&[3])), "{how:?}");
        assert_eq!(ask(&["2"]), (true, ready(&[2])), "{how:?}");
        assert_eq!(ask(&[]), (true, ready(&[2, 3])), "{how:?}, every version");
        let (success, lines) = ask(&["9"]);
        assert!(!success, "{how:?}: {lines:?}");
        assert!(lines[1].ends_with("mismatch; low version = 2, high version = 3"), "{how:?}: {lines:?}");
        let (success, lines) = rpcinfo(&[how, &[HOST, "536873999", "1"]].concat());
        assert!(!success && lines[0].contains("Program not registered"), "{how:?}: {lines:?}");
    }
    // Whether or not it asks the port mapper first, as some versions do.
    for (how, port) in [("-t", tcp), ("-u", udp)] {
        assert_eq!(rpcinfo(&["-n", &port.to_string(), how, HOST, program, "3"]), (true, ready(&[3])), "{how}");
    }
}

/// rpcinfo's search, stopped when it has found something: otherwise it takes many seconds.
struct Search(Child);

impl Search {
    /// Returns the first answer: a universal address.
    fn first(version: &str) -> String {
        // Without a terminal it would buffer its output until its end.
        let child = Command::new("stdbuf")
            .args(["--output=L", &namespace::found("rpcinfo"), "-b", "-T", "udp", &PROGRAM.to_string(), version])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot run stdbuf: {error}; install it: apt install coreutils"));
        let mut search = Self(child);
        let mut line = String::new();
        BufReader::new(search.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
        line.split_whitespace().next().unwrap_or_default().to_owned()
    }
}

impl Drop for Search {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// rpcinfo does not send broadcasts to the loopback interface.
fn join_network() {
    network(&["link", "add", "test", "type", "veth", "peer", "name", "peer"]);
    network(&["address", "add", "192.0.2.7/24", "broadcast", "+", "dev", "test"]);
    network(&["link", "set", "test", "up"]);
    network(&["link", "set", "peer", "up"]);
}

fn server() -> Server {
    Server::new().unwrap().tcp("0.0.0.0:0").unwrap().udp("0.0.0.0:0").unwrap()
}

fn with_rpcbind(test: impl FnOnce(&Served)) {
    let _daemon = Daemon::start(&["-r"]);
    let served = Served::on(server().register(&crate::served::TABLE).unwrap());
    wait_until("registering", || registered().len() == 4);
    test(&served);
}

/// `ip` is the machine's address in the table.
fn with_our_table(ip: [u8; 4], test: impl FnOnce(&Served)) {
    let served = Served::on(server());
    let entry = |version, transport, port| service(PROGRAM, version, transport, port);
    let mut services = Vec::<Service>::new();
    for version in [2, 3] {
        services.push(entry(version, Transport::Tcp, served.tcp.port()));
        services.push(entry(version, Transport::Udp, served.udp.port()));
    }
    let mut own = Server::new().unwrap().tcp(("0.0.0.0", PORT)).unwrap().udp(("0.0.0.0", PORT)).unwrap();
    let stop = Stop(own.stopper());
    thread::scope(|scope| {
        let mut machine = Machine { address: ip.into(), ..Machine::new(services) };
        scope.spawn(move || own.serve(&TABLE, &mut machine).unwrap());
        let _stop = stop;
        test(&served);
    });
}

#[test]
fn the_systems_rpcbind_lists_the_server() {
    alone("rpcinfo::the_systems_rpcbind_lists_the_server", || {
        with_rpcbind(|served| tells_all(served, "0.0.0.0", " superuser"));
    });
}

#[test]
fn this_librarys_table_gives_the_same_answers() {
    alone("rpcinfo::this_librarys_table_gives_the_same_answers", || {
        with_our_table([127, 0, 0, 1], |served| tells_all(served, "127.0.0.1", ""))
    });
}

#[test]
fn a_search_finds_the_server_through_the_systems_rpcbind() {
    alone("rpcinfo::a_search_finds_the_server_through_the_systems_rpcbind", || {
        join_network();
        with_rpcbind(|served| {
            assert_eq!(Search::first("3"), universal_of(([192, 0, 2, 7], served.udp.port()).into()));
        });
    });
}

#[test]
fn a_search_finds_the_server_through_this_librarys_table() {
    alone("rpcinfo::a_search_finds_the_server_through_this_librarys_table", || {
        join_network();
        with_our_table([192, 0, 2, 7], |served| {
            assert_eq!(Search::first("3"), universal_of(([192, 0, 2, 7], served.udp.port()).into()));
        });
    });
}
