//? this type has no XDR encoding with a largest size
//? use `heapless::String<16>`, `heapless::Vec<T, 8>` and `u32` or `u64`
//? for an array of more than 32 elements, use `oncilla::xdr::Array<u8, 64>`
//? declare your own type with `oncilla::xdr_struct!`, `xdr_enum!` or `xdr_union!`
struct Plain;

oncilla::program! {
    pub mod notes = 0x2000_0042, version 1 {
        fn string(text: String) = 1; //~ `String` is not a type that an interface can carry
        fn list(data: Vec<u8>) = 2; //~ `Vec<u8>` is not a type that an interface can carry
        fn plain(value: Plain) = 3; //~ `Plain` is not a type that an interface can carry
        fn size(size: usize) = 4; //~ `usize` is not a type that an interface can carry
        fn array(data: [u8; 64]) = 5; //~ `[u8; 64]` is not a type that an interface can carry
        fn letter(letter: char) = 6; //~ `char` is not a type that an interface can carry
        fn wide(number: i128) = 7; //~ `i128` is not a type that an interface can carry
        fn oneway(text: Option<String>) = 8, oneway; //~ Option<String>` is not a type that an interface can carry
    }
}

fn main() {
    let _ = Plain;
}
