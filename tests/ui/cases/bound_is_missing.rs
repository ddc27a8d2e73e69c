//? text and slices need a bound here: `&str [..16]`, `&[u8] [..64]`, `&[u32] [..8]`
oncilla::program! {
    pub mod notes = 0x2000_0042, version 1 {
        fn write(text: &str) = 1; //~ `&str` is not a type that an interface can carry
        fn send(data: &[u8]) = 2; //~ `&[u8]` is not a type that an interface can carry
        fn read() -> &str = 3; //~ `&str` is not a type that an interface can carry
        fn receive() -> &[u8] = 4; //~ `&[u8]` is not a type that an interface can carry
        fn both(at: u32, text: &str [..4], data: &[u32]) -> bool = 5; //~ `&[u32]` is not a type that an interface can carry
    }
}

fn main() {}
