//? declare your own type with `oncilla::xdr_struct!`
#[derive(serde::Serialize, serde::Deserialize)]
pub struct Derived {
    number: u32,
}

oncilla::program! {
    pub mod notes = 0x2000_0042, version 1 {
        fn write(value: Derived) = 1; //~ `Derived` is not a type that an interface can carry
        fn read() -> Result<Derived, u32> = 2; //~ `Result<Derived, u32>` is not a type that an interface can carry
    }
}

fn main() {}
