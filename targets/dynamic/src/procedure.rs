//! Procedures: their arguments and results as JSON, and calls.

use oncilla::{Caller, ProcedureId};
use serde_json::Value;

use crate::decode::{Decoder, Whole};
use crate::encode::Encoder;
use crate::error::{CallError, ValueError};
use crate::interface::Interface;
use crate::lookup::Names;
use crate::path::Step;
use crate::schema::{Field, Id, Size, sum};
use crate::shape;
use crate::type_::Type;

/// The data of a procedure.
#[derive(Clone, Debug)]
pub(crate) struct Data {
    pub names: Names,
    pub id: ProcedureId,
    pub declaration: String,
    pub documentation: String,
    pub arguments: Vec<Field>,
    /// `None` is void.
    pub result: Option<Id>,
}

/// A procedure of an [`Interface`].
#[derive(Clone, Copy, Debug)]
pub struct Procedure<'i> {
    pub(crate) interface: &'i Interface,
    pub(crate) data: &'i Data,
}

impl<'i> Procedure<'i> {
    /// Returns the numbers of program, version and procedure.
    #[must_use]
    pub fn id(&self) -> ProcedureId {
        self.data.id
    }

    /// Returns the short name, such as `thermostat.read`.
    #[must_use]
    pub fn short_name(&self) -> &'i str {
        &self.data.names.short
    }

    /// Returns the names in the file: program, version, procedure.
    #[must_use]
    pub fn names(&self) -> [&'i str; 3] {
        let Names { program, version, procedure, .. } = &self.data.names;
        [program, version, procedure]
    }

    /// Returns the declaration, such as `reading THERMOSTAT_READ(unsigned int channel) = 1;`.
    #[must_use]
    pub fn declaration(&self) -> &'i str {
        &self.data.declaration
    }

    /// Returns the names of the arguments. An argument without a name in the file is `arg1`, `arg2` and so on.
    pub fn arguments(&self) -> impl Iterator<Item = &'i str> {
        self.data.arguments.iter().map(|argument| argument.name.as_str())
    }

    /// Returns the comment in the file, which may be empty.
    #[must_use]
    pub fn documentation(&self) -> &'i str {
        &self.data.documentation
    }

    /// Returns the arguments with their types.
    pub fn argument_fields(&self) -> impl Iterator<Item = shape::Field<'i>> + use<'i> {
        let Self { interface, data } = *self;
        data.arguments.iter().map(move |argument| shape::Field::new(interface, argument))
    }

    /// Returns the type of the results. `None` is void.
    #[must_use]
    pub fn result(&self) -> Option<Type<'i>> {
        self.data.result.map(|id| Type::new(self.interface, id))
    }

    /// Returns the least and the largest encoded size of all arguments.
    #[must_use]
    pub fn arguments_size(&self) -> Size {
        sum(&self.interface.sizes, &self.data.arguments)
    }

    /// Returns the least and the largest encoded size of the results.
    #[must_use]
    pub fn results_size(&self) -> Size {
        self.result().map_or(Size { min: 0, max: Some(0) }, |type_| type_.size())
    }

    /// Encodes arguments: an object with names, an array in order, or `null` for none.
    ///
    /// # Errors
    /// A value does not fit its type, an argument is missing, or a name is unknown.
    pub fn encode_arguments(&self, arguments: &Value) -> Result<Vec<u8>, ValueError> {
        let mut bytes = Vec::new();
        self.encode_arguments_into(arguments, &mut bytes)?;
        Ok(bytes)
    }

    /// Encodes arguments as [`encode_arguments`](Self::encode_arguments), and appends them to bytes.
    ///
    /// Programs with many calls can thus reuse memory.
    ///
    /// # Errors
    /// Those of `encode_arguments`. Nothing is appended then.
    pub fn encode_arguments_into(&self, arguments: &Value, bytes: &mut Vec<u8>) -> Result<(), ValueError> {
        let start = bytes.len();
        let mut encoder = Encoder::new(self.interface, std::mem::take(bytes));
        let done = self.put_arguments(arguments, &mut encoder);
        *bytes = encoder.finish();
        if done.is_err() {
            bytes.truncate(start);
        }
        done
    }

    fn put_arguments<'v>(&self, arguments: &'v Value, encoder: &mut Encoder<'v>) -> Result<(), ValueError>
    where
        'i: 'v,
    {
        let fields = &self.data.arguments;
        match arguments {
            Value::Null if fields.is_empty() => Ok(()),
            Value::Object(object) => encoder.fields(fields, object),
            Value::Array(values) if values.len() == fields.len() => fields
                .iter()
                .zip(values)
                .try_for_each(|(field, value)| encoder.part(Step::Field(field.name.as_str().into()), field.id, value)),
            other => {
                let names: Vec<_> = self.arguments().collect();
                let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
                Err(encoder.mismatch(format!("an object or an array with the arguments: {names}"), other))
            }
        }
    }

    /// Decodes arguments to an object with their names.
    ///
    /// # Errors
    /// The bytes are not the arguments of this procedure, or exceed a limit.
    pub fn decode_arguments(&self, bytes: &[u8]) -> Result<Value, ValueError> {
        Decoder::new(self.interface, bytes).whole(Whole::Fields(&self.data.arguments))
    }

    /// Encodes results. They are `null` for a procedure without results.
    ///
    /// # Errors
    /// The value does not fit the type.
    pub fn encode_results(&self, results: &Value) -> Result<Vec<u8>, ValueError> {
        let mut encoder = Encoder::new(self.interface, Vec::new());
        match self.data.result {
            Some(id) => encoder.value(id, results)?,
            None if results.is_null() => {}
            None => return Err(encoder.mismatch("null, since the procedure returns nothing", results)),
        }
        Ok(encoder.finish())
    }

    /// Decodes results.
    ///
    /// # Errors
    /// The bytes are not the results of this procedure, or exceed a limit.
    pub fn decode_results(&self, bytes: &[u8]) -> Result<Value, ValueError> {
        Decoder::new(self.interface, bytes).whole(Whole::Value(self.data.result))
    }

    /// Calls the procedure and waits for its results.
    ///
    /// # Errors
    /// [`CallError`], but not [`CallError::Name`].
    pub fn call<C: Caller>(&self, caller: &mut C, arguments: &Value) -> Result<Value, CallError<C::Error>> {
        let arguments = self.encode_arguments(arguments).map_err(CallError::Arguments)?;
        caller
            .call(self.id(), |writer| writer.append(&arguments), |results| Ok(self.decode_results(results)))
            .map_err(CallError::Call)?
            .map_err(CallError::Results)
    }

    /// Sends a call and does not wait for a reply, for one-way procedures.
    ///
    /// # Errors
    /// [`CallError`], but neither [`CallError::Name`] nor [`CallError::Results`].
    pub fn cast<C: Caller>(&self, caller: &mut C, arguments: &Value) -> Result<(), CallError<C::Error>> {
        let arguments = self.encode_arguments(arguments).map_err(CallError::Arguments)?;
        caller.cast(self.id(), |writer| writer.append(&arguments)).map_err(CallError::Call)
    }
}

impl Interface {
    /// Calls a procedure by its name and waits for its results. See [`procedure`](Self::procedure) for names, and
    /// [`Procedure::encode_arguments`] for arguments.
    ///
    /// # Errors
    /// [`CallError`].
    pub fn call<C: Caller>(&self, caller: &mut C, name: &str, arguments: &Value) -> Result<Value, CallError<C::Error>> {
        self.procedure(name).map_err(CallError::Name)?.call(caller, arguments)
    }
}
