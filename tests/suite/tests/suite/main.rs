//! The suite against servers of this machine, and checks that find what is wrong with others.

mod carriers;
mod line;
mod report;
mod wrong;
