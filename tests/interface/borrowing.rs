//! Arguments and results that borrow.

use oncilla::framing::Record;

use crate::loopback::client;

oncilla::xdr_struct! {
    #[derive(Debug, PartialEq)]
    pub struct Entry<'a> {
        pub name: &'a str [..8],
        pub data: &'a [u8] [..8],
    }
}

oncilla::program! {
    mod store = 0x2000_0200, version 1 {
        fn set(name: &str [..8], data: &[u8] [..8]) = 1;
        fn name() -> &str [..8] = 2;
        fn data() -> &[u8] [..8] = 3;
        fn entry() -> Entry<'_> = 4;
        fn put(entry: Entry<'_>) -> bool = 5;
        /// From the state or from the argument, whichever is longer.
        fn longer(data: &[u8] [..8]) -> &[u8] [..8] = 6;
        /// From the argument, or from the state when that is empty.
        fn filled(entry: Entry<'_>) -> Entry<'_> = 7;
        fn first(entries: heapless::Vec<Entry<'_>, 2>, otherwise: Option<Entry<'_>>) -> Option<Entry<'_>> = 8;
    }
}

#[derive(Default)]
struct Store {
    name: String,
    data: Vec<u8>,
}

impl store::Service for Store {
    fn set(&mut self, name: &str, data: &[u8]) {
        self.name = name.into();
        self.data = data.into();
    }
    fn name(&mut self) -> &str {
        &self.name
    }
    fn data(&mut self) -> &[u8] {
        &self.data
    }
    fn entry(&mut self) -> Entry<'_> {
        Entry { name: &self.name, data: &self.data }
    }
    fn put(&mut self, entry: Entry<'_>) -> bool {
        let other = entry.name != self.name;
        self.name = entry.name.into();
        self.data = entry.data.into();
        other
    }
    fn longer<'a>(&'a mut self, data: &'a [u8]) -> &'a [u8] {
        if data.len() > self.data.len() { data } else { &self.data }
    }
    fn filled<'a>(&'a mut self, entry: Entry<'a>) -> Entry<'a> {
        if entry.name.is_empty() { Entry { name: &self.name, ..entry } } else { entry }
    }
    fn first<'a>(
        &'a mut self,
        entries: heapless::Vec<Entry<'a>, 2>,
        otherwise: Option<Entry<'a>>,
    ) -> Option<Entry<'a>> {
        entries.into_iter().next().or(otherwise)
    }
}

static TABLE: oncilla::Table<Store> = oncilla::table![store::program()];

#[test]
fn results_borrow_from_the_state_and_from_arguments() {
    let mut client = client::<Record, _>(&TABLE, Store::default());
    let mut store = store::Client::new(&mut client);
    assert_eq!(store.set("hall", &[1, 2, 3]), Ok(()));
    assert_eq!(store.name(), Ok("hall"));
    assert_eq!(store.data(), Ok(&[1, 2, 3][..]));
    assert_eq!(store.longer(&[9]), Ok(&[1, 2, 3][..]));
    assert_eq!(store.longer(&[9; 8]), Ok(&[9; 8][..]));
    let entry = |name| Entry { name, data: &[4] };
    assert_eq!(store.filled(entry("attic")), Ok(entry("attic")));
    assert_eq!(store.filled(entry("")), Ok(entry("hall")));
    let entries = heapless::Vec::from([entry("one"), entry("two")]);
    assert_eq!(store.first(entries, None), Ok(Some(entry("one"))));
    assert_eq!(store.first(heapless::Vec::new(), Some(entry("other"))), Ok(Some(entry("other"))));
    assert_eq!(store.entry(), Ok(Entry { name: "hall", data: &[1, 2, 3] }));
    assert_eq!(store.put(Entry { name: "attic", data: &[] }), Ok(true));
    assert_eq!(store.name(), Ok("attic"));
}

#[test]
fn what_was_borrowed_lives_until_the_next_call() {
    let mut client = client::<Record, _>(&TABLE, Store { name: "hall".into(), data: vec![7] });
    let mut store = store::Client::new(&mut client);
    let name = store.name().unwrap();
    let copy = name.to_owned();
    assert_eq!(name, copy);
    assert_eq!(store.data(), Ok(&[7][..]));
}
