//! Types on the heap, the same by value, and a value of each.

use oncilla::xdr::Array;

oncilla::xdr_enum! { pub enum Color { Red = 1, Blue = 7 } }

oncilla::xdr_struct! {
    #[derive(Clone, Debug, PartialEq)]
    pub struct Heap {
        pub text: String [..9],
        pub bytes: Vec<u8> [..7],
        pub words: Vec<u32> [..4],
        pub narrow: Vec<i16> [..4],
        pub colors: Vec<Color> [..3],
        pub names: Vec<String> [..3] [..5],
        pub blocks: Vec<Vec<u8>> [..3] [..5],
        pub arrays: Vec<[u8; 3]> [..3],
        pub optional: Option<String> [..5],
        pub fixed: [String; 2] [..5],
        pub long: Array<Vec<u8>, 33> [..2],
        pub result: Result<Vec<u8>, Color> [..5],
        pub boxed: Option<Box<Small>> [..],
    pub unstated: Option<Box<Small>>,
    pub deep: Vec<Option<[Vec<Vec<u8>>; 2]>> [..2] [..2] [..3],
    }
}

oncilla::xdr_struct! {
    #[derive(Clone, Debug, PartialEq)]
    pub struct Small { pub number: i32 }
}

oncilla::xdr_struct! {
    #[derive(Clone, Debug, PartialEq)]
    pub struct ByValue {
        pub text: heapless::String<9>,
        pub bytes: heapless::Vec<u8, 7>,
        pub words: heapless::Vec<u32, 4>,
        pub narrow: heapless::Vec<i16, 4>,
        pub colors: heapless::Vec<Color, 3>,
        pub names: heapless::Vec<heapless::String<5>, 3>,
        pub blocks: heapless::Vec<heapless::Vec<u8, 5>, 3>,
        pub arrays: heapless::Vec<[u8; 3], 3>,
        pub optional: Option<heapless::String<5>>,
        pub fixed: [heapless::String<5>; 2],
        pub long: Array<heapless::Vec<u8, 2>, 33>,
        pub result: Result<heapless::Vec<u8, 5>, Color>,
        pub boxed: Option<Small>,
    pub unstated: Option<Small>,
    pub deep: heapless::Vec<Option<[heapless::Vec<heapless::Vec<u8, 3>, 2>; 2]>, 2>,
    }
}

pub fn heap() -> Heap {
    Heap {
        text: "text".into(),
        bytes: vec![1, 2, 3, 4, 5],
        words: vec![1, 0xffff_ffff],
        narrow: vec![-1, 300],
        colors: vec![Color::Red, Color::Blue],
        names: vec!["a".into(), String::new(), "five!".into()],
        blocks: vec![vec![9; 5], vec![]],
        arrays: vec![[1, 2, 3], [4, 5, 6]],
        optional: Some("some".into()),
        fixed: ["x".into(), "yz".into()],
        long: Array(core::array::from_fn(|index| vec![index as u8; index % 3])),
        result: Ok(vec![1]),
        boxed: Some(Box::new(Small { number: -9 })),
        unstated: Some(Box::new(Small { number: 8 })),
        deep: vec![None, Some([vec![], vec![vec![7; 3], vec![]]])],
    }
}

pub fn by_value() -> ByValue {
    ByValue {
        text: "text".try_into().unwrap(),
        bytes: heapless::Vec::from_slice(&[1, 2, 3, 4, 5]).unwrap(),
        words: heapless::Vec::from_slice(&[1, 0xffff_ffff]).unwrap(),
        narrow: heapless::Vec::from_slice(&[-1, 300]).unwrap(),
        colors: heapless::Vec::from_slice(&[Color::Red, Color::Blue]).unwrap(),
        names: ["a", "", "five!"].into_iter().map(|name| name.try_into().unwrap()).collect(),
        blocks: [heapless::Vec::from_slice(&[9; 5]).unwrap(), heapless::Vec::new()].into_iter().collect(),
        arrays: heapless::Vec::from_slice(&[[1, 2, 3], [4, 5, 6]]).unwrap(),
        optional: Some("some".try_into().unwrap()),
        fixed: ["x".try_into().unwrap(), "yz".try_into().unwrap()],
        long: Array(core::array::from_fn(|index| core::iter::repeat_n(index as u8, index % 3).collect())),
        result: Ok(heapless::Vec::from_slice(&[1]).unwrap()),
        boxed: Some(Small { number: -9 }),
        unstated: Some(Small { number: 8 }),
        deep: [
            None,
            Some([
                heapless::Vec::new(),
                [heapless::Vec::from_slice(&[7; 3]).unwrap(), heapless::Vec::new()].into_iter().collect(),
            ]),
        ]
        .into_iter()
        .collect(),
    }
}

oncilla::xdr_struct! {
    /// `struct branch { int value; branch *left; branch *right; };`
    #[derive(Clone, Debug, PartialEq)]
    pub struct Branch {
        pub value: i32,
        pub left: Option<Box<Branch>> [..],
        pub right: Option<Box<Branch>> [..],
    }
}

oncilla::xdr_struct! {
    /// `struct tree { string name<8>; tree children<3>; };`
    #[derive(Clone, Debug, PartialEq)]
    pub struct Tree {
        pub name: String [..8],
        pub children: Vec<Tree> [..3] [..],
    }
}

oncilla::xdr_union! {
    /// `union term switch (int kind) { case 0: int number; case 1: term_list both; };`
    #[derive(Clone, Debug, PartialEq)]
    pub enum Term {
        Number(i32) = 0,
        Sum(Vec<Term> [..]) = 1,
        Not(Box<Term> [..]) = 2,
    }
}

pub fn leaf(value: i32) -> Branch {
    Branch { value, left: None, right: None }
}
