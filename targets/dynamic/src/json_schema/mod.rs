//! JSON Schema of types, arguments and results.

mod parts;

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use crate::interface::Interface;
use crate::procedure::Procedure;
use crate::schema::{Field, Id, Kind, Union};
use crate::type_::Type;

/// The dialect of the schemas.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// A number as the name of a case.
const NUMBER: &str = "^-?[0-9]+$";

impl Procedure<'_> {
    /// Returns a JSON Schema (draft 2020-12) of the arguments, as an object with their names.
    ///
    /// It is for forms, editors and programs that make calls. Named types are in `$defs`, and comments of the file are
    /// descriptions. What the schema accepts may still be refused: the bound of a text counts bytes, and a schema counts
    /// characters. Values that decode are valid. Of the other forms that are encoded, the array of all arguments and
    /// numbers instead of the names of cases are not.
    ///
    /// ```
    /// use serde_json::json;
    ///
    /// let text = "program P { version V { void P_NAME(unsigned int channel, string name<16>) = 1; } = 1; } = 0x20000042;";
    /// let schema = oncilla_dynamic::Interface::parse(text)?.procedure("name")?.arguments_schema();
    /// assert_eq!(schema["required"], json!(["channel", "name"]));
    /// assert_eq!(schema["properties"]["channel"], json!({"type": "integer", "minimum": 0, "maximum": 4294967295_u32}));
    /// assert_eq!(schema["properties"]["name"], json!({"type": "string", "maxLength": 16}));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn arguments_schema(&self) -> Value {
        let mut writer = Writer::new(self.interface);
        let schema = writer.fields(&self.data.arguments);
        self.document(writer, schema)
    }

    /// Returns a JSON Schema (draft 2020-12) of the results. See [`arguments_schema`](Self::arguments_schema).
    #[must_use]
    pub fn results_schema(&self) -> Value {
        let mut writer = Writer::new(self.interface);
        let schema = self.data.result.map_or_else(|| json!({"type": "null"}), |id| writer.part(id));
        self.document(writer, schema)
    }

    fn document(&self, writer: Writer<'_>, mut schema: Value) -> Value {
        schema["title"] = self.short_name().into();
        describe(&mut schema, self.documentation());
        writer.document(schema)
    }
}

impl Type<'_> {
    /// Returns a JSON Schema (draft 2020-12) of the type. See [`Procedure::arguments_schema`].
    #[must_use]
    pub fn json_schema(&self) -> Value {
        let mut writer = Writer::new(self.interface);
        let schema = writer.part(self.id);
        writer.document(schema)
    }
}

/// Writes schemas, and records the types that they refer to.
struct Writer<'i> {
    interface: &'i Interface,
    seen: HashSet<Id>,
    waiting: Vec<Id>,
}

impl<'i> Writer<'i> {
    fn new(interface: &'i Interface) -> Self {
        Self { interface, seen: HashSet::new(), waiting: Vec::new() }
    }

    /// Adds the dialect, and the definitions of all types that the schema refers to.
    fn document(mut self, mut schema: Value) -> Value {
        let mut definitions = Map::new();
        while let Some(id) = self.waiting.pop() {
            let mut definition = self.whole(id);
            describe(&mut definition, self.interface.schema.documentation(id));
            definitions.insert(self.interface.schema.name(id).unwrap_or_default().to_owned(), definition);
        }
        if !definitions.is_empty() {
            schema["$defs"] = definitions.into();
        }
        schema["$schema"] = DIALECT.into();
        schema
    }

    /// Returns a reference to a named type, or the schema of another one.
    fn part(&mut self, id: Id) -> Value {
        let Some(name) = self.interface.schema.name(id) else { return self.whole(id) };
        if self.seen.insert(id) {
            self.waiting.push(id);
        }
        json!({ "$ref": format!("#/$defs/{name}") })
    }

    fn whole(&mut self, id: Id) -> Value {
        let (schema, format) = (&self.interface.schema, self.interface.format);
        match schema.kind(id) {
            Kind::Bool => json!({"type": "boolean"}),
            Kind::Integer(integer) => parts::integer(*integer),
            Kind::Float => parts::float(),
            Kind::Double => parts::double(),
            Kind::Text(bound) => parts::text(*bound, format.texts),
            Kind::Opaque(count) => parts::opaque(*count, format.bytes),
            Kind::Array(id, count) => {
                let items = self.part(*id);
                parts::counted(json!({"type": "array", "items": items}), "minItems", "maxItems", *count)
            }
            Kind::Optional(id) if schema.has_null(*id) => {
                json!({"type": "array", "items": self.part(*id), "maxItems": 1})
            }
            Kind::Optional(id) => json!({"anyOf": [{"type": "null"}, self.part(*id)]}),
            Kind::Enum(members) => parts::members(members),
            Kind::Struct(fields) => self.fields(fields),
            Kind::List { node, optional: true } => json!({"type": "array", "items": self.part(*node)}),
            Kind::List { node, optional: false } => {
                json!({"type": "array", "items": self.part(*node), "minItems": 1})
            }
            Kind::Union(union) => self.union(union),
        }
    }

    fn fields(&mut self, fields: &[Field]) -> Value {
        let mut properties = Map::new();
        for field in fields {
            let mut property = self.part(field.id);
            describe(&mut property, &field.documentation);
            properties.insert(field.name.clone(), property);
        }
        let required = fields.iter().filter(|field| !self.interface.schema.may_be_left_out(field.id));
        let required: Vec<_> = required.map(|field| field.name.as_str()).collect();
        json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
    }

    /// Returns the schema of a union: an object with one case, or a void case's name.
    fn union(&mut self, union: &Union) -> Value {
        let schema = &self.interface.schema;
        let mut cases: Vec<_> = union.cases().iter().map(|case| (case.number, &case.arm)).collect();
        let (mut any_number, mut names) = (None, Vec::new());
        match (schema.kind(union.discriminant), &union.default) {
            (Kind::Bool, Some(arm)) => {
                cases.extend([(0, arm), (1, arm)].into_iter().filter(|(number, _)| !union.lists(*number)));
            }
            (Kind::Enum(members), Some(arm)) => {
                let others = members.members().iter().map(|member| i128::from(member.number));
                cases.extend(others.filter(|number| !union.lists(*number)).map(|number| (number, arm)));
                any_number = Some(arm);
            }
            (_, default) => any_number = default.as_ref(),
        }
        let (mut properties, mut described) = (Map::new(), None);
        for (number, arm) in cases {
            let mut body = arm.body.map_or_else(|| json!({"type": "null"}), |id| self.part(id));
            // Cases may share a long comment. The first has it.
            if described.is_none_or(|before| !std::ptr::eq(before, &*arm.documentation)) {
                describe(&mut body, &arm.documentation);
                described = Some(&*arm.documentation);
            }
            let name = union.case_name(schema, number).into_owned();
            if arm.body.is_none() {
                names.push(name.clone());
            }
            properties.insert(name, body);
        }
        let mut object = json!({
            "type": "object", "properties": properties, "additionalProperties": false, "minProperties": 1,
            "maxProperties": 1,
        });
        let mut forms = Vec::new();
        if let Some(arm) = any_number {
            let body = arm.body.map_or_else(|| json!({"type": "null"}), |id| self.part(id));
            // A number that is a case has that arm.
            let others = json!({"not": {"enum": properties_of(&object)}});
            object = json!({"anyOf": [object, {
                "type": "object", "patternProperties": {NUMBER: body}, "propertyNames": others,
                "additionalProperties": false, "minProperties": 1, "maxProperties": 1,
            }]});
            if arm.body.is_none() {
                forms.push(json!({"type": "string", "pattern": NUMBER}));
            }
        }
        if !names.is_empty() {
            forms.push(json!({ "enum": names }));
        }
        if forms.is_empty() {
            return object;
        }
        forms.insert(0, object);
        json!({ "anyOf": forms })
    }
}

fn properties_of(object: &Value) -> Vec<String> {
    object["properties"].as_object().map(|properties| properties.keys().cloned().collect()).unwrap_or_default()
}

/// Adds a description, unless it is empty.
fn describe(schema: &mut Value, text: &str) {
    if !text.is_empty() {
        schema["description"] = text.into();
    }
}
