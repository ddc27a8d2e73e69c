//! Synchronous ONC RPC for machines with kilobytes of memory.
#![no_std]
