// Generated from description.x by oncilla-rpcgen. Do not edit: changes are lost.

oncilla::xdr_enum! {
    /// How the text is stored.
    ///
    /// `enum description_packing`
    pub enum DescriptionPacking {
        /// as it is
        ///
        /// `PLAIN = 0`
        Plain = 0,
        /// compressed with zlib (RFC 1950)
        ///
        /// `ZLIB = 1`
        Zlib = 1,
    }
}

oncilla::xdr_struct! {
    /// The sizes of the text.
    ///
    /// `struct description_info`
    #[derive(Clone, Debug, PartialEq)]
    pub struct DescriptionInfo {
        /// of the text in bytes, UTF-8
        ///
        /// `unsigned int size`
        pub size: u32,
        /// of the stored text in bytes
        ///
        /// `unsigned int packed_size`
        pub packed_size: u32,
        /// `description_packing packing`
        pub packing: DescriptionPacking,
    }
}

/// A piece of the stored text. Devices return smaller pieces, so that their buffers are small.
///
/// `typedef opaque description_piece<1024>`
pub type DescriptionPiece<'a> = &'a [u8];

oncilla::program! {
    /// `program DESCRIPTION, version DESCRIPTION_1`
    pub mod description_1 = 0x3fffde5c, version 1 {
        /// Returns the sizes of the text.
        ///
        /// `description_info INFO(void) = 1`
        fn info() -> DescriptionInfo = 1;
        /// Returns a piece of the stored text from an offset on. Returns no bytes at its end.
        ///
        /// `description_piece READ(unsigned int offset) = 2`
        fn read(offset: u32) -> &[u8] [..1024] = 2;
    }
}

/// The largest arguments and results of each procedure of [`description_1`], in bytes.
pub mod description_1_sizes {
    #[allow(unused_imports)]
    use super::*;
    use oncilla::xdr::MaxSize as _;

    /// The results of `INFO`.
    pub const INFO_RESULTS_MAX: usize = DescriptionInfo::MAX_SIZE;

    /// The arguments of `READ`.
    pub const READ_ARGUMENTS_MAX: usize = u32::MAX_SIZE;

    /// The results of `READ`.
    pub const READ_RESULTS_MAX: usize = oncilla::xdr::opaque_max_size(1024);
}
