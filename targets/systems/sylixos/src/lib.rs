//! A C shim over Oncilla's C ABI, written to names that POSIX has: `include/oncilla_posix.h` and `src/oncilla_posix.c`.
//! Here is nothing; the crate is the shim's tests.
