//? this type has no XDR encoding with a largest size
//? use `heapless::String<16>`, `heapless::Vec<T, 8>` and `u32` or `u64`
//? for an array of more than 32 elements, use `oncilla::xdr::Array<u8, 64>`
//? declare your own type with `oncilla::xdr_struct!`, `xdr_enum!` or `xdr_union!`
struct Plain;

oncilla::program! {
    pub mod notes = 0x2000_0042, version 1 {
        fn string() -> String = 1; //~ `String` is not a type that an interface can carry
        fn list() -> Vec<u8> = 2; //~ `Vec<u8>` is not a type that an interface can carry
        fn plain() -> Plain = 3; //~ `Plain` is not a type that an interface can carry
        fn size() -> usize = 4; //~ `usize` is not a type that an interface can carry
        fn array() -> [u8; 64] = 5; //~ `[u8; 64]` is not a type that an interface can carry
        fn letter() -> char = 6; //~ `char` is not a type that an interface can carry
        fn wide() -> i128 = 7; //~ `i128` is not a type that an interface can carry
    }
}

fn main() {
    let _ = Plain;
}
