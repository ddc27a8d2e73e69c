oncilla::program! {
    pub mod notes = 0x2000_0042, version 1 {
        fn read() -> u32; //~ no rules expected `;`
    }
}

fn main() {}
