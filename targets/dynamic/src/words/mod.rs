//! Arguments from the words of a command line.

mod place;
mod word;

use serde_json::{Map, Value};

use crate::encode::{SHOWN_MAX, cut};
use crate::error::ValueError;
use crate::format::Bytes;
use crate::path::{self, Step};
use crate::procedure::Procedure;
use crate::schema::{Field, Kind};
use crate::similar::similar;
use place::Filler;

type Result<T> = std::result::Result<T, ValueError>;

impl Procedure<'_> {
    /// Returns arguments from words, as people type them after a command.
    ///
    /// They can be encoded without an error.
    ///
    /// | word | means |
    /// |---|---|
    /// | `3`, `0x1f`, `-1.5`, `true`, `STATUS_OK` | the next argument without a value, in the order of the file |
    /// | `channel=3` | the argument of this name |
    /// | `place.name=hall` | a field of a struct; after the dot of a union, a case: `shape.CIRCLE=4` |
    /// | `list[0]=3` | an element of an array or a list, counted from 0; elements are given in their order |
    /// | `'{"time": 1, "value": 2}'`, `'[1, 2]'` | a struct, an array or a union, as JSON |
    /// | `hall` | a text, as it is: without quotes, and with all characters that it has |
    /// | `00ff`, `0x00ff` | opaque data, in hexadecimal digits; as base64 with [`Bytes::Base64`] |
    /// | `null` | no value, for optional data |
    ///
    /// If the only argument is a struct, its fields may be given as if they were arguments. Later words replace earlier
    /// ones. A text that looks like `name=value` needs the name of its argument: `text=name=value`.
    ///
    /// ```
    /// use serde_json::json;
    ///
    /// let text = "struct point { int x; int y; }; typedef int ints<4>;
    ///             program P { version V { void P_MOVE(string name<8>, point to, ints path) = 1; } = 1; } = 0x20000042;";
    /// let interface = oncilla_dynamic::Interface::parse(text)?;
    /// let arguments = interface.procedure("move")?.arguments_from_words(&["rook", "to.x=1", "to.y=-2", "path[0]=7"])?;
    /// assert_eq!(arguments, json!({"name": "rook", "to": {"x": 1, "y": -2}, "path": [7]}));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A name is unknown, a word does not fit its type, or an argument has no value. The error has the path.
    pub fn arguments_from_words(&self, words: &[&str]) -> Result<Value> {
        let mut values = vec![None; self.data.arguments.len()];
        let mut nameless = Vec::new();
        for word in words {
            match place::split(word) {
                Some((steps, value)) if !self.is_base64(&steps, value) => self.named(&steps, value, &mut values)?,
                _ => nameless.push(*word),
            }
        }
        self.nameless(&nameless, &mut values)?;
        let named = self.data.arguments.iter().zip(values);
        let given = named.filter_map(|(argument, value)| Some((argument.name.clone(), value?)));
        let arguments = Value::Object(Map::from_iter(given));
        self.encode_arguments(&arguments)?;
        Ok(arguments)
    }

    /// Returns whether a word that looks like `name=` is padded base64: `AP8=`.
    fn is_base64(&self, steps: &[Step<'_>], value: &str) -> bool {
        let known = |fields: &[Field], name: &str| fields.iter().any(|field| field.name == name);
        let named = |name: &str| {
            known(&self.data.arguments, name) || self.only_struct().is_some_and(|fields| known(fields, name))
        };
        let base64 = self.interface.format.bytes == Bytes::Base64 && matches!(value, "" | "=");
        base64 && matches!(steps, [Step::Field(name)] if !named(name))
    }

    /// Sets the value at a path.
    fn named(&self, steps: &[Step<'_>], word: &str, values: &mut [Option<Value>]) -> Result<()> {
        let Some((Step::Field(name), rest)) = steps.split_first() else { return Ok(()) };
        let arguments = &self.data.arguments;
        let filler = Filler::new(self.interface, steps);
        if let Some(index) = arguments.iter().position(|argument| argument.name == *name) {
            let value = values[index].get_or_insert(Value::Null);
            return filler.set(arguments[index].id, value, rest, word);
        }
        match self.only_struct() {
            Some(fields) if fields.iter().any(|field| field.name == *name) => {
                filler.set(arguments[0].id, values[0].get_or_insert(Value::Null), steps, word)
            }
            fields => {
                let fields = fields.filter(|fields| !fields.is_empty()).unwrap_or(arguments);
                Err(unknown(name, fields))
            }
        }
    }

    /// Sets the values that have no name, in their order.
    fn nameless(&self, words: &[&str], values: &mut [Option<Value>]) -> Result<()> {
        let (arguments, mut left) = (&self.data.arguments, words.iter());
        let whole = words.first().is_some_and(|word| word.trim_start().starts_with('{'));
        let places: Vec<(Option<usize>, &Field)> = match self.only_struct() {
            // A struct as JSON is the argument itself.
            Some(fields) if !whole => fields.iter().enumerate().map(|(index, field)| (Some(index), field)).collect(),
            _ => arguments.iter().map(|argument| (None, argument)).collect(),
        };
        for (index, (field, place)) in places.iter().enumerate() {
            let taken = match field {
                Some(_) => values[0].as_ref().is_some_and(|value| value.get(&place.name).is_some()),
                None => values[index].is_some(),
            };
            if taken {
                continue;
            }
            let Some(word) = left.next() else { return Ok(()) };
            let step = [Step::Field(place.name.as_str().into())];
            let filler = Filler::new(self.interface, &step);
            match field {
                Some(_) => filler.set(arguments[0].id, values[0].get_or_insert(Value::Null), &step, word)?,
                None => filler.set(place.id, values[index].get_or_insert(Value::Null), &[], word)?,
            }
        }
        match left.next() {
            None => Ok(()),
            Some(word) => {
                let names: Vec<_> = places.iter().map(|(_, place)| place.name.as_str()).collect();
                let expected =
                    if names.is_empty() { "no arguments".into() } else { format!("only {}", names.join(", ")) };
                Err(error(&[], cut(&expected, 5 * SHOWN_MAX), format!("{:?} as well", cut(word, SHOWN_MAX))))
            }
        }
    }

    /// Returns the fields of the only argument, if it is a struct.
    fn only_struct(&self) -> Option<&[Field]> {
        match self.data.arguments.as_slice() {
            [argument] => match self.interface.schema.kind(argument.id) {
                Kind::Struct(fields) => Some(fields),
                _ => None,
            },
            _ => None,
        }
    }
}

fn error(steps: &[Step<'_>], expected: impl Into<String>, found: impl Into<String>) -> ValueError {
    let path = cut(&path::write(steps), 5 * SHOWN_MAX);
    ValueError { path, expected: expected.into(), found: found.into(), similar: None, offset: None }
}

/// The error for a name that no argument or field has.
fn unknown(name: &str, fields: &[Field]) -> ValueError {
    let names: Vec<_> = fields.iter().map(|field| field.name.as_str()).collect();
    let expected = if names.is_empty() { "no arguments".to_owned() } else { names.join(", ") };
    let mut error = error(&[], cut(&expected, 5 * SHOWN_MAX), format!("`{}`", cut(name, SHOWN_MAX)));
    error.similar = similar(name, names.into_iter());
    error
}
