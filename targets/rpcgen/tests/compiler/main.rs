//! The compiler on files: of each rule of the language one that keeps it and one that breaks it, those of the system, and
//! those of the RFCs.

mod accepted;
mod assumed;
mod command;
mod compiles;
mod files;
mod hostile;
mod names;
mod recursion;
mod refused;
mod round_trip;
mod rpcgen;
mod shapes;
mod trees;
