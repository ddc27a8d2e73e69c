// Made of description.x by oncilla-rpcgen. What is changed here is lost.

oncilla::xdr_enum! {
    /// How the text is packed.
    ///
    /// `enum description_packing`
    pub enum DescriptionPacking {
        /// not at all
        ///
        /// `PLAIN = 0`
        Plain = 0,
        /// by zlib (RFC 1950)
        ///
        /// `ZLIB = 1`
        Zlib = 1,
    }
}

oncilla::xdr_struct! {
    /// What there is to read.
    ///
    /// `struct description_info`
    #[derive(Clone, Debug, PartialEq)]
    pub struct DescriptionInfo {
        /// bytes of the text, which is UTF-8
        ///
        /// `unsigned int size`
        pub size: u32,
        /// bytes of the text as it is packed
        ///
        /// `unsigned int packed_size`
        pub packed_size: u32,
        /// `description_packing packing`
        pub packing: DescriptionPacking,
    }
}

/// A device gives less at a time, so that its buffers are small.
///
/// `typedef opaque description_piece<1024>`
pub type DescriptionPiece<'a> = &'a [u8];

oncilla::program! {
    /// `program DESCRIPTION, version DESCRIPTION_1`
    pub mod description_1 = 0x3fffde5c, version 1 {
        /// What there is to read.
        ///
        /// `description_info INFO(void) = 1`
        fn info() -> DescriptionInfo = 1;
        /// The packed text from an offset on, as much as fits; nothing from its end on.
        ///
        /// `description_piece READ(unsigned int offset) = 2`
        fn read(offset: u32) -> &[u8] [..1024] = 2;
    }
}

/// Bytes of the largest arguments and results of the procedures of [`description_1`].
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
