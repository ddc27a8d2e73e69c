//! Data on the heap in postcard, both ways, with hostile lengths and depths.

use oncilla::{Codec, Direct, Postcard, Table, table};
use serde::Deserialize;

use crate::memory::{Nothings, Numbers, Strings};
use crate::on_heap::{Branch, Heap, Term, Tree, heap, leaf};

oncilla::xdr_struct! {
    #[derive(Clone, Debug, PartialEq)]
    pub struct Letter { pub text: String [..100], pub pages: Vec<Vec<u8>> [..] [..100] }
}

oncilla::program! {
    mod post = 0x2000_0079, version 1, payload Postcard, limit 1000 {
        fn reverse(letter: Letter) -> Letter = 1;
        fn lines(text: String [..]) -> Vec<String> [..10] [..20] = 2;
    }
}

struct Office;

impl post::Service for Office {
    fn reverse(&mut self, mut letter: Letter) -> Letter {
        letter.pages.reverse();
        letter
    }

    fn lines(&mut self, text: String) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }
}

static TABLE: Table<Office> = table![post::program()];

#[test]
fn calls_travel_in_postcard() {
    let mut office = Office;
    let mut client = post::Client::new(Direct::<_, 2048>::new(&TABLE, &mut office));
    let letter = |pages| Letter { text: "hello".to_owned(), pages };
    assert_eq!(client.reverse(letter(vec![vec![1, 2], vec![3]])), Ok(letter(vec![vec![3], vec![1, 2]])));
    assert_eq!(client.lines("a\nbc\n".to_owned()), Ok(vec!["a".to_owned(), "bc".to_owned()]));
    assert_eq!((post::CALL_MAX, post::REPLY_MAX), (1040, 1024));
}

fn decoded<'b, T: Deserialize<'b>>(mut bytes: &'b [u8]) -> Result<T, oncilla::xdr::Fault> {
    Postcard::decode(&mut bytes).map_err(|error| error.fault)
}

#[test]
fn every_type_travels_in_postcard() {
    let mut room = [0; 1000];
    let used = Postcard::encode(&heap(), &mut room).unwrap();
    assert_eq!(decoded::<Heap>(&room[..used]), Ok(heap()));
    let tree = |name: &str, children| Tree { name: name.to_owned(), children };
    let tree = tree("a", vec![tree("b", vec![])]);
    let used = Postcard::encode(&tree, &mut room).unwrap();
    assert_eq!(decoded::<Tree>(&room[..used]), Ok(tree));
    let term = Term::Sum(vec![Term::Number(1), Term::Not(Box::new(Term::Number(2)))]);
    let used = Postcard::encode(&term, &mut room).unwrap();
    assert_eq!(decoded::<Term>(&room[..used]), Ok(term));
}

#[test]
fn depth_is_limited() {
    let chain =
        |levels| (1..levels).fold(leaf(0), |below, value| Branch { left: Some(Box::new(below)), ..leaf(value) });
    let mut room = [0; 1000];
    let used = Postcard::encode(&chain(33), &mut room).unwrap();
    assert_eq!(decoded(&room[..used]), Ok(chain(33)));
    let used = Postcard::encode(&chain(34), &mut room).unwrap();
    assert!(decoded::<Branch>(&room[..used]).is_err());
    assert!(decoded::<Branch>(&vec![1; 4 << 20]).is_err());
    assert!(decoded::<Tree>(&[0, 1].repeat(1 << 20)).is_err());
    assert!(decoded::<Term>(&[2, 1].repeat(1 << 20)).is_err());
}

#[test]
fn false_lengths_take_little_time_and_memory() {
    // The largest length, and nothing after it.
    let most = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
    let info = allocation_counter::measure(|| {
        assert!(decoded::<Nothings>(&most).is_err());
        assert!(decoded::<Numbers>(&most).is_err());
        assert!(decoded::<Strings>(&most).is_err());
        assert!(decoded::<Numbers>(&[&most[..], &[1; 100]].concat()).is_err());
    });
    assert!(info.bytes_max <= 8192, "{info:?}");
}
