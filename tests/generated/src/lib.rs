//! Rust made of `.x` files, as firmware would have it: without std.

#![no_std]

extern crate alloc;

pub mod heap;

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

/// Files of the compiler's tests.
pub mod cases {
    /// `bool_union.x`
    pub mod bool_union {
        include!(concat!(env!("OUT_DIR"), "/bool_union.rs"));
    }
    /// `chars.x`
    pub mod chars {
        include!(concat!(env!("OUT_DIR"), "/chars.rs"));
    }
    /// `discriminant_name_again.x`
    pub mod discriminant_name_again {
        include!(concat!(env!("OUT_DIR"), "/discriminant_name_again.rs"));
    }
    /// `discriminants.x`
    pub mod discriminants {
        include!(concat!(env!("OUT_DIR"), "/discriminants.rs"));
    }
    /// `header_types.x`
    pub mod header_types {
        include!(concat!(env!("OUT_DIR"), "/header_types.rs"));
    }
    /// `large_members.x`
    pub mod large_members {
        include!(concat!(env!("OUT_DIR"), "/large_members.rs"));
    }
    /// `nothing_opaque.x`
    pub mod nothing_opaque {
        include!(concat!(env!("OUT_DIR"), "/nothing_opaque.rs"));
    }
    /// `percent_in_bodies.x`
    pub mod percent_in_bodies {
        include!(concat!(env!("OUT_DIR"), "/percent_in_bodies.rs"));
    }
    /// `percent_midstatement.x`
    pub mod percent_midstatement {
        include!(concat!(env!("OUT_DIR"), "/percent_midstatement.rs"));
    }
    /// `quad_define.x`
    pub mod quad_define {
        include!(concat!(env!("OUT_DIR"), "/quad_define.rs"));
    }
    /// `switch_hyper.x`
    pub mod switch_hyper {
        include!(concat!(env!("OUT_DIR"), "/switch_hyper.rs"));
    }
    /// `headers_of_c.x`
    pub mod headers_of_c {
        include!(concat!(env!("OUT_DIR"), "/headers_of_c.rs"));
    }
    /// `zero_bounds.x`
    pub mod zero_bounds {
        include!(concat!(env!("OUT_DIR"), "/zero_bounds.rs"));
    }
}
