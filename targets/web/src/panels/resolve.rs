//! Finds the procedures and fields of panels in an interface.

use oncilla_dynamic::{Interface, Procedure, Shape, Type};
use serde_json::{Map, Value, json};

use super::paths::{self, Step, list};
use super::{Kind, Panel, PanelError, Panels};

/// The shortest time between two calls, in seconds.
const EVERY_MIN: f64 = 0.1;

/// The longest.
const EVERY_MAX: f64 = 86_400.0;

impl Panels {
    /// Returns the panels for the page, with the numbers of procedures and the paths of fields in an interface.
    ///
    /// ```
    /// # #[cfg(feature = "panel-files")] {
    /// use oncilla_dynamic::Interface;
    /// use oncilla_web::panels::Panels;
    ///
    /// let interface = Interface::parse("program P { version V { int P_GET(void) = 1; } = 1; } = 0x20000042;").unwrap();
    /// let text = "[[panel]]\nkind = 'gauge'\nprocedure = 'p.get'\nlow = 0\nhigh = 10";
    /// let shown = Panels::parse("p.toml", text).unwrap().resolve(&interface).unwrap();
    /// assert_eq!((&shown[0]["title"], &shown[0]["read"]["procedure"]), (&"p.get".into(), &1.into()));
    /// # }
    /// ```
    ///
    /// # Errors
    /// A panel names something that the interface does not have, or lacks a key of its kind.
    pub fn resolve(&self, interface: &Interface) -> Result<Value, PanelError> {
        let resolved = self.panels.iter().map(|(line, panel)| {
            panel.resolve(interface).map_err(|what| {
                let title = panel.title.as_ref().map(|title| format!(" {title:?}")).unwrap_or_default();
                PanelError(format!("{}, line {line}: {}{title}: {what}", self.file, panel.kind))
            })
        });
        resolved.collect()
    }
}

/// A key of a panel, and whether it is there.
type Key = (&'static str, bool);

impl Panel {
    fn resolve(&self, interface: &Interface) -> Result<Value, String> {
        self.check_keys()?;
        let every = self.every.unwrap_or(1.0);
        if !(EVERY_MIN..=EVERY_MAX).contains(&every) {
            return Err(format!("`every` is from {EVERY_MIN} to {EVERY_MAX} seconds, not {every}"));
        }
        let scale = self.scale.unwrap_or(1.0);
        if !scale.is_finite() || scale == 0.0 {
            return Err(format!("`scale` is a finite number other than 0, not {scale}"));
        }
        let procedure = find(interface, &self.procedure)?;
        let mut shown = json!({
            "kind": self.kind.to_string(),
            "title": self.title.as_deref().unwrap_or(procedure.short_name()),
            "scale": scale,
            "unit": self.unit.as_deref().unwrap_or_default(),
            "every": (every * 1e3).round(),
        });
        match self.kind {
            Kind::Gauge => {
                shown["read"] = read(&procedure, &self.arguments, &[self.field.as_deref()], "a number", is_numeric)?;
                let (low, high) = self.limits()?;
                (shown["low"], shown["high"]) = (low.into(), high.into());
            }
            Kind::Plot => {
                let fields = self.fields.as_deref().unwrap_or_default();
                let fields: Vec<_> = fields.iter().map(|field| Some(&**field)).collect();
                let fields = if fields.is_empty() { &[None][..] } else { &fields };
                shown["read"] = read(&procedure, &self.arguments, fields, "a number", is_numeric)?;
            }
            Kind::Table => {
                let fields = [self.field.as_deref()];
                shown["read"] = read(&procedure, &self.arguments, &fields, "an array or a struct", is_table)?;
            }
            Kind::Switch => {
                shown["set"] = self.set(&procedure, "a bool or an integer", is_switched, &[json!(false), json!(0)])?;
                self.add_state(interface, &mut shown)?;
            }
            Kind::Slider => {
                let (low, high) = self.limits()?;
                let step = self.step.unwrap_or(1.0);
                if !(step > 0.0 && step <= high - low) {
                    return Err(format!("`step` is more than 0 and at most `high` - `low`, not {step}"));
                }
                // An integer has no parts: each value of the slider fits if these do.
                for value in [low, high, low + step] {
                    shown["set"] = self.set(&procedure, "a number", is_set, &[number(value)])?;
                }
                (shown["low"], shown["high"], shown["step"]) = (low.into(), high.into(), step.into());
                self.add_state(interface, &mut shown)?;
            }
        }
        Ok(shown)
    }

    /// Checks that the keys are those of the kind.
    fn check_keys(&self) -> Result<(), String> {
        let allowed: &[&str] = match self.kind {
            Kind::Gauge => &["field", "low", "high", "scale", "unit", "every"],
            Kind::Plot => &["fields", "scale", "unit", "every"],
            Kind::Table => &["field", "every"],
            Kind::Switch => &["argument", "state", "every"],
            Kind::Slider => &["argument", "state", "low", "high", "step", "scale", "unit", "every"],
        };
        let given: [Key; 9] = [
            ("field", self.field.is_some()),
            ("fields", self.fields.is_some()),
            ("argument", self.argument.is_some()),
            ("state", self.state.is_some()),
            ("low", self.low.is_some()),
            ("high", self.high.is_some()),
            ("step", self.step.is_some()),
            ("scale", self.scale.is_some()),
            ("unit", self.unit.is_some()),
        ];
        match given.iter().find(|(key, is_given)| *is_given && !allowed.contains(key)) {
            Some((key, _)) => Err(format!(
                "a {} has no `{key}`; besides `title`, `procedure` and `arguments` it has {}",
                self.kind,
                list(allowed)
            )),
            None => Ok(()),
        }
    }

    fn limits(&self) -> Result<(f64, f64), String> {
        match (self.low, self.high) {
            (Some(low), Some(high)) if low < high && low.is_finite() && high.is_finite() => Ok((low, high)),
            (Some(low), Some(high)) => Err(format!("`low` is less than `high`, but {low} is not less than {high}")),
            _ => Err(format!("a {} needs `low` and `high`", self.kind)),
        }
    }

    /// Returns the call that sets a value. One of the samples must fit the argument.
    fn set(
        &self,
        procedure: &Procedure<'_>,
        what: &str,
        fits: fn(&Shape<'_>) -> bool,
        samples: &[Value],
    ) -> Result<Value, String> {
        let names: Vec<_> = procedure.argument_fields().map(|field| field.name).collect();
        let name = procedure.short_name();
        let argument = match (&self.argument, &*names) {
            (Some(argument), _) => argument.as_str(),
            (None, [only]) => only,
            _ => return Err(format!("`argument` is missing: the one of {name} that is set, of {}", list(&names))),
        };
        let steps = paths::parse(argument)?;
        let (first, rest) = match steps.split_first() {
            Some((Step::Name(first), rest)) => (first, rest),
            _ => return Err(format!("`argument` begins with the name of an argument of {name}: {}", list(&names))),
        };
        let field = procedure.argument_fields().find(|field| field.name == *first);
        let field = field.ok_or_else(|| format!("{name} has no argument `{first}`; it has {}", list(&names)))?;
        let type_ = paths::follow(field.type_, rest)?;
        if !fits(&type_.shape()) {
            return Err(format!("`{argument}` is `{type_}`, and a {} sets {what}", self.kind));
        }
        let is_bool = matches!(type_.shape(), Shape::Bool);
        let mut failed = String::new();
        for sample in samples {
            let mut arguments = Value::Object(self.arguments.clone());
            put(&mut arguments, &steps, sample)?;
            match procedure.encode_arguments(&arguments) {
                Ok(_) => {
                    let mut set = call(procedure, &self.arguments);
                    (set["argument"], set["bool"]) = (path(&steps), is_bool.into());
                    return Ok(set);
                }
                Err(error) => failed = error.to_string(),
            }
        }
        Err(format!("the arguments of {name} do not fit: {failed}"))
    }

    /// Adds the call that reads the present value, if there is one.
    fn add_state(&self, interface: &Interface, shown: &mut Value) -> Result<(), String> {
        if let Some(state) = &self.state {
            let procedure = find(interface, &state.procedure)?;
            shown["read"] = read(&procedure, &state.arguments, &[state.field.as_deref()], "a number", is_numeric)?;
        }
        Ok(())
    }
}

fn find<'i>(interface: &'i Interface, name: &str) -> Result<Procedure<'i>, String> {
    interface.procedure(name).map_err(|error| error.to_string())
}

/// Returns the call that reads fields of a result.
fn read(
    procedure: &Procedure<'_>,
    arguments: &Map<String, Value>,
    fields: &[Option<&str>],
    what: &str,
    fits: fn(&Shape<'_>) -> bool,
) -> Result<Value, String> {
    let name = procedure.short_name();
    let encoded = procedure.encode_arguments(&Value::Object(arguments.clone()));
    encoded.map_err(|error| format!("the `arguments` of {name} do not fit: {error}"))?;
    let result = procedure.result().ok_or_else(|| format!("{name} has no result to show"))?;
    let mut found = Vec::new();
    for field in fields {
        let steps = paths::parse(field.unwrap_or_default())?;
        let type_ = paths::follow(result, &steps)?;
        if !fits(&type_.shape()) {
            let named = field.map_or_else(|| format!("the result of {name}"), |field| format!("`{field}`"));
            return Err(format!("{named} is `{type_}` and not {what}{}", inside(type_)));
        }
        found.push(path(&steps));
    }
    let mut read = call(procedure, arguments);
    read["paths"] = found.into();
    Ok(read)
}

/// Names the parts of a type, for an error.
fn inside(type_: Type<'_>) -> String {
    let names: Vec<String> = match type_.shape() {
        Shape::Struct(fields) => fields.iter().map(|field| field.name.to_owned()).collect(),
        Shape::Union { cases, default, .. } => {
            cases.iter().chain(&default).filter(|case| case.body.is_some()).map(|case| case.name.clone()).collect()
        }
        _ => return String::new(),
    };
    format!("; name a part: {}", list(&names.iter().map(String::as_str).collect::<Vec<_>>()))
}

fn call(procedure: &Procedure<'_>, arguments: &Map<String, Value>) -> Value {
    let id = procedure.id();
    json!({
        "name": procedure.short_name(),
        "program": id.program,
        "version": id.version,
        "procedure": id.procedure,
        "arguments": arguments,
    })
}

fn path(steps: &[Step]) -> Value {
    steps.iter().map(Step::json).collect()
}

/// Puts a value into arguments at a path.
fn put(arguments: &mut Value, steps: &[Step], value: &Value) -> Result<(), String> {
    let mut place = arguments;
    for step in steps {
        place = match step {
            Step::Name(name) => {
                let object = if place.is_null() { json!({}) } else { place.take() };
                *place = object;
                let object = place.as_object_mut().ok_or_else(|| format!("`arguments` has a value before `{name}`"))?;
                object.entry(name.clone()).or_insert(Value::Null)
            }
            Step::Place(at) => {
                let missing = || format!("`arguments` has no place [{at}]; give the whole array there");
                place.get_mut(*at).ok_or_else(missing)?
            }
        };
    }
    *place = value.clone();
    Ok(())
}

/// Returns a number as JSON: an integer where it is one.
fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 9e15 { json!(value as i64) } else { json!(value) }
}

const fn is_numeric(shape: &Shape<'_>) -> bool {
    matches!(shape, Shape::Bool | Shape::Integer { .. } | Shape::Float | Shape::Double)
}

const fn is_table(shape: &Shape<'_>) -> bool {
    matches!(shape, Shape::Array { .. } | Shape::List { .. } | Shape::Struct(_))
}

const fn is_switched(shape: &Shape<'_>) -> bool {
    matches!(shape, Shape::Bool | Shape::Integer { .. })
}

const fn is_set(shape: &Shape<'_>) -> bool {
    matches!(shape, Shape::Integer { .. } | Shape::Float | Shape::Double)
}
