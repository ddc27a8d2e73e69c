oncilla::program! {
    pub mod notes = 0x2000_0042, version 1, payload Poscard { //~ cannot find type `Poscard`
        fn read() -> u32 = 1;
    }
}

fn main() {}
