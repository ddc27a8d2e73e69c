//! Names that every `.x` file can use, because the C that `rpcgen` generates includes `<rpc/rpc.h>`.

use crate::tree::Basic;

/// A type of the prelude.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prelude {
    /// Another name for a type of the language.
    Basic(Basic),
    /// `opaque name[size]`
    Fixed(u32),
    /// `opaque name<bound>`
    Variable(u32),
}

/// Returns the type of this name, for files that do not define it.
pub(super) fn type_(name: &str) -> Option<Prelude> {
    Some(Prelude::Basic(match name {
        "int8_t" => Basic::Char,
        "uint8_t" | "u_int8_t" | "u_char" | "uchar" => Basic::UnsignedChar,
        "int16_t" => Basic::Short,
        "uint16_t" | "u_int16_t" | "u_short" | "ushort" => Basic::UnsignedShort,
        "int32_t" | "time_t" | "enum_t" | "auth_flavor" | "auth_stat" | "msg_type" | "reply_stat" | "accept_stat"
        | "reject_stat" => Basic::Int,
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

/// Returns the constant of this name, for files that do not define it.
pub(super) fn constant(name: &str) -> Option<i128> {
    Some(match name {
        "FALSE" => 0,
        "TRUE" => 1,
        "MAXNETNAMELEN" => 255,
        "MAX_NETOBJ_SZ" => 1024,
        "RPC_VERSION" | "RPC_MSG_VERSION" => 2,
        "MAX_AUTH_BYTES" => 400,
        "MAX_MACHINE_NAME" => 255,
        "NGRPS" => 16,
        _ => return of_rfc_5531(name),
    })
}

/// Returns the flavors and states of RFC 5531 (§8.2, §9), also by libtirpc's names.
fn of_rfc_5531(name: &str) -> Option<i128> {
    Some(match name {
        "AUTH_NONE" | "AUTH_NULL" => 0,
        "AUTH_SYS" | "AUTH_UNIX" => 1,
        "AUTH_SHORT" => 2,
        "AUTH_DH" | "AUTH_DES" => 3,
        "AUTH_KERB" => 4,
        "AUTH_RSA" => 5,
        "RPCSEC_GSS" => 6,
        "CALL" | "MSG_ACCEPTED" | "SUCCESS" | "RPC_MISMATCH" | "AUTH_OK" => 0,
        "REPLY" | "MSG_DENIED" | "PROG_UNAVAIL" | "AUTH_ERROR" | "AUTH_BADCRED" => 1,
        "PROG_MISMATCH" | "AUTH_REJECTEDCRED" => 2,
        "PROC_UNAVAIL" | "AUTH_BADVERF" => 3,
        "GARBAGE_ARGS" | "AUTH_REJECTEDVERF" => 4,
        "SYSTEM_ERR" | "AUTH_TOOWEAK" => 5,
        "AUTH_INVALIDRESP" => 6,
        "AUTH_FAILED" => 7,
        "AUTH_KERB_GENERIC" => 8,
        "AUTH_TIMEEXPIRE" => 9,
        "AUTH_TKT_FILE" => 10,
        "AUTH_DECODE" => 11,
        "AUTH_NET_ADDR" => 12,
        "RPCSEC_GSS_CREDPROBLEM" => 13,
        "RPCSEC_GSS_CTXPROBLEM" => 14,
        _ => return None,
    })
}
