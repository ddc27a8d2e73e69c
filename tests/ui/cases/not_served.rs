//? implement the trait `Service` of the program's module
oncilla::program! {
    pub mod notes = 0x2000_0042, version 1 {
        fn read() -> u32 = 1;
    }
}

struct Device;

static TABLE: oncilla::Table<Device> = oncilla::table![notes::program()]; //~ `Device` does not serve this program

fn main() {
    let _ = TABLE.reply_max();
}
