//! Both ways between this library and libtirpc: our client calls a server made by rpcgen, and a client made by
//! rpcgen calls ours, with edge values of every construct of XDR.
//!
//! Each side tells in words what it has read, so that what is misread alike on the way in and on the way out is found.

mod c_calls_ours;
mod constructs;
mod describe;
mod lines;
mod ours_calls_c;
mod peer;
mod refusals;
mod samples;
