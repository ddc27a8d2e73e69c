//! Tests of the C shim for POSIX systems.
//!
//! The shim itself is C code: `include/oncilla_posix.h` and `src/*.c`. This library is empty.
