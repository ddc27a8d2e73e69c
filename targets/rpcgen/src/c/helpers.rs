//! The static functions that a generated file needs.

use std::collections::BTreeSet;

use crate::tree::Basic;

/// The functions that are used.
#[derive(Default)]
pub(super) struct Helpers(BTreeSet<Helper>);

/// A static function. Each is printed after those that it calls.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Helper {
    RefuseReading,
    RefuseWriting,
    GetBool,
    GetI8,
    GetU8,
    GetI16,
    GetU16,
    PutCount,
    PutBytes,
    GetBytes,
    GetText,
    Clear,
}

impl Helpers {
    pub fn refuse_reading(&mut self) {
        self.0.insert(Helper::RefuseReading);
    }

    pub fn refuse_writing(&mut self) {
        self.0.insert(Helper::RefuseWriting);
    }

    pub fn put_count(&mut self) {
        self.0.extend([Helper::RefuseWriting, Helper::PutCount]);
    }

    pub fn put_bytes(&mut self) {
        self.0.extend([Helper::RefuseWriting, Helper::PutBytes]);
    }

    pub fn get_bytes(&mut self) {
        self.0.insert(Helper::GetBytes);
    }

    pub fn get_text(&mut self) {
        self.0.extend([Helper::GetBytes, Helper::GetText]);
    }

    pub fn clear(&mut self) {
        self.0.insert(Helper::Clear);
    }

    /// Returns the function that decodes a number for which the library has none.
    pub fn get(&mut self, basic: Basic) -> Option<&'static str> {
        let (helper, name) = match basic {
            Basic::Bool => (Helper::GetBool, "get_bool"),
            Basic::Char => (Helper::GetI8, "get_i8"),
            Basic::UnsignedChar => (Helper::GetU8, "get_u8"),
            Basic::Short => (Helper::GetI16, "get_i16"),
            Basic::UnsignedShort => (Helper::GetU16, "get_u16"),
            _ => return None,
        };
        if helper != Helper::GetBool {
            self.refuse_reading();
        }
        self.0.insert(helper);
        Some(name)
    }

    /// Returns the text of all functions.
    pub fn text(&self) -> String {
        self.0.iter().map(|helper| format!("\n{}", helper.text())).collect()
    }
}

impl Helper {
    fn text(self) -> String {
        match self {
            Self::RefuseReading => REFUSE_READING.into(),
            Self::RefuseWriting => REFUSE_WRITING.into(),
            Self::GetBool => GET_BOOL.into(),
            Self::GetI8 => narrow("i8", "int8_t", "i32", "int32_t", "number < INT8_MIN || number > INT8_MAX"),
            Self::GetU8 => narrow("u8", "uint8_t", "u32", "uint32_t", "number > UINT8_MAX"),
            Self::GetI16 => narrow("i16", "int16_t", "i32", "int32_t", "number < INT16_MIN || number > INT16_MAX"),
            Self::GetU16 => narrow("u16", "uint16_t", "u32", "uint32_t", "number > UINT16_MAX"),
            Self::PutCount => PUT_COUNT.into(),
            Self::PutBytes => PUT_BYTES.into(),
            Self::GetBytes => GET_BYTES.into(),
            Self::GetText => GET_TEXT.into(),
            Self::Clear => CLEAR.into(),
        }
    }
}

/// A number that takes four bytes on the wire and fewer in memory.
fn narrow(name: &str, type_: &str, wide: &str, wide_type: &str, outside: &str) -> String {
    format!(
        "static void get_{name}(oncilla_reader *reader, {type_} *place)
{{
    {wide_type} number = 0;

    (void)oncilla_get_{wide}(reader, &number);
    if ({outside}) {{
        refuse_reading(reader, ONCILLA_MALFORMED);
        number = 0;
    }}
    *place = ({type_})number;
}}
"
    )
}

const REFUSE_READING: &str = "/* The first error stays in the reader. */
static void refuse_reading(oncilla_reader *reader, oncilla_status status)
{
    if (reader->status == ONCILLA_OK) {
        reader->status = status;
    }
}
";

const REFUSE_WRITING: &str = "/* The first error stays in the writer. */
static void refuse_writing(oncilla_writer *writer, oncilla_status status)
{
    if (writer->status == ONCILLA_OK) {
        writer->status = status;
    }
}
";

const GET_BOOL: &str = "static void get_bool(oncilla_reader *reader, bool *place)
{
    uint32_t number = 0;

    (void)oncilla_get_bool(reader, &number);
    *place = number != 0u;
}
";

const PUT_COUNT: &str = "static void put_count(oncilla_writer *writer, uint32_t count, uint32_t max)
{
    if (count > max) {
        refuse_writing(writer, ONCILLA_BOUND);
    }
    (void)oncilla_put_u32(writer, count);
}
";

const PUT_BYTES: &str =
    "static void put_bytes(oncilla_writer *writer, const uint8_t *bytes, uint32_t length, uint32_t max)
{
    if (length > max) {
        refuse_writing(writer, ONCILLA_BOUND);
    } else {
        (void)oncilla_put_opaque(writer, bytes, length);
    }
}
";

const GET_BYTES: &str =
    "static void get_bytes(oncilla_reader *reader, const uint8_t **bytes, uint32_t *length, uint32_t max)
{
    size_t size = 0;

    (void)oncilla_get_opaque(reader, bytes, &size, max);
    *length = (uint32_t)size;
}
";

const GET_TEXT: &str = "static void get_text(oncilla_reader *reader, const char **text, uint32_t *length, uint32_t max)
{
    const uint8_t *bytes = NULL;

    get_bytes(reader, &bytes, length, max);
    *text = (const char *)bytes;
}
";

/// Firmware may have no `string.h`.
const CLEAR: &str = "/* No byte of the stack is sent, whatever a function leaves out. */
static void clear(void *place, size_t size)
{
    uint8_t *bytes = (uint8_t *)place;
    size_t i;

    for (i = 0; i < size; i++) {
        bytes[i] = 0;
    }
}
";
