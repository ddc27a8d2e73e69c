//! Types may have any name, also the names that the macros use inside.

use crate::both;

mod structs {
    macro_rules! of_name {
        ($($name:ident)*) => {$(
            oncilla::xdr_struct! {
                #[derive(Clone, Copy, Debug, PartialEq)]
                pub struct $name { pub number: u32 }
            }
        )*};
    }

    of_name! { A B C D E S T V Fields Arms Encoding Result Ok Some Error Vec String }
}

mod within {
    use super::structs::*;

    oncilla::xdr_struct! {
        #[derive(Debug, PartialEq)]
        pub struct All { pub a: A, pub d: D, pub e: E, pub s: S, pub fields: Fields, pub result: Result, pub t: T }
    }

    oncilla::xdr_union! {
        #[derive(Debug, PartialEq)]
        pub enum Any { A(A) = 1, S(S) = 2, Arms(Arms) = 3, D(D) = 4, Fields(Fields) = 5, _ => E(E) }
    }
}

mod unions {
    oncilla::xdr_union! { #[derive(Debug, PartialEq)] pub enum Arms { Ok = 0, Err = 1, None = 2, _ => Some } }
    oncilla::xdr_union! { #[derive(Debug, PartialEq)] pub enum S { A(u32) = 0 } }
    oncilla::xdr_enum! { pub enum D { S = 0, Ok = 1, Some = 2 } }
    oncilla::xdr_enum! { pub enum A { Self_ = 0 } }
}

#[test]
fn structs_of_any_name() {
    both(structs::Fields { number: 7 }, &[0, 0, 0, 7]);
    both(structs::S { number: 7 }, &[0, 0, 0, 7]);
    let all = within::All {
        a: structs::A { number: 1 },
        d: structs::D { number: 2 },
        e: structs::E { number: 3 },
        s: structs::S { number: 4 },
        fields: structs::Fields { number: 5 },
        result: structs::Result { number: 6 },
        t: structs::T { number: 7 },
    };
    let bytes: Vec<_> = (1..=7u32).flat_map(u32::to_be_bytes).collect();
    both(all, &bytes);
}

#[test]
fn unions_of_any_name() {
    both(within::Any::Arms(structs::Arms { number: 9 }), &[0, 0, 0, 3, 0, 0, 0, 9]);
    both(within::Any::E(8, structs::E { number: 9 }), &[0, 0, 0, 8, 0, 0, 0, 9]);
    both(unions::Arms::None, &[0, 0, 0, 2]);
    both(unions::S::A(7), &[0, 0, 0, 0, 0, 0, 0, 7]);
    both(unions::D::Ok, &[0, 0, 0, 1]);
}
