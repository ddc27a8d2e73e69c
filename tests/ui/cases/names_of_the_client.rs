//? names_other_than_new_and_null
oncilla::program! {
    pub mod notes = 0x2000_0042, version 1 {
        fn new() -> u32 = 1; //~ cannot find function `new`
        fn null(text: &str [..4]) = 2; //~ cannot find function `null`
    }
}

fn main() {}
