//! The compiler on files: for each rule of the language one that keeps it and one that breaks it, files of the system, and
//! files of the RFCs.

mod accepted;
mod assumed;
mod c;
mod command;
mod compare;
mod compiles;
mod documentation;
mod files;
mod hostile;
mod names;
mod python;
mod recursion;
mod refused;
mod round_trip;
mod rpcgen;
mod shapes;
mod trees;
