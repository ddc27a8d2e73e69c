//! One table on two wires at once: ONC RPC over TCP, and dRPC over a Unix socket. The client is the same function.
#![cfg(target_os = "linux")]

use std::{env, fs, process, thread};

use oncilla::{CallError, Caller, Refusal, Table};
use oncilla_drpc::{Module, Modules, modules};
use oncilla_three::host::{Data, Pair, Sum, three};
use oncilla_three::{Device, three as device};

static TABLE: Table<Device> = oncilla::table![device::program()];
static MODULES: Modules = modules![Module::new(3, device::PROGRAM, device::VERSION)];

fn call<C: Caller>(caller: &mut C)
where
    C::Error: std::fmt::Debug,
{
    let mut client = three::Client::new(caller);
    client.null().unwrap();
    for b in 0..20 {
        assert_eq!(client.add(&Pair { a: -1, b }).unwrap(), Sum { sum: b - 1 });
    }
    let data = Data { data: (0..64).collect() };
    assert_eq!(client.echo(&data).unwrap(), data);
    let refused = client.echo(&Data { data: vec![7; 65] });
    assert!(matches!(refused, Err(CallError::Refused(Refusal::GarbageArguments))), "{refused:?}");
    assert_eq!(client.add(&Pair::default()).unwrap(), Sum::default());
}

#[test]
fn the_same_table_serves_onc_rpc_and_drpc() {
    let folder = env::temp_dir().join(format!("both-wires-{}", process::id()));
    fs::create_dir_all(&folder).unwrap();
    let socket = folder.join("s");
    let mut onc_rpc = oncilla_host::Server::new().unwrap().tcp("127.0.0.1:0").unwrap();
    let mut drpc = oncilla_drpc::Server::bind(&socket).unwrap();
    let (address, stop_onc_rpc, stop_drpc) = (onc_rpc.tcp_addresses()[0], onc_rpc.stopper(), drpc.stopper());
    thread::scope(|scope| {
        scope.spawn(move || onc_rpc.serve(&TABLE, &mut Device).unwrap());
        scope.spawn(move || drpc.serve(&MODULES, &TABLE, &mut Device).unwrap());
        let called = scope.spawn(|| {
            call(&mut oncilla_host::tcp(address).unwrap());
            call(&mut oncilla_drpc::Client::connect(&socket, MODULES).unwrap());
        });
        let result = called.join();
        stop_onc_rpc.stop();
        stop_drpc.stop();
        result.unwrap();
    });
    fs::remove_dir_all(&folder).unwrap();
}
