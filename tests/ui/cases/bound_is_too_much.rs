//? a bound `[..N]` is for `&str` and slices
//? with the feature `alloc` of `oncilla`, also for data on the heap
struct Plain;

oncilla::program! {
    pub mod notes = 0x2000_0042, version 1 {
        fn write(text: heapless::String<8> [..4]) = 1; //~ a bound cannot be stated for `
        fn send(data: &[Plain] [..4]) = 2; //~ a bound cannot be stated for `&[Plain]`
        fn count() -> u32 [..4] = 3; //~ a bound cannot be stated for `u32`
    }
}

fn main() {
    let _ = Plain;
}
