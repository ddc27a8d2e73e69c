//! Names that every `.x` file knows, since `rpcgen` makes C that includes `<rpc/rpc.h>`.

use crate::tree::Basic;

/// A type of the prelude.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prelude {
    /// Another name of a type of the language.
    Basic(Basic),
    /// `opaque name[size]`
    Fixed(u32),
    /// `opaque name<bound>`
    Variable(u32),
}

/// The type of this name, unless the file defines it itself.
pub(super) fn type_(name: &str) -> Option<Prelude> {
    Some(Prelude::Basic(match name {
        "int8_t" => Basic::Char,
        "uint8_t" | "u_int8_t" | "u_char" | "uchar" => Basic::UnsignedChar,
        "int16_t" => Basic::Short,
        "uint16_t" | "u_int16_t" | "u_short" | "ushort" => Basic::UnsignedShort,
        "int32_t" | "enum_t" => Basic::Int,
        "uint32_t" | "u_int32_t" | "u_int" | "uint" | "u_long" | "ulong" | "rpcprog_t" | "rpcvers_t" | "rpcproc_t"
        | "rpcprot_t" | "rpcport_t" => Basic::UnsignedInt,
        "int64_t" | "quad" | "quad_t" | "longlong_t" => Basic::Hyper,
        "uint64_t" | "u_int64_t" | "u_quad_t" | "u_longlong_t" => Basic::UnsignedHyper,
        "bool_t" => Basic::Bool,
        "netobj" => return Some(Prelude::Variable(1024)),
        "des_block" => return Some(Prelude::Fixed(8)),
        _ => return None,
    }))
}

/// The constant of this name, unless the file defines it itself.
pub(super) fn constant(name: &str) -> Option<i128> {
    Some(match name {
        "FALSE" => 0,
        "TRUE" => 1,
        "MAXNETNAMELEN" => 255,
        "MAX_NETOBJ_SZ" => 1024,
        _ => return None,
    })
}
