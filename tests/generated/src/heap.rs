//! Files with data on the heap.

/// Includes the Rust of each file as a module.
macro_rules! on_heap {
    ($($name:ident)*) => {$(
        #[doc = concat!("`", stringify!($name), ".x`")]
        pub mod $name {
            #[allow(unused_imports)]
            use alloc::{boxed::Box, string::String, vec::Vec};
            include!(concat!(env!("OUT_DIR"), "/heap/", stringify!($name), ".rs"));
        }
    )*};
}

on_heap! {
    bool_union chars discriminant_name_again discriminants header_types large_members nothing_opaque percent_in_bodies
    percent_midstatement quad_define switch_hyper headers_of_c zero_bounds
    dialect recursive constructs mount3 nfs3 rpcbind bricks machines nfs4
}
