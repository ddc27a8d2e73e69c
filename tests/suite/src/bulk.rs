//! Messages of more than a kilobyte. Feature `bulk`.
#![cfg(feature = "bulk")]

use oncilla::framing::crc32;

use crate::{Suite, bulk_1};

impl bulk_1::Service for Suite {
    fn echo<'a>(&'a mut self, bytes: &'a [u8]) -> &'a [u8] {
        bytes
    }

    fn checksum(&mut self, bytes: &[u8]) -> u32 {
        crc32(bytes)
    }
}
