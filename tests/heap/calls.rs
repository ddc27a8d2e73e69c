//! Procedures with data on the heap, both ways, and the limit of a message.

use oncilla::xdr::{EncodeError, Fault, VecList};
use oncilla::{CallError, Caller, Direct, ProcedureId, Refusal, Table, table};

oncilla::xdr_struct! {
    #[derive(Clone, Debug, PartialEq)]
    pub struct Entry {
        pub fileid: u64,
        pub name: String [..16],
        pub comment: Option<String> [..],
    }
}

oncilla::xdr_union! {
    #[derive(Clone, Debug, PartialEq)]
    pub enum ReadResult {
        Data(Vec<u8> [..1024]) = 0,
        _ => Failed,
    }
}

oncilla::program! {
    mod files = 0x2000_0077, version 1, limit 2000 {
        fn read(name: String [..16], count: u32) -> ReadResult = 1;
        fn write(name: String [..16], data: Vec<u8> [..]) -> u32 = 2;
        fn list(entries: VecList<Entry> [..]) -> VecList<Entry> [..] = 3;
        fn names() -> Vec<String> [..4] [..8] = 4;
        fn first(names: Vec<String> [..] [..8]) -> Result<String, u32> [..8] = 5;
        fn log(line: String [..80]) = 6, oneway;
        fn boxed(entry: Box<Entry> [..]) -> Option<Box<Entry>> [..] = 7;
        fn many(count: u32) -> Vec<u32> [..] = 8;
    }
}

#[derive(Default)]
struct Disk {
    log: Vec<String>,
    calls: u32,
}

impl files::Service for Disk {
    fn read(&mut self, name: String, count: u32) -> ReadResult {
        if name == "none" { ReadResult::Failed(2) } else { ReadResult::Data(vec![7; count as usize]) }
    }

    fn write(&mut self, _: String, data: Vec<u8>) -> u32 {
        self.calls += 1;
        data.len() as u32
    }

    fn list(&mut self, mut entries: VecList<Entry>) -> VecList<Entry> {
        entries.reverse();
        entries
    }

    fn names(&mut self) -> Vec<String> {
        vec!["hall".to_owned(), String::new(), "kitchen".to_owned()]
    }

    fn first(&mut self, names: Vec<String>) -> Result<String, u32> {
        names.into_iter().next().ok_or(9)
    }

    fn log(&mut self, line: String) {
        self.log.push(line);
    }

    fn boxed(&mut self, entry: Box<Entry>) -> Option<Box<Entry>> {
        (entry.fileid > 0).then_some(entry)
    }

    fn many(&mut self, count: u32) -> Vec<u32> {
        (0..count).collect()
    }
}

static TABLE: Table<Disk> = table![files::program()];

fn entry(fileid: u64) -> Entry {
    Entry { fileid, name: format!("file {fileid}"), comment: (fileid == 1).then(|| "first".to_owned()) }
}

#[test]
fn arguments_and_results_travel() {
    let mut disk = Disk::default();
    let mut client = files::Client::new(Direct::<_, 4096>::new(&TABLE, &mut disk));
    assert_eq!(client.read("a".to_owned(), 3), Ok(ReadResult::Data(vec![7; 3])));
    assert_eq!(client.read("none".to_owned(), 3), Ok(ReadResult::Failed(2)));
    assert_eq!(client.write("a".to_owned(), vec![1; 1001]), Ok(1001));
    assert_eq!(client.list([entry(1), entry(2)].into_iter().collect()), Ok(vec![entry(2), entry(1)].into()));
    assert_eq!(client.names(), Ok(vec!["hall".to_owned(), String::new(), "kitchen".to_owned()]));
    assert_eq!(client.first(vec!["a".to_owned(), "b".to_owned()]), Ok(Ok("a".to_owned())));
    assert_eq!(client.first(vec![]), Ok(Err(9)));
    client.log("a line".to_owned()).unwrap();
    assert_eq!(client.boxed(Box::new(entry(3))), Ok(Some(Box::new(entry(3)))));
    assert_eq!(client.boxed(Box::new(entry(0))), Ok(None));
    assert_eq!(disk.log, ["a line"]);
}

#[test]
fn the_limit_of_a_message_sizes_buffers() {
    assert_eq!((files::CALL_MAX, files::REPLY_MAX, files::SLOT_MAX), (40 + 2000, 24 + 2000, 2000));
    assert_eq!(TABLE.reply_max(), files::REPLY_MAX);
    oncilla::program! {
        mod bounded = 0x2000_0078, version 1 { fn names(text: String [..5]) -> Vec<String> [..4] [..8] = 1; }
    }
    assert_eq!((bounded::CALL_MAX, bounded::REPLY_MAX), (40 + 12, 24 + 4 + 4 * 12));
}

#[test]
fn a_client_does_not_send_what_exceeds_a_bound_or_the_limit() {
    let mut disk = Disk::default();
    let mut client = files::Client::new(Direct::<_, 4096>::new(&TABLE, &mut disk));
    let bound = CallError::Arguments(EncodeError::Refused(Fault::Bound));
    let value = CallError::Arguments(EncodeError::Refused(Fault::Value));
    assert_eq!(client.write("a name of 17 byte".to_owned(), vec![]), Err(bound));
    assert_eq!(client.first(vec!["nine byte".to_owned()]), Err(value));
    // 8 bytes of the name, 4 of the length.
    assert_eq!(client.write("a".to_owned(), vec![0; 1988]), Ok(1988));
    assert_eq!(client.write("a".to_owned(), vec![0; 1989]), Err(bound));
    assert_eq!(disk.calls, 1);
}

#[test]
fn a_server_refuses_what_exceeds_a_bound_or_the_limit() {
    let mut disk = Disk::default();
    let mut direct = Direct::<_, 4096>::new(&TABLE, &mut disk);
    let mut write = |arguments: &[u8]| {
        let id = ProcedureId { program: files::PROGRAM, version: files::VERSION, procedure: 2 };
        direct.call(id, |writer| writer.append(arguments), |results| Ok(results.to_vec()))
    };
    let mut arguments = b"\0\0\0\x01a\0\0\0".to_vec();
    arguments.extend(1988_u32.to_be_bytes());
    arguments.extend([0; 1988]);
    assert_eq!(write(&arguments), Ok(1988_u32.to_be_bytes().to_vec()));
    arguments[8..12].copy_from_slice(&1992_u32.to_be_bytes());
    arguments.extend([0; 4]);
    assert_eq!(write(&arguments), Err(CallError::Refused(Refusal::GarbageArguments)));
    let long = b"\0\0\0\x11a name of 17 byte\0\0\0\0\0\0\0";
    assert_eq!(write(long), Err(CallError::Refused(Refusal::GarbageArguments)));
    assert_eq!(disk.calls, 1);
}

#[test]
fn results_over_a_bound_or_the_limit_are_a_fault_of_the_server() {
    let mut disk = Disk::default();
    let mut client = files::Client::new(Direct::<_, 4096>::new(&TABLE, &mut disk));
    assert_eq!(client.many(499).map(|numbers| numbers.len()), Ok(499));
    assert_eq!(client.many(500), Err(CallError::Refused(Refusal::SystemError)));
    assert_eq!(client.read("a".to_owned(), 1025), Err(CallError::Refused(Refusal::SystemError)));
}
