//? IdempotentOrOneway
oncilla::program! {
    pub mod notes = 0x2000_0042, version 1 {
        fn read() -> u32 = 1, idempotant; //~ no method named `idempotant` found
        fn write() = 2, onewy; //~ no method named `onewy` found
        fn other() -> bool = 3, number; //~ no method named `number` found
        fn log() -> u32 = 4, oneway; //~ a one-way procedure has no reply, so it cannot return `u32`
    }
}

fn main() {}
