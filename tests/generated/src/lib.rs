//! Rust made of `.x` files, as firmware would have it: without std.

#![no_std]

/// `dialect.x` with data that are owned.
pub mod dialect {
    include!(concat!(env!("OUT_DIR"), "/dialect.rs"));
}

/// `recursive.x` with data that are owned.
pub mod recursive {
    include!(concat!(env!("OUT_DIR"), "/recursive.rs"));
}

/// `constructs.x` with data that are owned.
pub mod owned {
    include!(concat!(env!("OUT_DIR"), "/constructs.rs"));
}

/// `constructs.x` with data that are borrowed.
pub mod borrowed {
    include!(concat!(env!("OUT_DIR"), "/constructs_borrowed.rs"));
}
