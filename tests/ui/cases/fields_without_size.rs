//? text and slices need a bound here
struct Plain;

oncilla::xdr_struct! {
    pub struct Note<'a> {
        pub number: u32,
        pub text: &'a str, //~ `&'a str` is not a type that an interface can carry
        pub words: Vec<u32>, //~ `Vec<u32>` is not a type that an interface can carry
        pub array: [u8; 64], //~ `[u8; 64]` is not a type that an interface can carry
        pub plain: Plain, //~ `Plain` is not a type that an interface can carry
    }
}

oncilla::xdr_union! {
    pub enum Outcome<'a> {
        Data(&'a [u8]) = 0, //~ `&'a [u8]` is not a type that an interface can carry
        Text(String) = 1, //~ `String` is not a type that an interface can carry
        _ => Other(usize), //~ `usize` is not a type that an interface can carry
    }
}

fn main() {
    let _ = Plain;
}
