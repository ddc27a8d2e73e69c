//! Texts of 4 MiB, lists of 100 000 nodes and data without a bound, against C and over TCP.

use oncilla::Table;
use oncilla::xdr::VecList;
use oncilla_generated::heap::bricks::{self, bricks_1};
use oncilla_generated::heap::machines::{self, machines_1};

use crate::recode::C;
use crate::serving::{connect, serving};

/// Room for a few texts of 4 MiB, or for 100 000 nodes.
const MESSAGE: usize = 16 << 20;

fn long() -> String {
    "0123456789abcdef".repeat(machines::TEXT_MAX / 16)
}

fn machine(id: i32) -> machines::NonnullMachine {
    machines::NonnullMachine { name: format!("machine {id}"), uuid: [id as u8; 16], id }
}

fn parameters() -> machines::Parameters {
    let parameter = |value| machines::Parameter { field: "field".into(), value };
    let parameters = vec![
        parameter(machines::ParameterValue::ParameterInt(-1)),
        parameter(machines::ParameterValue::ParameterUllong(u64::MAX)),
        parameter(machines::ParameterValue::ParameterDouble(0.5)),
        parameter(machines::ParameterValue::ParameterString("text".into())),
    ];
    machines::Parameters { which: machine(1), parameters }
}

fn failure() -> machines::Failure {
    let details = [None, Some(String::new()), Some(long())];
    machines::Failure { code: -1, message: Some("gone".into()), which: Some(machine(3)), details }
}

fn entry(number: u64) -> bricks::Entry {
    let about = bricks::Attributes { identity: [7; 16], number, mode: 0o644, size: 1 };
    bricks::Entry { number, offset: number + 1, kind: 8, name: format!("file {number}"), about }
}

fn folder(entries: u64) -> bricks::Folder {
    bricks::Folder { result: 0, entries: (0..entries).map(entry).collect() }
}

#[test]
fn c_reads_and_writes_the_same() {
    let c = C::of("machines", &[], &["names", "machines", "parameters", "described", "text"], "");
    let names = (0..machines::NAMES_MAX).map(|number| format!("name {number}")).collect();
    c.takes("names", &[machines::Names { names }, machines::Names { names: vec![long(), long()] }]);
    let all = machines::Machines { machines: (0..1000).map(machine).collect(), result: 5 };
    c.takes("machines", &[all]);
    c.takes("parameters", &[parameters()]);
    c.takes("described", &[machines::Described::Description(long())]);
    c.takes("described", &[machines::Described::Default(9, Box::new(failure()))]);
    let texts: [machines::Text; 3] = [None, Some(String::new()), Some(long())];
    c.takes("text", &texts);

    let c = C::of("bricks", &[], &["lookup_request", "folder", "caller", "programs", "read_reply"], "");
    let lookup = bricks::LookupRequest {
        identity: [1; 16],
        parent: [2; 16],
        flags: 3,
        path: "/".repeat(70_000),
        name: String::new(),
        dictionary: vec![255; 100_001],
    };
    c.takes("lookup_request", &[lookup]);
    c.takes("folder", &[folder(0), folder(1), folder(3000)]);
    let caller = bricks::Caller { user: 1, groups: [2; 16], more_groups: (0..100_000).collect(), owner: 4 };
    c.takes("caller", &[caller]);
}

#[test]
fn bounds_of_the_file_are_kept() {
    let mut room = vec![0; MESSAGE];
    let over = machines::Names { names: vec![String::new(); machines::NAMES_MAX + 1] };
    assert!(oncilla::xdr::encode(&over, &mut room).is_err());
    let over = machines::Names { names: vec![long() + "!"] };
    assert!(oncilla::xdr::encode(&over, &mut room).is_err());
    // One name of one byte more than the file allows.
    room[..8].copy_from_slice(&[[0, 0, 0, 1], (machines::TEXT_MAX as u32 + 1).to_be_bytes()].concat());
    room.truncate(8 + machines::TEXT_MAX + 4);
    assert!(oncilla::xdr::decode::<machines::Names>(&room).is_err());
    room[7] -= 1;
    room.truncate(8 + machines::TEXT_MAX);
    assert_eq!(oncilla::xdr::decode::<machines::Names>(&room).unwrap().names[0].len(), machines::TEXT_MAX);
}

/// Machines that have what was defined.
#[derive(Default)]
struct House(Vec<String>);

impl machines_1::Service for House {
    fn names(&mut self) -> machines::Names {
        machines::Names { names: self.0.iter().map(|description| description[..8].to_owned()).collect() }
    }
    fn list(&mut self, flags: u32) -> machines::Machines {
        machines::Machines { machines: (0..self.0.len() as i32).map(machine).collect(), result: flags }
    }
    fn describe(&mut self, which: machines::NonnullMachine) -> machines::Described {
        match self.0.get(which.id as usize) {
            Some(description) => machines::Described::Description(description.clone()),
            None => machines::Described::Default(1, Box::new(failure())),
        }
    }
    fn define(&mut self, description: String) -> machines::Machine {
        self.0.push(description);
        Some(machine(self.0.len() as i32 - 1))
    }
    fn set(&mut self, arg: machines::Parameters) -> machines::Parameters {
        arg
    }
    fn peek(&mut self, size: u32) -> machines::Piece {
        machines::Piece { buffer: vec![7; size as usize] }
    }
    fn echo(&mut self, arg: machines::Text) -> machines::Text {
        arg
    }
}

static HOUSE: Table<House> = oncilla::table![machines_1::program()];

#[test]
fn texts_of_four_mebibytes_go_both_ways() {
    serving(&HOUSE, MESSAGE, |address| {
        let mut client = machines_1::Client::new(connect(address, MESSAGE));
        let machine = client.define(long()).unwrap().unwrap();
        assert!(client.describe(machine).unwrap() == machines::Described::Description(long()));
        assert!(client.echo(Some(long())).unwrap() == Some(long()));
        assert_eq!(client.echo(None).unwrap(), None);
        assert_eq!(client.set(parameters()).unwrap(), parameters());
        assert_eq!(client.names().unwrap().names, ["01234567"]);
        assert_eq!(client.peek(machines::BUFFER_MAX as u32).unwrap().buffer.len(), machines::BUFFER_MAX);
        // What the file does not allow is not sent, and the connection is still good.
        assert!(client.define(long() + "!").is_err());
        assert!(client.peek(machines::BUFFER_MAX as u32 + 1).is_err());
        assert_eq!(client.list(3).unwrap().machines.len(), 1);
    });
}

/// A brick that keeps what was written.
#[derive(Default)]
struct Brick(Vec<u8>);

impl bricks_1::Service for Brick {
    fn lookup(&mut self, arg: bricks::LookupRequest) -> bricks::LookupReply {
        bricks::LookupReply { result: 0, error: 0, found: entry(1).about, dictionary: arg.dictionary }
    }
    fn read(&mut self, offset: u64, size: u32) -> bricks::ReadReply {
        let rest = self.0.get(offset as usize..).unwrap_or_default();
        let data = rest[..rest.len().min(size as usize)].to_vec();
        bricks::ReadReply { result: data.len() as i32, after: entry(1).about, data }
    }
    fn write(&mut self, offset: u64, data: Vec<u8>) -> i32 {
        self.0.truncate(offset as usize);
        self.0.extend_from_slice(&data);
        data.len() as i32
    }
    fn list(&mut self, count: u32) -> bricks::Folder {
        folder(count.into())
    }
    fn echo(&mut self, arg: bricks::Folder) -> bricks::Folder {
        arg
    }
    fn programs(&mut self, _caller: bricks::Caller) -> bricks::Programs {
        let detail = |number| bricks::ProgramDetail { name: "name".into(), number };
        bricks::Programs { first: VecList::from_iter((0..3).map(detail)) }
    }
}

static BRICK: Table<Brick> = oncilla::table![bricks_1::program()];

#[test]
fn lists_of_a_hundred_thousand_nodes_go_both_ways() {
    serving(&BRICK, MESSAGE, |address| {
        let mut client = bricks_1::Client::new(connect(address, MESSAGE));
        let listed = client.list(100_000).unwrap();
        assert!(listed == folder(100_000));
        assert!(client.echo(listed.clone()).unwrap() == listed);
        let data = vec![3; 1 << 20];
        assert_eq!(client.write(0, data.clone()).unwrap(), 1 << 20);
        assert!(client.read(0, 1 << 20).unwrap().data == data);
        assert_eq!(
            client
                .lookup(bricks::LookupRequest {
                    identity: [0; 16],
                    parent: [0; 16],
                    flags: 0,
                    path: "/".into(),
                    name: "name".into(),
                    dictionary: data.clone(),
                })
                .unwrap()
                .dictionary
                .len(),
            data.len()
        );
    });
}
