//! Converts names of the file to names of C.

use heck::{ToShoutySnakeCase, ToSnakeCase};

use crate::tree::split;

/// Words of C and C++ that are no names, and names that the headers of the generated code define.
const RESERVED: &str = " alignas alignof and and_eq asm atomic_cancel atomic_commit atomic_noexcept auto bitand bitor bool break \
    case catch char char16_t char32_t char8_t class co_await co_return co_yield compl concept const const_cast consteval \
    constexpr constinit continue decltype default delete do double dynamic_cast else enum explicit export extern false float \
    for friend goto if inline int int16_t int32_t int64_t int8_t long main mutable namespace new noexcept not not_eq nullptr \
    offsetof operator or or_eq private protected ptrdiff_t public register reinterpret_cast requires restrict return short \
    signed size_t sizeof static static_assert static_cast struct switch template this thread_local throw true try typedef \
    typeid typename typeof uint16_t uint32_t uint64_t uint8_t union unsigned using virtual void volatile wchar_t while xor \
    xor_eq linux unix NULL memchr memcmp memcpy memmove memset strcat strchr strcmp strcoll strcpy strcspn strerror strlen \
    strncat strncmp strncpy strpbrk strrchr strspn strstr strtok strxfrm INT8_MIN INT8_MAX INT16_MIN INT16_MAX INT32_MIN \
    INT32_MAX INT64_MIN INT64_MAX UINT8_MAX UINT16_MAX UINT32_MAX UINT64_MAX SIZE_MAX INTPTR_MIN INTPTR_MAX UINTPTR_MAX \
    PTRDIFF_MIN PTRDIFF_MAX ";

/// Returns a name of the file as a name of C. Reserved words get a `_`, reserved beginnings an `x`.
pub(super) fn plain(name: &str) -> String {
    let name = split(name).1;
    let is_reserved = name.starts_with('_') || name.to_ascii_lowercase().starts_with("oncilla_");
    let name = if is_reserved { format!("x{name}") } else { name.to_owned() };
    if RESERVED.contains(&format!(" {name} ")) { format!("{name}_") } else { name }
}

/// Returns the name of a version or a procedure, which is part of a longer one: `SENSOR_1` is `sensor_1`.
pub(super) fn small(name: &str) -> String {
    split(name).1.to_snake_case()
}

/// Returns a name in capitals, for macros.
pub(super) fn capitals(name: &str) -> String {
    let name = split(name).1;
    if name.chars().any(char::is_lowercase) && name.chars().any(char::is_uppercase) {
        return name.to_shouty_snake_case();
    }
    name.to_ascii_uppercase()
}

/// Returns a number as a literal that has a type in which it fits.
pub(super) fn literal(number: i128) -> String {
    match number {
        _ if number == i128::from(i64::MIN) => "INT64_MIN".into(),
        _ if number == i128::from(i32::MIN) => "INT32_MIN".into(),
        -0x7fff_ffff..=0x7fff_ffff => number.to_string(),
        0x8000_0000..=0xffff_ffff => format!("{number}u"),
        _ if number > i128::from(i64::MAX) => format!("{number}ull"),
        _ => format!("{number}ll"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_file_are_names_of_c() {
        assert_eq!(
            [plain("class"), plain("__x"), plain("Oncilla_a"), plain("a::b")],
            ["class_", "x__x", "xOncilla_a", "b"]
        );
        assert_eq!([small("NFSPROC3_READ"), small("Device_ReadStb")], ["nfsproc3_read", "device_read_stb"]);
        assert_eq!([capitals("nfs_fh3"), capitals("FooBar")], ["NFS_FH3", "FOO_BAR"]);
    }

    #[test]
    fn literals_have_types_in_which_they_fit() {
        let numbers = [i128::from(i64::MIN), i128::from(i32::MIN), -1, 0, 1 << 31, 1 << 32, -1 << 32, 1 << 63];
        let shown = [
            "INT64_MIN",
            "INT32_MIN",
            "-1",
            "0",
            "2147483648u",
            "4294967296ll",
            "-4294967296ll",
            "9223372036854775808ull",
        ];
        assert_eq!(numbers.map(literal), shown);
    }
}
